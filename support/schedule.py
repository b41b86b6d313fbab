"""When a customer moves to the Customer Care Portal, and whether it has (S9)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Customer
from support.models import CareMigration


def has_moved(customer: Customer) -> bool:
    """Tell whether this customer's support contracts are in the Customer Care Portal."""
    return CareMigration.objects.filter(customer=customer, migrated_at__isnull=False).exists()


def moved_at(customer: Customer) -> datetime | None:
    """Return when this customer moved; None where it has not."""
    return CareMigration.objects.filter(customer=customer).values_list("migrated_at", flat=True).first()


def moves_on(customer: Customer) -> date:
    """Return the day from which on this customer is moved: its own, or that of the settings.

    One that came after the day of the settings is told before as well: it moves when the days of notice are over.
    """
    own = CareMigration.objects.filter(customer=customer).values_list("moves_on", flat=True).first()
    came_on, day = customer.created_at.astimezone(UTC).date(), settings.CUSTOMER_CARE_MIGRATION_DATE
    return own or (day if came_on <= day else came_on + _notice())


def due_by(day: date) -> QuerySet[Customer]:
    """Return the customers that have not moved, and whose day is `day` or before it."""
    rows = CareMigration.objects.filter(customer=OuterRef("pk"))
    moved = Exists(rows.filter(migrated_at__isnull=False))
    own_day = Exists(rows.filter(moves_on__isnull=False))
    due = Q(Exists(rows.filter(moves_on__lte=day)))
    if day >= settings.CUSTOMER_CARE_MIGRATION_DATE:
        came_by = max(settings.CUSTOMER_CARE_MIGRATION_DATE, day - _notice()) + timedelta(days=1)
        due |= Q(~own_day, created_at__lt=datetime.combine(came_by, time(), UTC))
    return Customer.objects.filter(~Q(moved), due).order_by("pk")


def _notice() -> timedelta:
    return timedelta(days=settings.CUSTOMER_CARE_ANNOUNCEMENT_DAYS)
