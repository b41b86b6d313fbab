"""Saves a step of a subscription's life with its line in the order history and its event (A1)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from accounts.actor import Actor
from accounts.audit import EventName, kind_of, record_audit
from accounts.models import Reseller
from accounts.models.audit_event import ActorKind
from subscriptions.lifecycle.notifications import notify_of_step, notify_of_transfer
from subscriptions.models import Order, Subscription
from subscriptions.models.order import OrderKind

Values = dict[str, Any]


class Same(Enum):
    """The seller stays; None would be the vendor."""

    SAME = "same"


SAME: Final = Same.SAME
Seller = Reseller | None | Same
EVENTS: Final[Mapping[OrderKind, EventName]] = MappingProxyType(
    {
        OrderKind.ORDERED: EventName.ORDER_SUBSCRIPTION,
        OrderKind.SEATS_CHANGED: EventName.CHANGE_SUBSCRIPTION_SEATS,
        OrderKind.PLAN_CHANGED: EventName.CHANGE_SUBSCRIPTION_PLAN,
        OrderKind.RENEWAL_CHANGED: EventName.CHANGE_SUBSCRIPTION_RENEWAL,
        OrderKind.NOTED: EventName.CHANGE_SUBSCRIPTION_NOTES,
        OrderKind.PAID_SERVICE_STARTED: EventName.START_PAID_SERVICE,
        OrderKind.SUSPENDED: EventName.SUSPEND_SUBSCRIPTION,
        OrderKind.ACTIVATED: EventName.ACTIVATE_SUBSCRIPTION,
        OrderKind.RENEWED: EventName.RENEW_SUBSCRIPTION,
        OrderKind.TRANSFERRED: EventName.TRANSFER_SUBSCRIPTION,
        OrderKind.HANDED_BACK: EventName.TRANSFER_SUBSCRIPTION_TO_DIRECT,
        OrderKind.SKU_CHANGED: EventName.CHANGE_SUBSCRIPTION_SKU,
        OrderKind.CANCELLED: EventName.CANCEL_SUBSCRIPTION,
    }
)
# Everything a step may change; the row is locked from the reading to the writing.
_FIELDS = (
    "reseller",
    "sku",
    "purchase_order_id",
    "deal_code",
    "plan_after_trial",
    "seats_after_trial",
    "plan",
    "status",
    "suspension_reasons",
    "number_of_seats",
    "maximum_number_of_seats",
    "renewal_type",
    "committed_at",
    "ends_at",
    "cancelled_at",
)


def values_of(subscription: Subscription) -> Values:
    """Return what a line of the history compares."""
    return {
        "SKU_NAME": subscription.sku.name,
        "plan": subscription.plan,
        "seats": subscription.seats,
        "status": subscription.status,
        "reasons": list(subscription.suspension_reasons),
        "renewal": subscription.renewal_type,
        "ends_at": subscription.ends_at.isoformat() if subscription.ends_at else None,
        "plan_after_trial": subscription.plan_after_trial,
        "seats_after_trial": subscription.seats_after_trial,
        "purchase_order": subscription.purchase_order_id,
        "deal_code": subscription.deal_code,
    }


def save_step(
    kind: OrderKind, *, actor: Actor | None, subscription: Subscription, before: Values, seller_before: Seller = SAME
) -> bool:
    """Save a locked subscription that a verb has changed, unless nothing differs from `before`; tell whether it did.

    seller_before: who sold it until now, where that changes; two sellers may have the same name.
    """
    after = values_of(subscription)
    changed = [key for key, value in after.items() if value != before[key]]
    if seller_before is not SAME:
        changed.append("reseller")
        before = before | {"reseller": seller_before.name if seller_before else None}
        after["reseller"] = subscription.reseller.name if subscription.reseller else None
    if not changed:
        return False
    subscription.save(update_fields=_FIELDS)
    old, new = {key: before[key] for key in changed}, {key: after[key] for key in changed}
    write_line(kind, actor=actor, subscription=subscription, old=old, new=new)
    if seller_before is not SAME:
        notify_of_transfer(subscription, seller_before)
    return True


def write_line(
    kind: OrderKind, *, actor: Actor | None, subscription: Subscription, old: Values | None, new: Values
) -> None:
    """Write one line of the order history and one event. The seller of that moment sees the line (R13).

    Where its reseller asked for notifications, it is notified (X6).
    """
    user = actor.user if actor else None
    Order.objects.create(
        subscription=subscription,
        reseller=subscription.reseller,
        kind=kind,
        actor_kind=kind_of(user) if user else ActorKind.SYSTEM,
        actor_email=user.email if user else "",
        actor_organisation=user.organisation_name if user else "",
        old_value=old,
        new_value=new,
        seats=subscription.seats,
    )
    about = {"subject": subscription.sku.name, "target": subscription, "about_id": subscription.pk}
    record_audit(EVENTS[kind], actor=actor, customer=subscription.customer, **about, old=old, new=new)
    notify_of_step(kind, actor=actor, subscription=subscription, old=old or {}, new=new)
