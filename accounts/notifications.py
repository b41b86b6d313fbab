"""What a customer's people are told in their console, each their own, until they have read it (R15)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import Customer, Notification, User

# More than this many unread ones are not counted: the bell says "99+".
COUNTED = 100


def notifications_of(person: User, customer: Customer) -> QuerySet[Notification]:
    """Return what this person was told about this console."""
    return Notification.objects.filter(recipient=person, console_session__customer=customer)


def unread_number(person: User) -> int:
    """Return how many notifications a person has not read, as far as they are counted."""
    return Notification.objects.filter(recipient=person, read_at=None)[:COUNTED].count()


def mark_as_read(notifications: QuerySet[Notification]) -> int:
    """Note that a person has read their own notifications; concerns nobody else, so it is no event."""
    return notifications.filter(read_at=None).update(read_at=Now())
