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
from accounts.console_sessions.inside import is_open, sessions_of
from accounts.console_sessions.windows import Window, window_of
from accounts.errors import Refused
from accounts.locking import lock_customer, taking_away
from accounts.mail import post
from accounts.models import ConsoleSession, Customer, Notification, User
from accounts.models.entries import EndReason, NotificationKind
from accounts.names import isolated
from accounts.permissions import Permission
from accounts.roles import Role


@transaction.atomic
def enter_console(
    *, actor: Actor, customer: Customer, session_key: str | None, reason: str = "", case_number: str = ""
) -> ConsoleSession:
    """Let an agent's browser session into a console, note it in the customer's audit log, tell its super admins (A1).

    Who is inside already stays inside: a double click is one entry. Raises Refused where the customer asks for
    a reason and there is none, and PermissionDenied where access is not in force at this instant (R11).
    """
    customer = lock_customer(customer)
    if not Session.objects.select_for_update().filter(session_key=session_key).exists():
        raise PermissionDenied(_("Your session has ended. Sign in again."))
    authorise(actor, Permission.VIEW_CONSOLE, customer)
    window = window_of(actor.user, customer)
    if window is None:
        raise PermissionDenied(_("Your role does not allow this."))
    before = sessions_of(actor.user, customer, session_key).filter(ended_at=None)
    inside = before.filter(is_open(), window=window.name).first()
    if inside is not None:
        return inside
    if customer.asks_for_entry_reason and not reason:
        text = _("%(customer)s asks for a reason. Say why you enter its console.") % {
            "customer": isolated(customer.name)
        }
        raise Refused(text, "reason")
    # In an older window, or forgotten for longer than a session waits.
    before.update(ended_at=Now(), ended_because=EndReason.OVER)
    return _begin(actor, customer, session_key or "", window, {"reason": reason, "case_number": case_number})


def _begin(actor: Actor, customer: Customer, session_key: str, window: Window, said: dict[str, str]) -> ConsoleSession:
    reseller = actor.user.reseller
    assert reseller is not None
    session = ConsoleSession.objects.create(
        customer=customer,
        reseller=reseller,
        agent=actor.user,
        as_support_partner=window.as_support_partner,
        ip_address=actor.ip_address,
        session_key=session_key,
        window=window.name,
        keeps_record=True,
        **said,
    )
    record_audit(
        EventName.RESELLER_CONSOLE_ENTERED,
        actor=actor.as_support_partner() if window.as_support_partner else actor,
        customer=customer,
        subject=reseller.name,
        new={key: value for key, value in said.items() if value} or None,
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
