"""Cancelling a subscription, and moving it to another seller or to the vendor (B1, R13)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.locking import taking_away
from accounts.models import Reseller
from subscriptions.access.relation import begin_relation, end_relation, end_subscription_access
from subscriptions.lifecycle.history import save_step, values_of
from subscriptions.lifecycle.sellers import locked_for_sale
from subscriptions.lifecycle.terms import check_seats
from subscriptions.models import Subscription
from subscriptions.models.order import OrderKind
from subscriptions.models.subscription import Status, SuspensionReason
from subscriptions.seats import lock, take_all


@taking_away()
def cancel_subscription(*, actor: Actor | None, subscription: Subscription) -> None:
    """Cancel a subscription: its licences are released, and every access that stood on it ends at once (R13)."""
    subscription = locked_for_sale(actor, subscription)
    if subscription.status == Status.CANCELLED:
        return
    before, now = values_of(subscription), database_now()
    subscription.status = Status.CANCELLED
    subscription.suspension_reasons = []
    subscription.cancelled_at = now
    save_step(OrderKind.CANCELLED, actor=actor, subscription=subscription, before=before)
    take_all(subscription, actor=actor)
    _end_access(subscription, subscription.reseller)


@transaction.atomic
def transfer_subscription(
    *, actor: Actor | None, subscription: Subscription, reseller: Reseller, seats: int | None = None
) -> None:
    """Move a live subscription to another reseller. Access of the one before does not outlive it (R13).

    seats: None leaves them; a number is checked as in change_seats (B5). Licences stay, plan and end stay.
    Who may is the caller's question: it holds the customer's consent (subscriptions/transfers.py). Raises Refused.
    """
    subscription = lock(subscription)
    seller = subscription.reseller
    if seller == reseller or subscription.status == Status.CANCELLED:
        return
    before = values_of(subscription)
    subscription.reseller = reseller
    subscription.purchase_order_id = subscription.deal_code = ""  # the seller's own until now
    if seats is not None and seats != subscription.seats:
        check_seats(subscription, seats)
        subscription.set_seats(seats)
    save_step(OrderKind.TRANSFERRED, actor=actor, subscription=subscription, before=before, seller_before=seller)
    _end_access(subscription, seller)
    begin_relation(customer=subscription.customer, reseller=reseller)


@taking_away()
def transfer_to_direct(*, actor: Actor | None, subscription: Subscription) -> None:
    """Hand a live subscription that a reseller sold back to the vendor: the customer goes on with it (B1).

    Seats, plan, end and licences stay; a suspension by the reseller ends with its sale, and what it noted goes. Its
    access ends at once with the last one (R13). It comes back only with the customer's token. Raises Refused.
    """
    subscription = locked_for_sale(actor, subscription)
    seller = subscription.reseller
    if seller is None:
        raise Refused(_("This subscription was bought from the vendor already."), reason="conditionNotMet")
    if subscription.status == Status.CANCELLED:
        raise Refused(_("This subscription is cancelled. Order a new one instead."), reason="badRequest")
    before = values_of(subscription)
    subscription.reseller = None
    subscription.purchase_order_id = subscription.deal_code = ""
    if subscription.suspension_reasons == [SuspensionReason.RESELLER_INITIATED]:
        subscription.status, subscription.suspension_reasons = Status.ACTIVE, []
    save_step(OrderKind.HANDED_BACK, actor=actor, subscription=subscription, before=before, seller_before=seller)
    _end_access(subscription, seller)


def _end_access(subscription: Subscription, seller: Reseller | None) -> None:
    end_subscription_access(subscription=subscription)
    if seller is not None:
        end_relation(customer=subscription.customer, reseller=seller)
