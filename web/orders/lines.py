"""The order history as people read it: what, when, by whom. Every reader starts from one of the two scopes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Customer, Reseller
from subscriptions.models import Order, Subscription
from subscriptions.models.order import OrderKind
from web.audit.words import Difference, differences


def orders_of_customer(customer: Customer) -> QuerySet[Order]:
    """Return every line about a customer's subscriptions, no matter who sold them (B1)."""
    return Order.objects.filter(subscription__customer=customer)


def orders_of_seller(subscription: Subscription, reseller: Reseller) -> QuerySet[Order]:
    """Return the lines of the time in which this reseller sold it; what was before is not its business."""
    return Order.objects.filter(subscription=subscription, reseller=reseller)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line in words."""

    at: datetime
    what: str
    who: str
    organisation: str
    differences: list[Difference]


def customer_lines(orders: list[Order]) -> list[OrderLine]:
    """Put lines into words for the customer."""
    return [_line(order, order.old_value) for order in orders]


def seller_lines(orders: list[Order]) -> list[OrderLine]:
    """Put lines into words for the reseller: from whom it took a subscription over it does not learn."""
    return [_line(order, None if order.kind == OrderKind.TRANSFERRED else order.old_value) for order in orders]


def _line(order: Order, old: Any) -> OrderLine:
    return OrderLine(
        at=order.at,
        what=order.get_kind_display(),
        who=order.actor_email or _("System"),
        organisation=order.actor_organisation,
        differences=differences(old, order.new_value),
    )
