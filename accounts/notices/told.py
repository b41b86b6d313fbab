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
    SUPER_ADMINS_OF_ITS_CUSTOMERS = "super_admins_of_its_customers"
    SUPPORT_MANAGERS = "support_managers"
    # To whom it happened: by the address that an event is about, or that it names.
    PERSON = "person"
    AGENT = "agent"
    ASSIGNED_AGENTS = "assigned_agents"
    UNASSIGNED_AGENTS = "unassigned_agents"
    # Of a reseller.
    COLLEAGUE_ADMINS = "colleague_admins"
    RESELLER_OF_A_CONSOLE = "reseller_of_a_console"
    RESELLER_OF_A_SUBSCRIPTION = "reseller_of_a_subscription"
    ASKER = "asker"
    ADMINS_OF_THE_ASKER = "admins_of_the_asker"
    # Of a support contract or case.
    VERIFIER = "verifier"
    REQUESTER = "requester"
    PARTNER = "partner"
    PARTNER_OF_A_CASE = "partner_of_a_case"
    # Of what ends soon.
    REMINDED_SUPER_ADMINS = "reminded_super_admins"
    REMINDED_RESELLER = "reminded_reseller"
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
