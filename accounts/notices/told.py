"""What the table of notices is made of: who is told, in which words, and where that leads (R25).

Whom an audience names is SQL, in the package that knows them (settings.NOTICE_AUDIENCES).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise

from accounts.models.notices import Topic


class Audience(StrEnum):
    """Those who are told of an event; its actor never is."""

    # Of the customer in whose console it happened. The second: unless the system did it by itself.
    SUPER_ADMINS = "super_admins"
    SUPER_ADMINS_OF_A_DEED = "super_admins_of_a_deed"
    SUPER_ADMINS_OF_A_RESELLERS_DEED = "super_admins_of_a_resellers_deed"
    SUPER_ADMINS_OF_A_SUPER_ADMIN = "super_admins_of_a_super_admin"
    SUPER_ADMINS_OF_LATE = "super_admins_of_late"
    SUPER_ADMINS_OF_ITS_CUSTOMERS = "super_admins_of_its_customers"
    SUPPORT_MANAGERS = "support_managers"
    # To whom it happened: by the address that an event is about, or that it names.
    PERSON = "person"
    # Who allowed an application to act for them. The first: where one of its keys was used by two.
    ALLOWER_OF_A_COPY = "allower_of_a_copy"
    ALLOWER = "allower"
    AGENT = "agent"
    ASSIGNED_AGENTS = "assigned_agents"
    UNASSIGNED_AGENTS = "unassigned_agents"
    AGENTS_FOR_ALL = "agents_for_all"
    # Of a reseller.
    COLLEAGUE_ADMINS = "colleague_admins"
    RESELLER_OF_A_CONSOLE = "reseller_of_a_console"
    RESELLER_OF_A_SUBSCRIPTION = "reseller_of_a_subscription"
    ASKER = "asker"
    ADMINS_OF_THE_ASKER = "admins_of_the_asker"
    # Of an activation: who may approve it, and who asked.
    APPROVING_SUPER_ADMINS = "approving_super_admins"
    APPROVING_COLLEAGUES = "approving_colleagues"
    # Of a support contract or case.
    VERIFIER = "verifier"
    REQUESTER = "requester"
    PARTNER = "partner"
    PARTNER_OF_A_CASE = "partner_of_a_case"
    ASSIGNEE_AT_PARTNER = "assignee_at_partner"
    # Of what ends soon.
    REMINDED_SUPER_ADMINS = "reminded_super_admins"
    REMINDED_RESELLER = "reminded_reseller"
    # Of a review whose deadline is near.
    REVIEWING_SUPER_ADMINS = "reviewing_super_admins"
    REVIEWING_RESELLER_ADMINS = "reviewing_reseller_admins"
    # Of a person who is not a customer's: the admins of their reseller, or the vendor's operators.
    ADMINS_BESIDE_A_PERSON = "admins_beside_a_person"
    # Of the vendor.
    OPERATORS = "operators"
    OPERATORS_OF_A_FAILURE = "operators_of_a_failure"


@dataclass(frozen=True, slots=True)
class Told:
    """One group that hears of an event. Who is in several of them hears by the first.

    says: the sentence, with %(subject)s, %(customer)s, %(role)s, %(number)s; otherwise: the one where access is taken.
    page: the name of the URL that it leads to; page_otherwise: likewise.
    mails: False where a mail of its own goes to them already. names_actor: whether they may know who did it.
    topic: where it is another one than that of the event.
    """

    audience: Audience
    says: Promise
    page: str
    otherwise: Promise | None = None
    page_otherwise: str = ""
    mails: bool = True
    names_actor: bool = True
    topic: Topic | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What an event makes: of which topic, and for whom."""

    topic: Topic
    told: tuple[Told, ...]
