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
from accounts.factors import Factor, has_factor, holds_factor
from accounts.models import ConsoleSession, Customer, KeptOutMachine, ServiceAccount, User
from accounts.models.entries import EndReason

# Seconds between two writes of "last seen", so that most requests do not write the session.
LAST_SEEN_PRECISION = 60
# X4: how long a machine is inside after one entry. It has no browser that could be left.
MACHINE_STAYS = timedelta(hours=12)


def is_open() -> Q:
    """Return the condition that nobody ended a session, and that its agent was seen in it lately.

    Of a machine: that it entered within MACHINE_STAYS, since for so long it calls without entering again (X4).
    """
    patience = timedelta(seconds=settings.SESSION_IDLE_TIMEOUT + LAST_SEEN_PRECISION)
    by_person = Q(client=None, last_seen_at__gt=Now() - patience)
    by_machine = Q(client__isnull=False, entered_at__gt=Now() - MACHINE_STAYS)
    return Q(by_person | by_machine, ended_at=None)


def has_what_is_asked() -> Q:
    """Return the condition that an entry was made with a second factor, where the customer asks for one (P12).

    Its agent still has one then, or their provider asked for it (P15). Asked of the database by every request, so that
    a demand counts from the next one on.
    """
    shown = Q(second_factor=Factor.PROVIDER) | Q(holds_factor("agent_id"), second_factor__in=Factor.values)
    return Q(customer__asks_for_second_factor=False) | shown


def lacks_what_is_asked(person: User, customer: Customer, second_factor: str | None) -> bool:
    """Tell whether a customer asks for a second factor that a person from outside did not sign in with."""
    is_shown = second_factor == Factor.PROVIDER or (second_factor and has_factor(person))
    return customer.asks_for_second_factor and not is_shown


def entry_in_force(person: User, customer: Customer, entry: Q) -> ConsoleSession | None:
    """Return the entry through which a person from outside acts in a console at this instant; None: enter first (R15).

    The one question behind every door: a page asks with its browser (`in_browser`), a worker with the visit in which
    its job was asked for. The entry is of the window of access that is in force now, with a second factor where the
    customer asks for one, and the customer has not ended it.
    """
    window = window_of(person, customer)
    if window is None:
        return None
    entries = ConsoleSession.objects.filter(entry, has_what_is_asked(), customer=customer, agent=person)
    entries = entries.filter(window=window.name)
    # Declared on the model too, for those who read it there.
    entries = entries.annotate(seen_ago=Now() - F("last_seen_at"))  # type: ignore[no-redef]
    return entries.exclude(ended_because=EndReason.ENDED_BY_ADMIN).first()


def inside_now(person: User, session_key: str | None, number: int) -> list[ConsoleSession]:
    """Return the entries in force of a browser of a person from outside, the one used last first; at most `number`."""
    if person.reseller_id is None:
        return []
    entries = ConsoleSession.objects.filter(in_browser(session_key), agent=person).select_related("customer")
    customers = dict.fromkeys(entry.customer for entry in entries.order_by("-last_seen_at", "-pk"))
    found = (entry_in_force(person, customer, in_browser(session_key)) for customer in list(customers)[:number])
    return [entry for entry in found if entry is not None]


def in_browser(session_key: str | None) -> Q:
    """Return the condition that an entry was made in this browser session, and that it is still there."""
    return is_open() & Q(session_key=session_key or "")


def of_machine(account: ServiceAccount) -> Q:
    """Return the condition that a machine entered with this account, and works where it may (X2, X4)."""
    return is_open() & Q(client=account) & _is_admitted()


def _is_admitted() -> Q:
    """Return the condition that the machine of an entry may work in the console where it entered."""
    kept_out = KeptOutMachine.objects.filter(customer=OuterRef("customer"), account=OuterRef("client"))
    works = {"client__suspended_at": None, "client__deleted_at": None}
    return Q(~Exists(kept_out), customer__admits_machines=True, **works)


def admits(customer: Customer, account: ServiceAccount) -> bool:
    """Tell whether a customer lets a machine of a reseller work for it: machines at all, and this one (X2, R22)."""
    kept_out = KeptOutMachine.objects.filter(customer=customer, account=account)
    return customer.admits_machines and not kept_out.exists()


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
    return ConsoleSession.objects.filter(customer=customer).select_related("agent", "reseller", "client")


def lasting(customer: Customer) -> list[ConsoleSession]:
    """Return who is inside now, the latest entry first: signed in, not idle, and with access in force (R8, P12)."""
    found = list(sessions_in(customer).filter(is_open(), _is_there(), has_what_is_asked()).order_by("-pk"))
    windows = windows_in(customer, {session.agent_id for session in found})
    names = {person: window.name for person, window in windows.items()}
    return [session for session in found if names.get(session.agent_id) == session.window]


def _is_there() -> Q:
    """Return the condition that the agent's browser is signed in still; signing out deletes what it is about.

    Of a machine: that it may work there.
    """
    signed_in = Exists(Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=Now()))
    return Q(signed_in, client=None) | Q(_is_admitted(), client__isnull=False)


def write_down_what_is_over() -> int:
    """Close the rows of sessions that lasted no longer, at the moment their agents were last seen; returns how many.

    Nothing depends on it but tidiness: who is inside is asked of `lasting`.
    """
    over = ConsoleSession.objects.filter(~is_open() | ~_is_there(), ended_at=None)
    return over.update(ended_at=F("last_seen_at"), ended_because=EndReason.OVER)
