"""What can be done with a subscription as it is now: which buttons its page has. The verbs decide again."""

from __future__ import annotations

from subscriptions.lifecycle.terms import PAID_PLANS, is_over
from subscriptions.models import Subscription
from subscriptions.models.subscription import COMMITMENT_PLANS, Plan, Status, SuspensionReason

SEATS, PLAN, RENEWAL, PAID, SUSPEND, ACTIVATE, CANCEL = (
    "seats",
    "plan",
    "renewal",
    "paid-service",
    "suspend",
    "activate",
    "cancel",
)


def steps_of(subscription: Subscription) -> list[str]:
    """Return the steps that the rules allow its seller's people now (B5, B6, B7)."""
    active = subscription.status == Status.ACTIVE
    plan = subscription.plan
    allowed = {
        SEATS: active and plan != Plan.FREE,
        PLAN: is_over(subscription) or (active and plan == Plan.FLEXIBLE),
        RENEWAL: active and plan in COMMITMENT_PLANS,
        PAID: plan == Plan.TRIAL
        and subscription.status != Status.CANCELLED
        and not set(subscription.suspension_reasons) - {SuspensionReason.TRIAL_ENDED},
        SUSPEND: active and plan in PAID_PLANS and subscription.reseller_id is not None,
        ACTIVATE: subscription.suspension_reasons == [SuspensionReason.RESELLER_INITIATED],
        CANCEL: subscription.status != Status.CANCELLED,
    }
    return [step for step, is_allowed in allowed.items() if is_allowed]


def plans_of(subscription: Subscription) -> list[Plan]:
    """Return the plans that this subscription can go on with."""
    return [plan for plan in PAID_PLANS if plan != subscription.plan or is_over(subscription)]
