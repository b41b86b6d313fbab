"""Changing what was bought: seats, plan, renewal, and from a trial to the paid service (B5, B7)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.errors import Refused
from subscriptions.lifecycle.history import Values, save_step, values_of
from subscriptions.lifecycle.sellers import locked_for_sale
from subscriptions.lifecycle.terms import (
    PAID_PLANS,
    begin_term,
    check_not_below_use,
    check_number,
    check_plan,
    check_seats,
    is_over,
    note_order,
    require_active,
    way_out,
)
from subscriptions.models import Subscription
from subscriptions.models.order import OrderKind
from subscriptions.models.subscription import COMMITMENT_PLANS, Plan, RenewalType, Status, SuspensionReason


@transaction.atomic
def change_seats(
    *,
    actor: Actor | None,
    subscription: Subscription,
    seats: int,
    purchase_order_id: str | None = None,
    deal_code: str | None = None,
) -> Subscription:
    """Change the seats of an active subscription (B5). Raises Refused with the numbers that are allowed.

    purchase_order_id, deal_code: of this change; None keeps them, and so does a number of seats that is the same.
    """
    subscription = locked_for_sale(actor, subscription)
    require_active(subscription)
    before = values_of(subscription)
    if seats == subscription.seats:
        return subscription
    check_seats(subscription, seats)
    note_order(subscription, purchase_order_id, deal_code)
    subscription.set_seats(seats)
    save_step(OrderKind.SEATS_CHANGED, actor=actor, subscription=subscription, before=before)
    return subscription


@transaction.atomic
def change_plan(
    *,
    actor: Actor | None,
    subscription: Subscription,
    plan: Plan,
    seats: int | None = None,
    purchase_order_id: str | None = None,
    deal_code: str | None = None,
) -> Subscription:
    """Change the plan where that is allowed now (see terms.check_plan). A commitment begins today.

    Of a trial it is remembered, and begins with the paid service: when that is started, or when the trial ends.
    seats, purchase_order_id, deal_code: None keeps them. Raises Refused.
    """
    subscription = locked_for_sale(actor, subscription)
    before = values_of(subscription)
    note_order(subscription, purchase_order_id, deal_code)
    if not is_over(subscription):
        require_active(subscription)
        if plan == subscription.plan:
            save_step(OrderKind.NOTED, actor=actor, subscription=subscription, before=before)
            return subscription
    check_plan(subscription, plan)
    if subscription.plan == Plan.TRIAL:
        return _remember(actor, subscription, plan, seats, before)
    return _begin_paid(OrderKind.PLAN_CHANGED, actor, subscription, plan, seats, before)


def _remember(
    actor: Actor | None, subscription: Subscription, plan: Plan, seats: int | None, before: Values
) -> Subscription:
    """Keep the plan that a trial will have."""
    if seats is not None:
        check_number(plan, seats)
        check_not_below_use(subscription, seats)
    subscription.plan_after_trial, subscription.seats_after_trial = plan, seats
    save_step(OrderKind.PLAN_CHANGED, actor=actor, subscription=subscription, before=before)
    return subscription


@transaction.atomic
def change_renewal(*, actor: Actor | None, subscription: Subscription, renewal: RenewalType) -> Subscription:
    """Choose what happens when the commitment is over; only commitment plans have a renewal (B7). Raises Refused."""
    subscription = locked_for_sale(actor, subscription)
    require_active(subscription)
    if subscription.plan not in COMMITMENT_PLANS:
        raise Refused(
            _("Only annual plans renew. This plan has no commitment that could end."),
            "renewal",
            reason="conditionNotMet",
        )
    before = values_of(subscription)
    subscription.renewal_type = renewal
    save_step(OrderKind.RENEWAL_CHANGED, actor=actor, subscription=subscription, before=before)
    return subscription


@transaction.atomic
def change_notes(
    *,
    actor: Actor | None,
    subscription: Subscription,
    purchase_order_id: str | None = None,
    deal_code: str | None = None,
) -> Subscription:
    """Change what its reseller notes about a subscription; None keeps it. Raises Refused."""
    subscription = locked_for_sale(actor, subscription)
    require_active(subscription)
    if subscription.reseller_id is None:
        raise Refused(_("Only what a reseller sold has a purchase order."), reason="conditionNotMet")
    before = values_of(subscription)
    note_order(subscription, purchase_order_id, deal_code)
    save_step(OrderKind.NOTED, actor=actor, subscription=subscription, before=before)
    return subscription


@transaction.atomic
def start_paid_service(
    *, actor: Actor | None, subscription: Subscription, plan: Plan | None = None, seats: int | None = None
) -> Subscription:
    """Make a trial a paid subscription, from today on, while it lasts or after it ended (B5, B6).

    plan, seats: None takes what was chosen during the trial, and else a flexible plan with the seats of the trial.
    Raises Refused.
    """
    subscription = locked_for_sale(actor, subscription)
    if subscription.plan != Plan.TRIAL:
        raise Refused(
            _("This is no trial: the paid service has begun. Change the plan or the seats instead."),
            reason="conditionNotMet",
        )
    if subscription.status == Status.CANCELLED:
        raise Refused(_("This subscription is cancelled. Order a new one instead."), reason="badRequest")
    if set(subscription.suspension_reasons) - {SuspensionReason.TRIAL_ENDED}:
        raise Refused(way_out(subscription), reason="badRequest")
    if plan is None:
        plan, seats = Plan(subscription.plan_after_trial or Plan.FLEXIBLE), seats or subscription.seats_after_trial
    if plan not in PAID_PLANS:
        raise Refused(_("Choose a flexible plan or an annual plan."), "plan")
    before = values_of(subscription)
    return _begin_paid(OrderKind.PAID_SERVICE_STARTED, actor, subscription, plan, seats, before)


def _begin_paid(
    kind: OrderKind,
    actor: Actor | None,
    subscription: Subscription,
    plan: Plan,
    seats: int | None,
    before: Values,
) -> Subscription:
    """Let a paid term begin now; what had ended is active again."""
    seats = seats if seats is not None else subscription.seats
    assert seats is not None  # every plan that comes here has seats (B5)
    check_number(plan, seats)
    check_not_below_use(subscription, seats)
    begin_term(subscription, plan, seats, database_now())
    subscription.status, subscription.suspension_reasons = Status.ACTIVE, []
    save_step(kind, actor=actor, subscription=subscription, before=before)
    return subscription
