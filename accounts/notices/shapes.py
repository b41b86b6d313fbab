"""What notices have in common: who is told together, and which page a notice leads to (R25)."""

from __future__ import annotations

from django.utils.functional import Promise

from accounts.models.notices import Topic
from accounts.notices.told import Audience, Notice, Told

ACCESS, CUSTOMER, CUSTOMERS, TRANSFER = "reseller_access", "reseller_customer", "reseller_customers", "transfer"
OUTSIDE, ACTIVATIONS, PARTNERS = "outside_access", "activations", "support_partners"
# Pages of one object, which the row or the visit of the event names.
REQUEST, VISIT, SUBSCRIPTION = "access_request", "outside_visit", "subscription"
REVIEWS, STAFFING_REVIEWS = "access_reviews", "staffing_reviews"
PROPOSAL = "proposal"


def access(*told: Told) -> Notice:
    return Notice(Topic.ACCESS, told)


def admins(says: Promise, page: str = ACCESS, otherwise: Promise | None = None, *, mails: bool = True) -> Told:
    return Told(Audience.SUPER_ADMINS, says, page, otherwise, mails=mails)


def deed(says: Promise, otherwise: Promise | None = None, page: str = ACCESS) -> Told:
    return Told(Audience.SUPER_ADMINS_OF_A_DEED, says, page, otherwise)


def reseller(console: tuple[Promise, Promise], subscription: tuple[Promise, Promise]) -> tuple[Told, ...]:
    """R5: a reseller's people hear whether they have access, never who decided it."""
    return tuple(
        Told(audience, says, CUSTOMER, otherwise, CUSTOMERS, names_actor=False)
        for audience, (says, otherwise) in (
            (Audience.RESELLER_OF_A_CONSOLE, console),
            (Audience.RESELLER_OF_A_SUBSCRIPTION, subscription),
        )
    )


def asker(says: Promise) -> tuple[Told, ...]:
    return (
        Told(Audience.ASKER, says, CUSTOMER, mails=False, names_actor=False),
        Told(Audience.ADMINS_OF_THE_ASKER, says, CUSTOMER, names_actor=False),
    )


def agent(says: Promise) -> Told:
    return Told(Audience.AGENT, says, CUSTOMER, names_actor=False)


def its_customers(says: Promise) -> Notice:
    return access(Told(Audience.SUPER_ADMINS_OF_ITS_CUSTOMERS, says, ACCESS, names_actor=False))


def super_admin(says: Promise, *more: Told) -> Notice:
    return Notice(Topic.ADMINS, (*more, Told(Audience.SUPER_ADMINS_OF_A_SUPER_ADMIN, says, "admin_roles")))


def person(says: Promise, *, names_actor: bool = True) -> Told:
    return Told(Audience.PERSON, says, "home", names_actor=names_actor, topic=Topic.ACCOUNT)


def factor_reset(says: Promise, to_the_person: Promise) -> Notice:
    """P12: the person, whose mail of its own goes out at once, and the admins of their organisation."""
    return access(
        Told(Audience.PERSON, to_the_person, "second_factor", mails=False, topic=Topic.ACCOUNT),
        admins(says, "users"),
        Told(Audience.ADMINS_BESIDE_A_PERSON, says, "home"),
    )


def ordered(says: Promise, *more: Told) -> Notice:
    told = Told(Audience.SUPER_ADMINS_OF_A_RESELLERS_DEED, says, SUBSCRIPTION)
    return Notice(Topic.SUBSCRIPTIONS, (told, *more))


def support(says: Promise, *more: Told) -> Notice:
    return Notice(Topic.SUPPORT, (*more, Told(Audience.SUPPORT_MANAGERS, says, PARTNERS)))


def answered(says: Promise) -> Notice:
    """A mail of its own goes to who asked the partner."""
    return support(says, Told(Audience.REQUESTER, says, PARTNERS, mails=False))


def of_partner(audience: Audience, says: Promise, *, mails: bool = True) -> Told:
    return Told(audience, says, "reseller_support", mails=mails, names_actor=False)


def moves(says: Promise) -> Notice:
    return Notice(Topic.SUPPORT, (Told(Audience.SUPER_ADMINS, says, PARTNERS, mails=False),))


def reminder(audience: Audience, says: Promise, page: str, topic: Topic | None = None) -> Told:
    return Told(audience, says, page, names_actor=False, topic=topic)


def review(of_access: Promise, of_staffing: Promise) -> Notice:
    """R22: of a customer its super admins, of a reseller its admins; an event is of one of the two."""
    staffing = Told(Audience.COLLEAGUE_ADMINS, of_staffing, STAFFING_REVIEWS, topic=Topic.WORK)
    return access(admins(of_access, REVIEWS), staffing)


def domain(says: Promise, *more: Told) -> Notice:
    """P9: of a customer its super admins, of a reseller its admins; an event is of one of the two."""
    at_resellers = Told(Audience.COLLEAGUE_ADMINS, says, "reseller_domains", topic=Topic.ACCOUNT)
    return Notice(Topic.ADMINS, (admins(says, "domains"), at_resellers, *more))


def provisioning(says: Promise) -> Notice:
    """P15: the same for the tokens of its identity provider."""
    at_resellers = Told(Audience.COLLEAGUE_ADMINS, says, "reseller_provisioning", topic=Topic.ACCOUNT)
    return Notice(Topic.ADMINS, (admins(says, "provisioning"), at_resellers))


def webhook(says: Promise) -> Notice:
    """X6: of a customer its super admins, of a reseller its admins."""
    at_resellers = Told(Audience.COLLEAGUE_ADMINS, says, "reseller_webhooks", topic=Topic.ACCOUNT)
    return Notice(Topic.ADMINS, (admins(says, "webhooks"), at_resellers))


def applications(says: Promise) -> Notice:
    """X7: the same for its applications."""
    at_resellers = Told(Audience.COLLEAGUE_ADMINS, says, "reseller_applications", topic=Topic.ACCOUNT)
    return Notice(Topic.ADMINS, (admins(says, "applications"), at_resellers))


def consent(says: Promise, of_a_copy: Promise) -> Notice:
    """X7: who had allowed an application; what they end themselves they know."""
    own = "own_applications"
    return Notice(Topic.ACCOUNT, (Told(Audience.ALLOWER_OF_A_COPY, of_a_copy, own), Told(Audience.ALLOWER, says, own)))


def machines(says: Promise) -> Notice:
    """X2: the same for its service accounts."""
    at_resellers = Told(Audience.COLLEAGUE_ADMINS, says, "reseller_service_accounts", topic=Topic.ACCOUNT)
    return Notice(Topic.ADMINS, (admins(says, "service_accounts"), at_resellers))


def sign_in(says: Promise) -> Notice:
    """P15: of a customer its super admins, of a reseller its admins."""
    at_resellers = Told(Audience.COLLEAGUE_ADMINS, says, "reseller_single_sign_on", topic=Topic.ACCOUNT)
    return Notice(Topic.ADMINS, (admins(says, "single_sign_on"), at_resellers))


def work(audience: Audience, says: Promise) -> Notice:
    return Notice(Topic.WORK, (Told(audience, says, CUSTOMERS),))
