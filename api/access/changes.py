"""resellerAccess.changes: how access was changed, step by step (R9). For the customer's own people (R5)."""

from __future__ import annotations

from typing import Any

from accounts.permissions import Permission
from api.access import shown
from api.access.grants import grant_id, named_grant
from api.access.places import own_customer
from api.core.call import Call
from api.core.errors import NotFound
from api.core.methods import serves
from subscriptions.access.overview import history_of
from subscriptions.models import AccessChange

_RELATED = ("grant__reseller", "grant__subscription")
_DIGITS = 9


@serves("resellerAccess.changes.list")
def list_(call: Call) -> dict[str, Any]:
    """List the changes, the newest first."""
    rows = history_of(own_customer(call, Permission.VIEW_RESELLER_ACCESS)).select_related(*_RELATED)
    return shown.listed(call, rows, "changes", _shown)


@serves("resellerAccess.changes.get")
def get(call: Call) -> dict[str, Any]:
    """Return one change."""
    customer = own_customer(call, Permission.VIEW_RESELLER_ACCESS)
    key, _dot, generation = call.params["id"].rpartition(".")
    if not (generation.isascii() and generation.isdigit()) or len(generation) > _DIGITS:
        raise NotFound("id")
    grant = named_grant(call, customer, key)
    found = history_of(customer).select_related(*_RELATED).filter(grant=grant.pk, generation=int(generation)).first()
    if found is None:
        raise NotFound("id")
    return _shown(found)


def _shown(change: AccessChange) -> dict[str, Any]:
    grant = change.grant
    name = grant_id(grant)
    of_console = {"level": change.level.upper(), "standing": change.standing.upper()}
    return shown.without_nothing(
        kind="resellerAccess#change",
        id=f"{name}.{change.generation}",
        grantId=name,
        reseller=shown.shown_reseller(grant.reseller),
        subscriptionId=grant.subscription.public_id if grant.subscription else None,
        generation=change.generation,
        allowed=change.allowed,
        endTime=shown.moment(change.ends_at),
        requestedBy=change.requested_by_email,
        requestTime=shown.moment(change.requested_at),
        dueTime=shown.moment(change.due_at),
        settleTime=shown.moment(change.settled_at),
        outcome=change.outcome,
        failureReason=change.failure_reason,
        **(of_console if grant.subscription_id is None and change.allowed else {}),
    )
