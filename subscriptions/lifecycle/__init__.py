"""The life of a subscription (B1–B7): ordered, changed, suspended, renewed, transferred, cancelled.

What happens to access follows from it (R13). Each step is one line of the order history and one event (A1).
"""

from __future__ import annotations

from subscriptions.lifecycle.amending import change_notes, change_plan, change_renewal, change_seats, start_paid_service
from subscriptions.lifecycle.ending import cancel_subscription, transfer_subscription, transfer_to_direct
from subscriptions.lifecycle.ordering import order_subscription, place_order
from subscriptions.lifecycle.pausing import activate_subscription, suspend_subscription
from subscriptions.lifecycle.terms import TRIAL, Offer
from subscriptions.lifecycle.upgrading import change_sku

__all__ = [
    "TRIAL",
    "Offer",
    "activate_subscription",
    "cancel_subscription",
    "change_notes",
    "change_plan",
    "change_renewal",
    "change_seats",
    "change_sku",
    "order_subscription",
    "place_order",
    "start_paid_service",
    "suspend_subscription",
    "transfer_subscription",
    "transfer_to_direct",
]
