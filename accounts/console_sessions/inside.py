"""Who works in a console from outside: at this moment and before (R15). The verbs are in entering.py.

A session opens nothing: every request asks the database whether access is in force (R11). Whether it still lasts
is never stored. It follows from its row, from the agent's browser and from the access at the moment of the question,
so that nobody who is gone is shown as inside, whatever workers do.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from accounts.console_sessions.windows import window_of, windows_in
from accounts.models import ConsoleSession, Customer, User
from accounts.models.entries import EndReason

# Seconds between two writes of "last seen", so that most requests do not write the session.
LAST_SEEN_PRECISION = 60


def is_open() -> Q:
    """Return the condition that nobody ended a session, and that its agent was seen in it lately."""
    patience = timedelta(seconds=settings.SESSION_IDLE_TIMEOUT + LAST_SEEN_PRECISION)
    return Q(ended_at=None, last_seen_at__gt=Now() - patience)


def entry_in_force(person: User, customer: Customer, entry: Q) -> ConsoleSession | None:
    """Return the entry through which a person from outside acts in a console at this instant; None: enter first (R15).

    The one question behind every door: a page asks with its browser (`in_browser`), a worker with the visit in which
    its job was asked for. The entry is of the window of access that is in force now, and the customer has not ended it.
    """
    window = window_of(person, customer)
    if window is None:
        return None
    entries = ConsoleSession.objects.filter(entry, customer=customer, agent=person, window=window.name)
    # Declared on the model too, for those who read it there.
    entries = entries.annotate(seen_ago=Now() - F("last_seen_at"))  # type: ignore[no-redef]
    return entries.exclude(ended_because=EndReason.ENDED_BY_ADMIN).first()


def in_browser(session_key: str | None) -> Q:
    """Return the condition that an entry was made in this browser session, and that it is still there."""
    return is_open() & Q(session_key=session_key or "")


def has_entered(person: User, customer: Customer, session_key: str | None) -> bool:
    """Tell whether this browser session is inside, in the window of access that is in force now."""
    return entry_in_force(person, customer, in_browser(session_key)) is not None


def sessions_of(person: User, customer: Customer, session_key: str | None) -> QuerySet[ConsoleSession]:
    """Return the sessions of one browser of a person in a console."""
    return ConsoleSession.objects.filter(customer=customer, agent=person, session_key=session_key or "")


def ended_by_admin(person: User, customer: Customer, session_key: str | None) -> ConsoleSession | None:
    """Return this browser's latest session where the customer ended it: the agent is told so."""
    latest = sessions_of(person, customer, session_key).order_by("-pk").first()
    return latest if latest and latest.ended_because == EndReason.ENDED_BY_ADMIN else None


def note_seen(session: ConsoleSession) -> None:
    """Write down that the agent is still there; at most once a minute, so that most requests write nothing.

    session: from `entry_in_force`, which has asked the database's clock how long ago they were seen.
    """
    if session.seen_ago > timedelta(seconds=LAST_SEEN_PRECISION):
        ConsoleSession.objects.filter(pk=session.pk).update(last_seen_at=Now())


def sessions_in(customer: Customer) -> QuerySet[ConsoleSession]:
    """Return everybody's sessions in a customer's console, with who it was."""
    return ConsoleSession.objects.filter(customer=customer).select_related("agent", "reseller")


def lasting(customer: Customer) -> list[ConsoleSession]:
    """Return who is inside now, the latest entry first: signed in, not idle, and with access in force (R8)."""
    found = list(sessions_in(customer).filter(is_open(), _is_signed_in()).order_by("-pk"))
    windows = windows_in(customer, {session.agent_id for session in found})
    names = {person: window.name for person, window in windows.items()}
    return [session for session in found if names.get(session.agent_id) == session.window]


def _is_signed_in() -> Exists:
    """Return the condition that the agent's browser is signed in still; signing out deletes what it is about."""
    return Exists(Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=Now()))


def write_down_what_is_over() -> int:
    """Close the rows of sessions that lasted no longer, at the moment their agents were last seen; returns how many.

    Nothing depends on it but tidiness: who is inside is asked of `lasting`.
    """
    over = ConsoleSession.objects.filter(~is_open() | ~Q(_is_signed_in()), ended_at=None)
    return over.update(ended_at=F("last_seen_at"), ended_because=EndReason.OVER)
