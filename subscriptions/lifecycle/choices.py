"""What can be done with a subscription as it is now: which buttons its page has. The verbs decide again."""

from __future__ import annotations

from subscriptions.catalogue import rank_of
from subscriptions.lifecycle.terms import PAID_PLANS, is_over
from subscriptions.models import Sku, Subscription
from subscriptions.models.subscription import COMMITMENT_PLANS, Plan, Status, SuspensionReason

SEATS, PLAN, SKU, RENEWAL, NOTES, PAID, SUSPEND, ACTIVATE, HAND_BACK, CANCEL = (
    "seats",
    "plan",
    "sku",
    "renewal",
    "purchase-order",
    "paid-service",
    "suspend",
    "activate",
    "hand-back",
    "cancel",
)


def steps_of(subscription: Subscription) -> list[str]:
    """Return the steps that the rules allow its seller's people now (B5, B6, B7)."""
    active = subscription.status == Status.ACTIVE
    plan, is_sold = subscription.plan, subscription.reseller_id is not None
    allowed = {
        SEATS: allows_seats(subscription),
        PLAN: is_over(subscription) or (active and plan == Plan.FLEXIBLE),
        SKU: active and bool(skus_of(subscription)),
        RENEWAL: active and plan in COMMITMENT_PLANS,
        NOTES: active and is_sold,
        PAID: plan == Plan.TRIAL
        and subscription.status != Status.CANCELLED
        and not set(subscription.suspension_reasons) - {SuspensionReason.TRIAL_ENDED},
        SUSPEND: active and plan in PAID_PLANS and is_sold,
        ACTIVATE: subscription.suspension_reasons == [SuspensionReason.RESELLER_INITIATED],
        HAND_BACK: is_sold and subscription.status != Status.CANCELLED,
        CANCEL: subscription.status != Status.CANCELLED,
    }
    return [step for step, is_allowed in allowed.items() if is_allowed]


def allows_seats(subscription: Subscription) -> bool:
    """Tell whether its number of seats can be changed now (B5)."""
    return subscription.status == Status.ACTIVE and subscription.plan != Plan.FREE


def plans_of(subscription: Subscription) -> list[Plan]:
    """Return the plans that this subscription can go on with."""
    return [plan for plan in PAID_PLANS if plan != subscription.plan or is_over(subscription)]


def skus_of(subscription: Subscription) -> list[Sku]:
    """Return the editions of its product that it can change to, the least first; in a commitment only upgrades (B5)."""
    now = subscription.sku
    others = Sku.objects.filter(product_id=now.product_id).exclude(pk=now.pk)
    ranked = sorted(others, key=lambda sku: (rank_of(sku), sku.name))
    if subscription.plan in COMMITMENT_PLANS:
        return [sku for sku in ranked if rank_of(sku) >= rank_of(now)]
    return ranked
