"""When a customer moves to the Customer Care Portal, and whether it has (S9)."""

from __future__ import annotations

from datetime import date, datetime

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
    """Return the day from which on this customer is moved: its own, or that of the settings."""
    own = CareMigration.objects.filter(customer=customer).values_list("moves_on", flat=True).first()
    return own or settings.CUSTOMER_CARE_MIGRATION_DATE


def due_by(day: date) -> QuerySet[Customer]:
    """Return the customers that have not moved, and whose day is `day` or before it."""
    rows = CareMigration.objects.filter(customer=OuterRef("pk"))
    moved = Exists(rows.filter(migrated_at__isnull=False))
    own_day = Exists(rows.filter(moves_on__isnull=False))
    due = Exists(rows.filter(moves_on__lte=day))
    if day >= settings.CUSTOMER_CARE_MIGRATION_DATE:
        return Customer.objects.filter(~Q(moved), Q(due) | ~Q(own_day)).order_by("pk")
    return Customer.objects.filter(~Q(moved), Q(due)).order_by("pk")
