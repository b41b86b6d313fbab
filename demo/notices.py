"""What people of the demo were told: of the last weeks only, and what is older than a week they have read (R25)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from accounts.models import Notification, UntoldEvent
from accounts.notifications import telling
from accounts.notifications.reading import mark_as_read

READ_AFTER = timedelta(days=8)


def tell_nobody_of_the_year() -> None:
    """Leave out what happened before: a year of it would be a list that nobody looks at."""
    UntoldEvent.objects.all().delete()


def tell() -> None:
    """Tell as the worker does."""
    while telling.tell():
        pass


def read_the_old_ones() -> None:
    """Let everybody have read what is older."""
    mark_as_read(Notification.objects.filter(event__at__lt=Now() - READ_AFTER))
