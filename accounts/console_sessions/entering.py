"""An agent enters a customer's console and leaves it again; the customer is told and can end it (R15)."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, event, record_audit, record_many
from accounts.authorisation import authorise
from accounts.console_sessions.inside import has_what_is_asked, is_open, lacks_what_is_asked, sessions_of
from accounts.console_sessions.windows import Window, window_of
from accounts.errors import Refused
from accounts.locking import lock_customer, taking_away
from accounts.mail import post
from accounts.models import Activation, ConsoleSession, Customer, Notification, User
from accounts.models.entries import EndReason, NotificationKind
from accounts.names import isolated
from accounts.permissions import Permission
from accounts.roles import Role


@transaction.atomic
def enter_console(
    *,
    actor: Actor,
    customer: Customer,
    session_key: str | None,
    reason: str = "",
    case_number: str = "",
    second_factor: str | None = None,
) -> ConsoleSession:
    """Let an agent's browser session into a console, note it in the customer's audit log, tell its super admins (A1).

    Who is inside already stays inside: a double click is one entry. Raises Refused where the customer asks for
    a reason and there is none, or for a second factor (P12), and PermissionDenied where access is not in force at this
    instant (R11).

    second_factor: the one that was shown in this browser session; None: none was.
    """
    customer = lock_customer(customer)
    if not Session.objects.select_for_update().filter(session_key=session_key).exists():
        raise PermissionDenied(_("Your session has ended. Sign in again."))
    authorise(actor, Permission.VIEW_CONSOLE, customer)
    window = window_of(actor.user, customer)
    if window is None:
        raise PermissionDenied(_("Your role does not allow this."))
    before = sessions_of(actor.user, customer, session_key).filter(ended_at=None)
    inside = before.filter(is_open(), has_what_is_asked(), window=window.name).first()
    if inside is not None:
        return inside
    if lacks_what_is_asked(actor.user, customer, second_factor):
        text = _("%(customer)s asks people from outside for a second factor.")
        raise Refused(text % {"customer": isolated(customer.name)}, reason="conditionNotMet")
    if window.activation_id is not None and not reason:
        reason, case_number = said_before(window.activation_id)
    if customer.asks_for_entry_reason and not reason:
        text = _("%(customer)s asks for a reason. Say why you enter its console.") % {
            "customer": isolated(customer.name)
        }
        raise Refused(text, "reason")
    # In an older window, forgotten for longer than a session waits, or without the factor that is asked for now.
    before.update(ended_at=Now(), ended_because=EndReason.OVER)
    said = {"reason": reason, "case_number": case_number}
    return begin(actor, customer, session_key or "", window, second_factor, said)


def asks_for_reason(agent: User, customer: Customer) -> bool:
    """Tell whether an agent is asked why they enter: not where they gave a reason to activate access (R20)."""
    window = window_of(agent, customer) if customer.asks_for_entry_reason else None
    return window is not None and window.activation_id is None


def said_before(number: int) -> tuple[str, str]:
    """Return the reason and the case number of an activation."""
    activation = Activation.objects.get(pk=number)
    return activation.reason, activation.case_number


def begin(
    actor: Actor,
    customer: Customer,
    session_key: str,
    window: Window,
    second_factor: str | None,
    said: dict[str, str],
) -> ConsoleSession:
    """Write that someone has entered, and tell the customer's super admins. The customer is locked."""
    reseller = actor.user.reseller
    assert reseller is not None
    session = ConsoleSession.objects.create(
        customer=customer,
        reseller=reseller,
        agent=actor.user,
        as_support_partner=window.as_support_partner,
        ip_address=actor.ip_address,
        session_key=session_key,
        client=actor.client,
        window=window.name,
        activation_id=window.activation_id,
        second_factor=second_factor or "",
        keeps_record=True,
        **said,
    )
    record_audit(
        EventName.RESELLER_CONSOLE_ENTERED,
        actor=actor.as_support_partner() if window.as_support_partner else actor,
        customer=customer,
        subject=reseller.name,
        target=reseller,
        new={key: value for key, value in said.items() if value} | {"second_factor": session.second_factor},
        visit=session,
    )
    told = list(User.objects.filter(customer=customer, is_active=True, role_assignments__role=Role.SUPER_ADMIN))
    kind = NotificationKind.CONSOLE_ENTERED
    Notification.objects.bulk_create(
        Notification(recipient=person, kind=kind, console_session=session) for person in told
    )
    post.queue(kind, told, about_id=session.pk, once=True)
    return session


@transaction.atomic
def leave_console(*, actor: Actor, customer: Customer, session_key: str | None) -> bool:
    """Leave a console: the next visit is a new entry. An agent who has left, or never entered, changes nothing."""
    customer = lock_customer(customer)
    session = sessions_of(actor.user, customer, session_key).filter(ended_at=None).select_related("reseller").first()
    if session is None:
        return False
    _end([session], EndReason.LEFT)
    record_audit(
        EventName.RESELLER_CONSOLE_LEFT,
        actor=actor.as_support_partner() if session.as_support_partner else actor,
        customer=customer,
        subject=session.reseller.name,
        target=session.reseller,
        visit=session,
    )
    return True


@taking_away()
def end_console_session(*, actor: Actor, customer: Customer, session_id: int) -> bool:
    """Put one agent out with their next request. They may enter again while they have access: that is recorded again.

    Returns False where the session was over or is another customer's.
    """
    return _end_by_admin(actor, customer, ConsoleSession.objects.filter(pk=session_id)) == 1


@taking_away()
def end_all_console_sessions(*, actor: Actor, customer: Customer) -> int:
    """Put out everybody who works in this console from outside; returns how many sessions that ended."""
    return _end_by_admin(actor, customer, ConsoleSession.objects.all())


def _end_by_admin(actor: Actor, customer: Customer, chosen: QuerySet[ConsoleSession]) -> int:
    customer = lock_customer(customer)
    authorise(actor, Permission.END_CONSOLE_SESSIONS, customer)
    ended = list(chosen.filter(is_open(), customer=customer).select_related("agent", "reseller").order_by("pk"))
    _end(ended, EndReason.ENDED_BY_ADMIN)
    record_many(
        event(
            EventName.END_CONSOLE_SESSION,
            actor=actor,
            customer=customer,
            subject=session.reseller.name,
            target=session.reseller,
            new={"agent": session.agent.email},
            visit=session,
        )
        for session in ended
    )
    return len(ended)


@transaction.atomic
def ask_for_entry_reason(*, actor: Actor, customer: Customer, required: bool) -> bool:
    """Say whether external users must say why they enter; returns False where that was so already."""
    customer = lock_customer(customer)
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    if customer.asks_for_entry_reason == required:
        return False
    customer.asks_for_entry_reason = required
    customer.save(update_fields=["asks_for_entry_reason"])
    old, new = {"reason_required": not required}, {"reason_required": required}
    record_audit(EventName.CHANGE_CONSOLE_ENTRY_REASON, actor=actor, customer=customer, old=old, new=new)
    return True


def _end(sessions: list[ConsoleSession], because: EndReason) -> None:
    rows = ConsoleSession.objects.filter(pk__in=[session.pk for session in sessions])
    rows.update(ended_at=Now(), ended_because=because)
