"""A reseller's machine enters a customer's console: with its first call in a window, and again after 12 hours (X4)."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.authorisation import authorise
from accounts.console_sessions.entering import begin, said_before
from accounts.console_sessions.inside import admits, entry_in_force, of_machine
from accounts.console_sessions.windows import Window, window_of
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.models import ConsoleSession, Customer, ServiceAccount, User
from accounts.models.entries import EndReason
from accounts.names import isolated
from accounts.permissions import Permission

# What a reason is cut to: it comes in a header, and nobody is asked again.
REASON_MAX_LENGTH: Final = 300


@transaction.atomic
def enter_by_machine(*, actor: Actor, customer: Customer, reason: str = "") -> ConsoleSession:
    """Let a machine into a console, note it in the customer's audit log, tell its super admins (A1, R15).

    A machine that is inside stays inside: two first calls at once are one entry. Raises Refused where the customer
    asks for a reason and there is none; PermissionDenied where access is not in force at this instant (R11), where the
    customer lets no machines in (X2), asks for a second factor, which no machine has (P12), or has put this account out
    of this window (X4).
    """
    customer = lock_customer(customer)
    authorise(actor, Permission.VIEW_CONSOLE, customer)
    window = window_of(actor.user, customer)
    account = actor.client
    if window is None or account is None:
        raise PermissionDenied(_("Your role does not allow this."))
    inside = entry_in_force(actor.user, customer, of_machine(account))
    if inside is not None:
        return inside
    _require_admitted(customer, account, window)
    case_number = ""
    if window.activation_id is not None and not reason:
        reason, case_number = said_before(window.activation_id)
    if customer.asks_for_entry_reason and not reason:
        text = _("%(customer)s asks for a reason. Say why you enter its console.")
        raise Refused(text % {"customer": isolated(customer.name)}, "reason")
    # In an older window, or longer ago than a machine stays.
    before = ConsoleSession.objects.filter(customer=customer, agent=actor.user, client=account, ended_at=None)
    before.update(ended_at=Now(), ended_because=EndReason.OVER)
    said = {"reason": reason[:REASON_MAX_LENGTH], "case_number": case_number}
    return begin(actor, customer, f"client {account.pk}", window, None, said)


def _require_admitted(customer: Customer, account: ServiceAccount, window: Window) -> None:
    """Raise PermissionDenied where a customer keeps this machine out."""
    names = {"customer": isolated(customer.name)}
    if not customer.admits_machines:
        raise PermissionDenied(_("%(customer)s lets no machines into its console.") % names)
    if not admits(customer, account):
        text = _("%(customer)s keeps this service account out of its console, until a super admin lets it in again.")
        raise PermissionDenied(text % names)
    if customer.asks_for_second_factor:
        text = _("%(customer)s asks for a second factor. No machine has one.")
        raise PermissionDenied(text % names)
    put_out = ConsoleSession.objects.filter(
        customer=customer, client=account, window=window.name, ended_because=EndReason.ENDED_BY_ADMIN
    )
    if put_out.exists():
        text = _("%(customer)s has put this service account out. It can come back when access is given again.")
        raise PermissionDenied(text % names)


def machine_inside(person: User, customer: Customer, account: ServiceAccount) -> ConsoleSession | None:
    """Return the entry through which a machine acts for a person in a console at this instant; None: enter first."""
    return entry_in_force(person, customer, of_machine(account))
