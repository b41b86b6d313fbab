"""Another edition of the same product: an upgrade, or a downgrade (B4, B5)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.errors import Duplicate, Refused
from subscriptions.catalogue import rank_of
from subscriptions.lifecycle.history import save_step, values_of
from subscriptions.lifecycle.sellers import locked_for_sale
from subscriptions.lifecycle.terms import end_date, note_order, require_active
from subscriptions.models import Sku, Subscription
from subscriptions.models.order import OrderKind
from subscriptions.models.subscription import COMMITMENT_PLANS, Status


@transaction.atomic
def change_sku(
    *,
    actor: Actor | None,
    subscription: Subscription,
    sku: Sku,
    purchase_order_id: str | None = None,
    deal_code: str | None = None,
) -> Subscription:
    """Change an active subscription to another SKU of its product. Seats, plan and end stay; licences move with it.

    purchase_order_id, deal_code: None keeps them.
    Raises Refused for another product, for less than what a commitment was made to (B5), and where its seller has
    sold the customer that SKU already: two of them would be one with more seats.
    """
    subscription = locked_for_sale(actor, subscription)
    require_active(subscription)
    if sku == subscription.sku:
        return subscription
    check_sku(subscription, sku)
    before = values_of(subscription)
    note_order(subscription, purchase_order_id, deal_code)
    subscription.sku = sku
    save_step(OrderKind.SKU_CHANGED, actor=actor, subscription=subscription, before=before)
    return subscription


def check_sku(subscription: Subscription, sku: Sku) -> None:
    """Refuse a SKU that this subscription cannot change to now. Raises Refused."""
    names = {"product": subscription.sku.name, "other": sku.name, "date": end_date(subscription)}
    if sku.product_id != subscription.sku.product_id:
        text = _("%(other)s is another product. Order it beside %(product)s.")
        raise Refused(text % names, "sku", reason="conditionNotMet")
    live = Subscription.objects.filter(customer=subscription.customer_id, reseller=subscription.reseller_id, sku=sku)
    if live.exclude(status=Status.CANCELLED).exists():
        text = _("There is a subscription of %(other)s from this seller already. Change its seats or its plan.")
        raise Duplicate(text % names, "sku")
    if subscription.plan in COMMITMENT_PLANS and rank_of(sku) < rank_of(subscription.sku):
        text = _("The annual plan of %(product)s lasts until %(date)s. Until then it can be upgraded, not downgraded.")
        raise Refused(text % names, "sku", reason="conditionNotMet")
