"""Sessions in the database: saving them (settings.SESSION_ENGINE), ending those of a person, clearing what expired."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.db.models.functions import Now

from accounts import keeping
from accounts.console_sessions import inside
from accounts.models import User

# Sessions deleted in one statement.
CLEARED_AT_ONCE: Final = 5_000


class SessionStore(db.SessionStore):
    """Django's, which takes every error while saving for a session that has ended: 400, also with the database away."""

    def save(self, must_create: bool = False) -> None:
        """Save; raises UpdateError where the session has ended meanwhile, and what happened where it has not."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError):
                raise error.__context__ from None
            raise


def end_sessions(person: User) -> None:
    """Sign a person out everywhere. Part of the verbs that take something from them, which write the event."""
    keys = UserSession.objects.filter(user=person).values_list("session_key", flat=True)
    Session.objects.filter(session_key__in=list(keys)).delete()
    UserSession.objects.filter(user=person).delete()


def clear_expired() -> Iterator[int]:
    """Delete the sessions that have expired by the database's clock, some at a time; yields how many each time.

    Then close the rows of those who were in a console with them, and delete what was kept for minutes.
    """
    expired = Session.objects.filter(expire_date__lt=Now()).order_by("expire_date")
    while keys := list(expired.values_list("pk", flat=True)[:CLEARED_AT_ONCE]):
        yield Session.objects.filter(pk__in=keys, expire_date__lt=Now()).delete()[0]
    yield inside.write_down_what_is_over()
    keeping.forget_expired()
