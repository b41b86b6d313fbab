"""Suspending and reactivating what a reseller sold (B6)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.errors import Refused
from subscriptions.lifecycle.history import save_step, values_of
from subscriptions.lifecycle.sellers import locked_for_sale
from subscriptions.lifecycle.terms import PAID_PLANS, require_active, way_out
from subscriptions.models import Subscription
from subscriptions.models.order import OrderKind
from subscriptions.models.subscription import Status, SuspensionReason


@transaction.atomic
def suspend_subscription(*, actor: Actor | None, subscription: Subscription) -> Subscription:
    """Suspend an active paid subscription for its reseller (B6). Licences and access stay as they are.

    Raises Refused for a trial, a free one, one bought from the vendor, and one that is suspended for another reason.
    """
    subscription = locked_for_sale(actor, subscription)
    if subscription.suspension_reasons == [SuspensionReason.RESELLER_INITIATED]:
        return subscription
    require_active(subscription)
    if subscription.reseller is None:
        raise Refused(
            _("Only a reseller suspends what it sold. Cancel this subscription if you do not need it."),
            reason="forbidden",
        )
    if subscription.plan not in PAID_PLANS:
        raise Refused(
            _("Only a paid subscription can be suspended. This one can be cancelled."), reason="conditionNotMet"
        )
    before = values_of(subscription)
    subscription.status = Status.SUSPENDED
    subscription.suspension_reasons = [SuspensionReason.RESELLER_INITIATED]
    save_step(OrderKind.SUSPENDED, actor=actor, subscription=subscription, before=before)
    return subscription


@transaction.atomic
def activate_subscription(*, actor: Actor | None, subscription: Subscription) -> Subscription:
    """Reactivate what the reseller suspended itself, and for no other reason (B6). Raises Refused for the rest."""
    subscription = locked_for_sale(actor, subscription)
    if subscription.status == Status.ACTIVE:
        return subscription
    if subscription.suspension_reasons != [SuspensionReason.RESELLER_INITIATED]:
        if subscription.status == Status.SUSPENDED:
            raise Refused(way_out(subscription), reason="badRequest")
        require_active(subscription)
    before = values_of(subscription)
    subscription.status, subscription.suspension_reasons = Status.ACTIVE, []
    save_step(OrderKind.ACTIVATED, actor=actor, subscription=subscription, before=before)
    return subscription
