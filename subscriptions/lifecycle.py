"""The life of a subscription (B1, B5, B6). What happens to access follows from it (R13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import EventName, record
from accounts.models import Customer, Reseller
from subscriptions.access.effective import database_now
from subscriptions.access.outbox import lock_customer
from subscriptions.access.relation import begin_relation, end_relation, end_subscription_access
from subscriptions.models import Sku, Subscription
from subscriptions.models.subscription import COMMITMENT_PLANS, TRIAL_SEATS, Plan, RenewalType, Status

COMMITMENT = timedelta(days=365)
TRIAL = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Offer:
    """What is bought: a SKU, a plan and seats (B5). seats: None where the plan has none, or as many as it can."""

    sku: Sku
    plan: Plan
    seats: int | None = None


@transaction.atomic
def order_subscription(
    *, actor: Actor | None, customer: Customer, reseller: Reseller | None, offer: Offer
) -> Subscription:
    """Order a subscription from a reseller, or from the vendor where `reseller` is None (B1).

    The first one from a reseller begins the relation (R1). One from the vendor is open to no reseller (R3).
    """
    lock_customer(customer)
    is_commitment = offer.plan in COMMITMENT_PLANS
    lasts = COMMITMENT if is_commitment else TRIAL if offer.plan == Plan.TRIAL else None
    seats = TRIAL_SEATS if offer.plan == Plan.TRIAL and offer.seats is None else offer.seats
    subscription = Subscription.objects.create(
        customer=customer,
        reseller=reseller,
        sku=offer.sku,
        plan=offer.plan,
        number_of_seats=seats if is_commitment else None,
        maximum_number_of_seats=None if is_commitment else seats,
        renewal_type=RenewalType.AUTO_RENEW_MONTHLY_PAY if is_commitment else None,
        ends_at=database_now() + lasts if lasts else None,
    )
    _record(EventName.ORDER_SUBSCRIPTION, subscription, actor, new={"plan": offer.plan, "seats": seats})
    if reseller is not None:
        begin_relation(customer=customer, reseller=reseller)
    return subscription


@transaction.atomic
def cancel_subscription(*, actor: Actor | None, subscription: Subscription) -> None:
    """Cancel a subscription; every access that stood on it ends with the next request (R13)."""
    subscription = _locked(subscription)
    if subscription.status == Status.CANCELLED:
        return
    old = {"status": subscription.status}
    subscription.status = Status.CANCELLED
    subscription.suspension_reasons = []
    subscription.cancelled_at = database_now()
    subscription.save(update_fields=["status", "suspension_reasons", "cancelled_at"])
    _record(EventName.CANCEL_SUBSCRIPTION, subscription, actor, old=old, new={"status": subscription.status})
    _end_access(subscription, subscription.reseller)


@transaction.atomic
def transfer_subscription(*, actor: Actor | None, subscription: Subscription, reseller: Reseller) -> None:
    """Move a live subscription to another reseller. Access of the one before does not outlive it (R13)."""
    subscription = _locked(subscription)
    before = subscription.reseller
    if before == reseller or subscription.status == Status.CANCELLED:
        return
    subscription.reseller = reseller
    subscription.save(update_fields=["reseller"])
    old = {"reseller": before.name if before else None}
    _record(EventName.TRANSFER_SUBSCRIPTION, subscription, actor, old=old, new={"reseller": reseller.name})
    _end_access(subscription, before)
    begin_relation(customer=subscription.customer, reseller=reseller)


def _locked(subscription: Subscription) -> Subscription:
    lock_customer(subscription.customer)
    return (
        Subscription.objects.select_for_update(of=("self",))
        .select_related("customer", "reseller", "sku")
        .get(pk=subscription.pk)
    )


def _end_access(subscription: Subscription, seller: Reseller | None) -> None:
    end_subscription_access(subscription=subscription)
    if seller is not None:
        end_relation(customer=subscription.customer, reseller=seller)


def _record(
    name: EventName,
    subscription: Subscription,
    actor: Actor | None,
    *,
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object],
) -> None:
    record(name, actor=actor, customer=subscription.customer, subject=subscription.sku.name, old=old, new=new)
