"""Who from outside has access to a customer's console now, through what, and whether it is used (R1, R3, S6, R15)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max

from accounts.console_sessions.inside import lasting
from accounts.models import ConsoleSession, Customer, Reseller
from accounts.permissions import Permission
from subscriptions.access.box import Box, BoxStatus
from subscriptions.access.overview import Overview, Section, overview_of
from support.assignments import assignments_of, is_live
from support.models import SupportAssignment
from support.models.partner import AssignmentStatus

PARTNER_PERMISSIONS = frozenset({Permission.MANAGE_SUPPORT_PARTNERS, Permission.VIEW_SUPPORT_CONTRACTS})
# What a box says while it gives nothing and nothing is on its way.
NOTHING = (BoxStatus.NEVER, BoxStatus.CLOSED)


@dataclass(frozen=True, slots=True)
class Use:
    """When a person of an organisation was last in the console, and in how many browsers someone is in it now."""

    last: datetime
    inside: int


@dataclass
class Outsider:
    """An organisation that works, or may come to work, in this console.

    section: its reseller access, for whom that page is open. services: its active support assignments, likewise.
    use: None where nobody of it ever entered.
    """

    reseller: Reseller
    section: Section | None = None
    services: list[SupportAssignment] = field(default_factory=list)
    use: Use | None = None

    @property
    def opened(self) -> list[Box]:
        """The subscriptions bought from the vendor that are, or will be, open to it (R3)."""
        return [box for box in self.section.boxes if box.status not in NOTHING] if self.section else []

    @property
    def enters(self) -> bool:
        """Whether its people can enter the console at all, now or later: not for cases only (S6)."""
        return self.section is not None or any(service.in_care_portal for service in self.services)


@dataclass
class Outside:
    """Everybody from outside, and what is on its way: changes of access (R7) and requests to partners (S4).

    overview: the boxes of *Reseller access*, for whom that page is open.
    """

    outsiders: list[Outsider]
    moving: list[Box]
    requests: list[SupportAssignment]
    overview: Overview | None


def outside_of(customer: Customer, permissions: Iterable[Permission]) -> Outside:
    """Read who has access besides the customer's own people, each part for whom these permissions open it."""
    held = frozenset(permissions)
    overview = overview_of(customer) if Permission.VIEW_RESELLER_ACCESS in held else None
    live = list(assignments_of(customer).filter(is_live())) if held & PARTNER_PERMISSIONS else []
    found = {
        section.reseller.pk: Outsider(section.reseller, section) for section in (overview.sections if overview else [])
    }
    for assignment in live:
        if assignment.status == AssignmentStatus.ACTIVE:
            outsider = found.setdefault(assignment.reseller_id, Outsider(assignment.reseller))
            outsider.services.append(assignment)
    if Permission.VIEW_CONSOLE_SESSIONS in held:
        for reseller_id, use in _uses(customer).items():
            if reseller_id in found:
                found[reseller_id].use = use
    return Outside(
        list(found.values()),
        [box for box in overview.boxes.values() if box.is_moving] if overview else [],
        [assignment for assignment in live if assignment.status == AssignmentStatus.PENDING],
        overview,
    )


def _uses(customer: Customer) -> dict[int, Use]:
    """Return for each organisation when it was last in the console, and how many are in it now (R8, R15)."""
    inside = Counter(session.reseller_id for session in lasting(customer))
    last_seen = ConsoleSession.objects.filter(customer=customer).order_by().values_list("reseller")
    return {pk: Use(last, inside[pk]) for pk, last in last_seen.annotate(last=Max("last_seen_at"))}
