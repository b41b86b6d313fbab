"""An agent enters a customer's console, and leaves it again (R15)."""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, record
from accounts.guards import ENTERED_CONSOLES, authorise, window_of
from accounts.models import Customer
from accounts.permissions import Permission


@transaction.atomic
def enter_console(*, actor: Actor, customer: Customer, session: SessionBase) -> None:
    """Let an agent's session into a console, and say so in the customer's trail (R15, A1).

    The event and the session's memory are one transaction. The session is locked, so that a double
    click is one event. Raises PermissionDenied where access is not in force at this instant (R11).
    """
    reseller = actor.user.reseller
    assert reseller is not None
    stored = Session.objects.select_for_update().filter(session_key=session.session_key).first()
    if stored is None:
        raise PermissionDenied(_("Your session has ended. Sign in again."))
    authorise(actor, Permission.VIEW_CONSOLE, customer)
    window = window_of(actor.user, customer)
    entered = stored.get_decoded().get(ENTERED_CONSOLES, {})
    if entered.get(str(customer.pk)) != window:
        record(
            EventName.RESELLER_CONSOLE_ENTERED,
            actor=actor,
            customer=customer,
            subject=reseller.name,
            on_behalf_of=reseller.name,
        )
    session[ENTERED_CONSOLES] = entered | {str(customer.pk): window}
    session.save()
