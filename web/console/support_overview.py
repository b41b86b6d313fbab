"""What the pages of support partners show: cards per service, contracts, and partners to choose from."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise

from accounts.models import Customer, Reseller
from accounts.names import sort_key, storable
from accounts.organisations import SORT_NAME_MAX_LENGTH
from accounts.permissions import Permission
from subscriptions.access.effective import in_force, stands_open
from subscriptions.models.grant import SOLD
from support.assignments import assignments_of, is_live
from support.models import SupportAssignment
from support.models.partner import AssignmentStatus, Service
from support.partners import MAILS_AT_MOST

# Partners that one search shows; more is a reason to type more of the name.
PARTNERS_SHOWN = 20
SEARCH_MIN_LENGTH = 2


@dataclass(frozen=True, slots=True)
class Card:
    """One service with its partner.

    live: the request or relation there is; latest: how the one before ended; others: what else the partner serves.
    """

    service: Service
    live: SupportAssignment | None
    latest: SupportAssignment | None
    others: list[str]

    @property
    def latest_word(self) -> Promise | str:
        return word_of(self.latest) if self.latest else ""

    @property
    def may_resend(self) -> bool:
        return self.live is not None and self.live.mails_sent < MAILS_AT_MOST


def word_of(assignment: SupportAssignment) -> Promise | str:
    """Return the state of an assignment as the clock has it (S8); needs `assignments_of`."""
    # An annotation of the query.
    return AssignmentStatus(assignment.status_now).label  # type: ignore[attr-defined]


def cards_of(customer: Customer) -> list[Card]:
    """Return one card for each service, in two queries (S1, S2)."""
    assignments = assignments_of(customer)
    live = {a.service: a for a in assignments.filter(is_live())}
    over = assignments.exclude(is_live()).order_by("service", "-id").distinct("service")
    ended = {a.service: a for a in over}
    return [
        Card(service, live.get(service), ended.get(service), _others(live.get(service), live)) for service in Service
    ]


def _others(assignment: SupportAssignment | None, live: dict[str, SupportAssignment]) -> list[str]:
    """Name the other services that the same partner serves."""
    if assignment is None:
        return []
    return [
        str(Service(service).label)
        for service, other in live.items()
        if other.reseller_id == assignment.reseller_id and service != assignment.service
    ]


def contracts_of(customer: Customer) -> QuerySet[SupportAssignment]:
    """Return the contracts of a customer that has moved, one by one, with requests that are still open (S9)."""
    return assignments_of(customer).filter(is_live())


def partners_with_console(customer: Customer) -> QuerySet[Reseller]:
    """Return the resellers with console access by what they sold: they have support without any assignment (S5).

    Not those to which cases are open only when needed (R20).
    """
    return Reseller.objects.filter(
        in_force("access_grants__"),
        stands_open(Permission.VIEW_CASES, "access_grants__"),
        suspended_at=None,
        access_grants__customer=customer,
        access_grants__subscription=None,
        access_grants__ended_at=None,
        access_grants__basis__in=SOLD,
    ).order_by("sort_name", "pk")


def search_partners(text: str) -> list[Reseller]:
    """Return the partners with this in their name, in any case, with or without accents."""
    key = sort_key(storable(text))[:SORT_NAME_MAX_LENGTH]
    if len(key) < SEARCH_MIN_LENGTH:
        return []
    found = Reseller.objects.filter(sort_name__contains=key, suspended_at=None)
    return list(found.order_by("sort_name", "pk")[:PARTNERS_SHOWN])


def find_partner(public_id: str) -> Reseller | None:
    """Return the partner with this identifier, if it can take on support."""
    return Reseller.objects.filter(public_id=storable(public_id), suspended_at=None).first()
