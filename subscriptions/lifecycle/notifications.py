"""Which notifications a step of a subscription's life is to its seller, and to the one before (X6)."""

from __future__ import annotations

from typing import Any

from accounts.actor import Actor
from accounts.models import Reseller
from subscriptions.catalogue import rank_of
from subscriptions.models import Sku, Subscription
from subscriptions.models.order import OrderKind
from subscriptions.models.subscription import COMMITMENT_PLANS, Plan, SuspensionReason
from subscriptions.notifying import Told, notify

# The steps that are always one same notification to the seller.
_ALWAYS = {
    OrderKind.ORDERED: Told.NEW_SUBSCRIPTION_CREATED,
    OrderKind.PAID_SERVICE_STARTED: Told.SUBSCRIPTION_TRIAL_ENDED,
    OrderKind.ACTIVATED: Told.SUBSCRIPTION_SUSPENSION_REVOKED,
    OrderKind.RENEWED: Told.SUBSCRIPTION_RENEWED,
}


def notify_of_step(
    kind: OrderKind,
    *,
    actor: Actor | None,
    subscription: Subscription,
    old: dict[str, Any],
    new: dict[str, Any],
) -> None:
    """Notify the seller of a step. old, new: what differs. Those that the original does not tell are told to nobody."""
    seller, plan = subscription.reseller, subscription.plan
    if kind in _ALWAYS:
        notify(seller, subscription, _ALWAYS[kind])
    elif kind == OrderKind.SUSPENDED:
        reasons = list(subscription.suspension_reasons)
        if SuspensionReason.TRIAL_ENDED in reasons:
            notify(seller, subscription, Told.SUBSCRIPTION_TRIAL_ENDED)
        notify(seller, subscription, Told.SUBSCRIPTION_SUSPENDED, subscription_suspension_reasons=reasons)
    elif kind == OrderKind.CANCELLED:
        is_own = actor is not None and seller is not None and actor.user.reseller_id == seller.pk
        _cancelled(seller, subscription, "RESELLER_INITIATED" if is_own else "OTHER")
    elif kind == OrderKind.PLAN_CHANGED and old.get("plan") == Plan.FLEXIBLE and plan in COMMITMENT_PLANS:
        notify(seller, subscription, Told.PRICE_PLAN_SWITCHED)
    elif kind == OrderKind.SEATS_CHANGED and "seats" in new and plan in COMMITMENT_PLANS:
        notify(seller, subscription, Told.COMMITMENT_CHANGED)
    elif kind == OrderKind.SKU_CHANGED:
        before = Sku.objects.filter(product=subscription.sku.product_id, name=old["SKU_NAME"]).first()
        is_less = before is not None and rank_of(subscription.sku) < rank_of(before)
        notify(seller, subscription, Told.SUBSCRIPTION_DOWNGRADE if is_less else Told.SUBSCRIPTION_UPGRADE)


def notify_of_transfer(subscription: Subscription, seller_before: Reseller | None) -> None:
    """Notify the one who sold it until now, and the one who does from now on; the vendor hears nothing."""
    _cancelled(seller_before, subscription, "TRANSFERRED_OUT")
    is_from_vendor = seller_before is None
    told = Told.SUBSCRIPTION_CONVERTED if is_from_vendor else Told.NEW_SUBSCRIPTION_CREATED
    notify(subscription.reseller, subscription, told)


def _cancelled(seller: Reseller | None, subscription: Subscription, reason: str) -> None:
    notify(seller, subscription, Told.SUBSCRIPTION_CANCELLED, subscription_cancellation_reason=reason)
