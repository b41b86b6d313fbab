"""Ordering subscriptions (B1, B3, B5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.errors import Duplicate
from accounts.locking import lock_customer
from accounts.models import Customer, Reseller, User
from accounts.names import readable
from subscriptions.access.relation import begin_relation
from subscriptions.lifecycle.history import write_line
from subscriptions.lifecycle.sellers import authorise_sale
from subscriptions.lifecycle.terms import Offer, begin_term, check_offer, note_order
from subscriptions.models import Order, Subscription
from subscriptions.models.order import OrderKind
from subscriptions.models.subscription import TRIAL_SEATS, Plan, Status

# A second click comes within seconds; after minutes a person has come back to a page and means something by it.
_SECOND_CLICK: Final = timedelta(minutes=2)


@transaction.atomic
def order_subscription(
    *, actor: Actor | None, customer: Customer, reseller: Reseller | None, offer: Offer
) -> Subscription:
    """Order a subscription from a reseller that serves this customer, or from the vendor where `reseller` is None (B1).

    Raises Refused where the plan does not allow it (B5), or where there is a live one of the same SKU from the same
    seller: two of them would be one with more seats. PermissionDenied for anybody but the seller's people (B2, B3).
    """
    lock_customer(customer)
    authorise_sale(actor, customer, reseller)
    check_order(customer, reseller, offer)
    return place_order(actor=actor, customer=customer, reseller=reseller, offer=offer)


def check_order(customer: Customer, reseller: Reseller | None, offer: Offer) -> None:
    """Refuse what order_subscription refuses, before anything is confirmed. Raises Refused."""
    check_offer(offer)
    live = Subscription.objects.filter(customer=customer, reseller=reseller, sku=offer.sku)
    if live.exclude(status=Status.CANCELLED).exists():
        text = _("There is a subscription of %(product)s from this seller already. Change its seats or its plan.")
        raise Duplicate(text % {"product": offer.sku.name}, "sku")


def ordered_just_now(
    *, person: User, customer: Customer, reseller: Reseller | None, offer: Offer
) -> Subscription | None:
    """Return what a person has ordered a moment ago, just as it is ordered again: one form that was sent twice.

    None where it was another person, another order, or where anything has happened to the subscription since.
    """
    orders = Order.objects.filter(subscription__customer=customer, subscription__sku=offer.sku, reseller=reseller)
    newest = orders.select_related("subscription").order_by("-pk").first()
    if newest is None or newest.kind != OrderKind.ORDERED or newest.actor_email != person.email:
        return None
    is_same = newest.new_value == _said_of(offer)
    return newest.subscription if is_same and database_now() - newest.at < _SECOND_CLICK else None


@transaction.atomic
def place_order(*, actor: Actor | None, customer: Customer, reseller: Reseller | None, offer: Offer) -> Subscription:
    """Write an order that was decided elsewhere: by the verb above, by creating a customer, by the demo.

    Asks nobody whether they may, so no view calls it. The first order from a reseller begins the relation (R1);
    one from the vendor is open to no reseller (R3).
    """
    lock_customer(customer)
    seats = _seats_of(offer)
    subscription = Subscription(customer=customer, reseller=reseller, sku=offer.sku)
    note_order(subscription, offer.purchase_order_id, offer.deal_code)
    begin_term(subscription, offer.plan, seats, database_now())
    subscription.save(force_insert=True)
    new = _said_of(offer)
    write_line(OrderKind.ORDERED, actor=actor, subscription=subscription, old=None, new=new)
    if reseller is not None:
        begin_relation(customer=customer, reseller=reseller)
    return subscription


def _said_of(offer: Offer) -> dict[str, Any]:
    """Return what the line of an order says: the notes only where there are any."""
    notes = {"purchase_order": readable(offer.purchase_order_id), "deal_code": readable(offer.deal_code)}
    return {"plan": offer.plan, "seats": _seats_of(offer)} | {name: text for name, text in notes.items() if text}


def _seats_of(offer: Offer) -> int | None:
    return TRIAL_SEATS if offer.plan == Plan.TRIAL and offer.seats is None else offer.seats
