"""reseller.subscriptions.insert: ordering, changing to another SKU, and taking over with a token (B1, B5)."""

from __future__ import annotations

from typing import Any

from accounts.authorisation import authorise_reseller
from accounts.roles import Role
from api.core.call import Call
from api.core.errors import NotFound
from api.core.methods import serves
from api.reseller.places import live, relation
from api.reseller.plans import plan_named, renewal_named, seats_sent, sku_named
from api.reseller.shown import shown_subscription
from api.reseller.tokens import open_token
from subscriptions import lifecycle
from subscriptions.access.scope import sold_subscriptions
from subscriptions.models import Sku, Subscription
from subscriptions.models.subscription import Plan, Status
from subscriptions.transfers import transfer_sku


@serves("reseller.subscriptions.insert")
def insert(call: Call) -> dict[str, Any]:
    """Order for a customer of one's own; with a token take one SKU over; with `switch` change to another SKU."""
    sku = sku_named(call.body.get("skuId", ""))
    if call.params.get("customerAuthToken"):
        made = _taken_over(call, sku)
    elif call.params.get("action") == "switch":
        made = _switched(call, sku)
    else:
        made = _ordered(call, sku)
    return shown_subscription(live(Subscription.objects.filter(pk=made.pk)).get())


def _plan(call: Call) -> Plan:
    return plan_named(call.body.get("plan", {}).get("planName", ""))


def _ordered(call: Call, sku: Sku) -> Subscription:
    found = relation(call)
    plan = _plan(call)
    offer = lifecycle.Offer(
        sku=sku,
        plan=plan,
        seats=seats_sent(plan, call.body.get("seats", {})),
        purchase_order_id=call.body.get("purchaseOrderId", ""),
        deal_code=call.body.get("dealCode", ""),
    )
    made = lifecycle.order_subscription(actor=call.actor, customer=found.customer, reseller=found.reseller, offer=offer)
    return _renewing(call, made)


def _switched(call: Call, sku: Sku) -> Subscription:
    """Change what was sold of another SKU of the product; seats and plan follow where others are sent."""
    source = sku_named(call.params.get("sourceSkuId", ""), "sourceSkuId")
    sold = sold_subscriptions(relation(call)).exclude(status=Status.CANCELLED)
    found = sold.select_related("sku").filter(sku=source).order_by("pk").first()
    if found is None:
        raise NotFound("sourceSkuId")
    return _agreed(call, lifecycle.change_sku(actor=call.actor, subscription=found, sku=sku))


def _taken_over(call: Call, sku: Sku) -> Subscription:
    """Take one SKU over. The token lives until its product groups are complete: a batch has one call for each."""
    reseller = authorise_reseller(call.actor, (Role.RESELLER_ADMIN,))
    code = call.params["customerAuthToken"]
    token = open_token(call, reseller, call.params["customerId"], code)
    moved = transfer_sku(actor=call.actor, reseller=reseller, customer=token.customer, code=code, sku=sku)
    return _agreed(call, moved)


def _agreed(call: Call, found: Subscription) -> Subscription:
    """Give a subscription the plan, the seats and the notes that were sent with it, where they differ."""
    plan = Plan(found.plan)
    if call.body.get("plan", {}).get("planName"):
        plan = _plan(call)
    seats = seats_sent(plan, call.body.get("seats", {}))
    notes = {
        "purchase_order_id": call.body.get("purchaseOrderId") or None,
        "deal_code": call.body.get("dealCode") or None,
    }
    if plan != found.plan or any(notes.values()):
        lifecycle.change_plan(actor=call.actor, subscription=found, plan=plan, seats=seats, **notes)
    if plan == found.plan and seats is not None:
        lifecycle.change_seats(actor=call.actor, subscription=found, seats=seats)
    return _renewing(call, found)


def _renewing(call: Call, made: Subscription) -> Subscription:
    """Give it the renewal that was sent; 412 for a plan that has none (B7)."""
    if name := call.body.get("renewalSettings", {}).get("renewalType", ""):
        lifecycle.change_renewal(actor=call.actor, subscription=made, renewal=renewal_named(name))
    return made
