"""resellerAccess.visits: who was in the console from outside, and putting them out (R15, R23)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from accounts.console_sessions.entering import end_console_session
from accounts.console_sessions.inside import lasting, sessions_in
from accounts.models import ConsoleSession
from accounts.permissions import Permission
from api.access import shown
from api.access.places import one, own_customer
from api.core.call import Call
from api.core.methods import serves


@serves("resellerAccess.visits.list")
def list_(call: Call) -> dict[str, Any]:
    """List the visits, the newest first; only those that last, where that is asked for."""
    customer = own_customer(call, Permission.VIEW_CONSOLE_SESSIONS)
    inside = {visit.pk for visit in lasting(customer)}
    rows = sessions_in(customer).select_related("customer", "agent", "reseller", "client")
    rows = rows.filter(pk__in=inside) if call.params["openOnly"] else rows
    return shown.listed(call, rows, "visits", lambda visit: _shown(visit, inside))


@serves("resellerAccess.visits.get")
def get(call: Call) -> dict[str, Any]:
    """Return one visit."""
    return _one(call, Permission.VIEW_CONSOLE_SESSIONS)


@serves("resellerAccess.visits.end")
def end(call: Call) -> dict[str, Any]:
    """Put one person out, or one machine."""
    customer = own_customer(call, Permission.END_CONSOLE_SESSIONS)
    visit = one(sessions_in(customer), call)
    end_console_session(actor=call.actor, customer=customer, session_id=visit.pk)
    return _one(call, Permission.END_CONSOLE_SESSIONS)


def _one(call: Call, permission: Permission) -> dict[str, Any]:
    customer = own_customer(call, permission)
    visit = one(sessions_in(customer).select_related("customer", "agent", "reseller", "client"), call)
    return _shown(visit, {found.pk for found in lasting(customer)})


def _shown(visit: ConsoleSession, inside: Collection[int]) -> dict[str, Any]:
    return shown.without_nothing(
        kind="resellerAccess#visit",
        id=str(visit.pk),
        customer=shown.shown_customer(visit.customer),
        reseller=shown.shown_reseller(visit.reseller),
        agent=visit.agent.email,
        machine=visit.client.name if visit.client else None,
        reason=visit.reason,
        caseNumber=visit.case_number,
        enterTime=shown.moment(visit.entered_at),
        lastSeenTime=shown.moment(visit.last_seen_at),
        endTime=shown.moment(visit.ended_at),
        endedBecause=visit.ended_because,
        secondFactor=visit.second_factor,
        ipAddress=visit.ip_address,
        activationId=str(visit.activation_id) if visit.activation_id else None,
        isOpen=visit.pk in inside,
    )
