"""reseller.subscriptions: lists, and the steps with what was sold (B3, B5, B6, B7)."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Q

from accounts.authorisation import authorise_reseller, person_now
from accounts.domains import stored_part
from accounts.names import sort_key, storable
from accounts.roles import Role
from api.core.call import Call
from api.core.errors import ApiError, Invalid, NotFound
from api.core.methods import serves
from api.core.paging import page
from api.reseller.places import live, named, relation_to, reseller_of, subscription
from api.reseller.plans import plan_named, renewal_named, seats_sent
from api.reseller.shown import shown_subscription, transferable_subscription
from api.reseller.tokens import open_token
from subscriptions import lifecycle
from subscriptions.access.scope import subscriptions_sold_by
from subscriptions.models import Subscription
from subscriptions.models.subscription import Plan, Status
from subscriptions.transfer_scope import groups_for

# https://developers.google.com/workspace/admin/reseller/v1/reference/subscriptions/list
_PAGE: Final = 20


@serves("reseller.subscriptions.list")
def list_subscriptions(call: Call) -> dict[str, Any]:
    """Return what one's reseller sold and is live; with a token what a customer lets come over."""
    reseller_of(call)
    if call.params.get("customerAuthToken"):
        return _transferable(call)
    found = live(subscriptions_sold_by(person_now(call.actor))).exclude(status=Status.CANCELLED)
    if key := call.params.get("customerId", ""):
        if relation_to(call, key) is None:
            raise NotFound("customerId")
        found = found.filter(named(key, "customer__"))
    if prefix := storable(call.params.get("customerNamePrefix", "")):
        begins = Q(customer__primary_domain__startswith=stored_part(prefix))
        found = found.filter(begins | Q(customer__sort_name__startswith=sort_key(prefix)))
    rows, token = page(call, found, keys=("customer_id", "id"), size=call.params.get("maxResults", _PAGE))
    answer: dict[str, Any] = {
        "kind": "reseller#subscriptions",
        "subscriptions": [shown_subscription(row) for row in rows],
    }
    return answer | ({"nextPageToken": token} if token else {})


def _transferable(call: Call) -> dict[str, Any]:
    """Return all that can come over with a token: one customer's, so it is one page."""
    reseller = authorise_reseller(call.actor, (Role.RESELLER_ADMIN,))
    key = call.params.get("customerId", "")
    if not key:
        raise ApiError(400, "required", "Required: customerId", "customerId")
    token = open_token(call, reseller, key, call.params["customerAuthToken"])
    lines = [line for group in groups_for(token) if group.barred_until is None for line in group.lines]
    shown = [transferable_subscription(line.subscription, line.least, token.expires_at) for line in lines]
    return {"kind": "reseller#subscriptions", "subscriptions": shown}


@serves("reseller.subscriptions.get")
def get(call: Call) -> dict[str, Any]:
    return shown_subscription(subscription(call))


@serves("reseller.subscriptions.delete")
def delete(call: Call) -> None:
    """Cancel, or hand back to the vendor: as the document of today has it, and nothing else."""
    verbs = {"cancel": lifecycle.cancel_subscription, "transfer_to_direct": lifecycle.transfer_to_direct}
    verb = verbs.get(call.params["deletionType"])
    if verb is None:
        raise Invalid("deletionType")
    verb(actor=call.actor, subscription=subscription(call))


@serves("reseller.subscriptions.activate")
def activate(call: Call) -> dict[str, Any]:
    """Reactivate what the reseller suspended itself; not what waits for anything else (B6)."""
    return _now(lifecycle.activate_subscription(actor=call.actor, subscription=subscription(call)))


@serves("reseller.subscriptions.suspend")
def suspend(call: Call) -> dict[str, Any]:
    return _now(lifecycle.suspend_subscription(actor=call.actor, subscription=subscription(call)))


@serves("reseller.subscriptions.startPaidService")
def start_paid_service(call: Call) -> dict[str, Any]:
    """End a trial: with the plan that was chosen in it, and else a flexible one."""
    return _now(lifecycle.start_paid_service(actor=call.actor, subscription=subscription(call)))


@serves("reseller.subscriptions.changePlan")
def change_plan(call: Call) -> dict[str, Any]:
    """Change a flexible plan to an annual one; of a trial: choose what it becomes."""
    plan = plan_named(call.body.get("planName", ""))
    changed = lifecycle.change_plan(
        actor=call.actor,
        subscription=subscription(call),
        plan=plan,
        seats=seats_sent(plan, call.body.get("seats", {})),
        purchase_order_id=call.body.get("purchaseOrderId") or None,
        deal_code=call.body.get("dealCode") or None,
    )
    return _now(changed)


@serves("reseller.subscriptions.changeSeats")
def change_seats(call: Call) -> dict[str, Any]:
    found = subscription(call)
    seats = seats_sent(Plan(found.plan), call.body)
    if seats is None:
        raise ApiError(400, "required", "Required: seats", "seats")
    return _now(lifecycle.change_seats(actor=call.actor, subscription=found, seats=seats))


@serves("reseller.subscriptions.changeRenewalSettings")
def change_renewal_settings(call: Call) -> dict[str, Any]:
    renewal = renewal_named(call.body.get("renewalType", ""))
    return _now(lifecycle.change_renewal(actor=call.actor, subscription=subscription(call), renewal=renewal))


def _now(changed: Subscription) -> dict[str, Any]:
    """Return a subscription after a step, as the database has it."""
    return shown_subscription(live(Subscription.objects.filter(pk=changed.pk)).get())
