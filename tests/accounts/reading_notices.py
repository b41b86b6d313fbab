"""What tests of notices need: the worker that tells, and what a person reads behind the bell."""

from __future__ import annotations

from accounts.models import UntoldEvent, User
from accounts.notifications import telling
from accounts.notifications.reading import in_words, notifications_of, with_what_they_tell
from tests.factories import fresh

ISOLATES = dict.fromkeys((0x2068, 0x2069))


def untell() -> None:
    """Forget what a world was made by."""
    UntoldEvent.objects.all().delete()


def tell() -> None:
    """Let a worker tell all there is."""
    while telling.tell():
        pass


def told(person: User) -> list[str]:
    """What a person reads behind the bell, oldest first, without the marks around names."""
    rows = with_what_they_tell(notifications_of(fresh(person))).order_by("pk")
    return [line.says.translate(ISOLATES) for line in in_words(rows, fresh(person))]
