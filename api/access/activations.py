"""resellerAccess.activations: the hours of agents in consoles that are open only on request, and their end (R20)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.authorisation import person_now
from accounts.console_sessions.activations import end_activation
from accounts.models import Activation, Customer
from accounts.permissions import Permission
from api.access import shown
from api.access.places import is_reseller, one, own_customer, relation
from api.core.call import Call
from api.core.methods import serves
from subscriptions.access.activating import activations_ended_by, activations_of


def _scope(call: Call, permission: Permission) -> tuple[Customer, QuerySet[Activation]]:
    if not is_reseller(call):
        customer = own_customer(call, permission)
        return customer, activations_of(customer).select_related("customer", "reseller", "agent", "first")
    customer = relation(call).customer
    found = activations_ended_by(person_now(call.actor), customer)
    return customer, found.select_related("customer", "reseller", "agent", "first")


@serves("resellerAccess.activations.list")
def list_(call: Call) -> dict[str, Any]:
    """List the activations, the newest first: of a reseller's admin those of all agents, of an agent their own."""
    _customer, rows = _scope(call, Permission.VIEW_CONSOLE_SESSIONS)
    return shown.listed(call, rows, "activations", _shown)


@serves("resellerAccess.activations.get")
def get(call: Call) -> dict[str, Any]:
    """Return one activation."""
    _customer, rows = _scope(call, Permission.VIEW_CONSOLE_SESSIONS)
    return _shown(one(rows, call))


@serves("resellerAccess.activations.end")
def end(call: Call) -> dict[str, Any]:
    """End an activation, and what gave it more time."""
    customer, rows = _scope(call, Permission.END_CONSOLE_SESSIONS)
    end_activation(actor=call.actor, customer=customer, number=one(rows, call).number)
    return _shown(one(rows.all(), call))


def _shown(activation: Activation) -> dict[str, Any]:
    return shown.without_nothing(
        kind="resellerAccess#activation",
        id=str(activation.pk),
        customer=shown.shown_customer(activation.customer),
        reseller=shown.shown_reseller(activation.reseller),
        agent=activation.agent.email,
        reason=activation.reason,
        caseNumber=activation.case_number,
        status=activation.status,
        askTime=shown.moment(activation.asked_at),
        startTime=shown.moment(activation.effective_from),
        endTime=shown.moment(activation.effective_until),
        endedBecause=activation.ended_because,
    )
