"""Figures of a customer's directory for its home page: people, people over the months, devices that wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from accounts.models import Customer, Device, User
from accounts.models.devices import DeviceStatus
from accounts.roles import Role

MONTHS = 12


@dataclass(frozen=True, slots=True)
class PeopleFigures:
    """How many people a customer has, without deleted ones; `months`: at the end of each of the last 12 months."""

    total: int
    new: int
    suspended: int
    never_signed_in: int
    months: list[tuple[date, int]]


def last_months(count: int = MONTHS) -> list[date]:
    """Return the first days of the last months up to this one, in the reader's time zone, oldest first."""
    day = timezone.localdate().replace(day=1)
    months = [day]
    while len(months) < count:
        months.append(day := (day - timedelta(days=1)).replace(day=1))
    return months[::-1]


def running_totals(changes: Iterable[tuple[datetime, int]], months: Sequence[date]) -> list[tuple[date, int]]:
    """Return the sum at the end of each month. changes: the beginning of a month, and what was added in it."""
    added: dict[date, int] = {}
    for begins, number in changes:
        # What is older than the first month is where the line begins.
        month = max(timezone.localtime(begins).date(), months[0])
        added[month] = added.get(month, 0) + number
    total, found = 0, []
    for month in months:
        total += added.get(month, 0)
        found.append((month, total))
    return found


def people_figures(customer: Customer) -> PeopleFigures:
    """Count a customer's people: three queries, however many there are."""
    people = User.objects.filter(customer=customer)
    months = last_months()
    this_month = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    counts = people.filter(deleted_at=None).aggregate(
        total=Count("pk"),
        new=Count("pk", filter=Q(created_at__gte=this_month)),
        suspended=Count("pk", filter=Q(is_active=False)),
        never_signed_in=Count("pk", filter=Q(is_active=True, last_login=None)),
    )
    came = _by_month(people, "created_at", 1)
    went = _by_month(people.exclude(deleted_at=None), "deleted_at", -1)
    return PeopleFigures(**counts, months=running_totals([*came, *went], months))


def _by_month(people: QuerySet[User], column: str, sign: int) -> list[tuple[datetime, int]]:
    months = people.values_list(TruncMonth(column)).annotate(number=Count("pk")).order_by()
    return [(month, sign * number) for month, number in months]


def pending_devices(customer: Customer) -> int:
    """Count the devices that wait for someone's approval."""
    return Device.objects.filter(customer=customer, status=DeviceStatus.PENDING).count()


def only_super_admin(customer: Customer) -> User | None:
    """Return the one person who decides at a customer; None where there are more of them, or none (P7)."""
    admins = User.objects.filter(customer=customer, is_active=True, role_assignments__role=Role.SUPER_ADMIN)
    found = list(admins.order_by("pk")[:2])
    return found[0] if len(found) == 1 else None


def people_at_end_of(customer: Customer, day: date) -> int:
    """Count the people whom a customer had when a day ended, in UTC, without those who were deleted by then."""
    end = datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=1)
    there = User.objects.filter(customer=customer, created_at__lt=end)
    return there.filter(Q(deleted_at=None) | Q(deleted_at__gte=end)).count()
