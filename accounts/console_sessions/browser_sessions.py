"""Sessions in the database: saving them (settings.SESSION_ENGINE), ending those of a person, clearing what expired."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts import keeping
from accounts.consents import end_consents_of
from accounts.console_sessions import inside
from accounts.database.one_row import OneRow
from accounts.models import ConsoleSession, User

# Sessions deleted in one statement.
CLEARED_AT_ONCE: Final = 5_000


_SESSION: Final = OneRow(Session, "session_key = %s")


class SessionStore(db.SessionStore):
    """Django's, which takes every error while saving for a session that has ended: 400, also with the database away."""

    def _get_session_from_db(self) -> Session | None:
        """Return the row of this session, unless it has expired."""
        session = _SESSION.get(self.session_key)
        if session is None or session.expire_date <= timezone.now():
            self._session_key = None
            return None
        return session

    def save(self, must_create: bool = False) -> None:
        """Save; raises UpdateError where the session has ended meanwhile, and what happened where it has not."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError):
                raise error.__context__ from None
            raise


def end_sessions(people: Collection[User]) -> None:
    """Sign people out everywhere, and end what they allowed applications (X7).

    Part of the verbs that take something from them, which write the events.
    """
    end_consents_of(people)
    theirs = UserSession.objects.filter(user__in=people)
    keys = list(theirs.values_list("session_key", flat=True))
    if keys:
        Session.objects.filter(session_key__in=keys).delete()
        theirs.delete()


@transaction.atomic
def renew_key(session: SessionBase) -> None:
    """Give a session another key, under which everything it has goes on: a key that was seen before is worth nothing.

    Where its person is inside a console they stay inside, and it stays in the list of their sessions.
    """
    old = session.session_key
    session.cycle_key()
    for goes_on in (ConsoleSession, UserSession):
        goes_on._default_manager.filter(session_key=old or "").update(session_key=session.session_key)


def clear_expired() -> Iterator[int]:
    """Delete the sessions that have expired by the database's clock, some at a time; yields how many each time.

    Then close the rows of those who were in a console with them, and delete what was kept for minutes.
    """
    expired = Session.objects.filter(expire_date__lt=Now()).order_by("expire_date")
    while keys := list(expired.values_list("pk", flat=True)[:CLEARED_AT_ONCE]):
        yield Session.objects.filter(pk__in=keys, expire_date__lt=Now()).delete()[0]
    yield inside.write_down_what_is_over()
    keeping.forget_expired()
