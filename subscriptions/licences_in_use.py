"""The licences of a subscription that people hold now: what its seats may not fall below (B5)."""

from __future__ import annotations

from datetime import datetime

from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from subscriptions.models import Licence, Subscription


def in_use(subscription: Subscription) -> int:
    """Return how many people hold a licence of this subscription now."""
    return Licence.objects.filter(subscription=subscription, revoked_at=None).count()


def release_all(actor: Actor | None, subscription: Subscription, now: datetime) -> int:
    """Take every licence of a subscription back, with one event for each person (A1); return how many there were.

    Part of a verb, which has locked the customer and the subscription and has asked who may.
    """
    held = Licence.objects.filter(subscription=subscription, revoked_at=None)
    emails = list(held.order_by("id").values_list("user__email", flat=True))
    held.update(revoked_at=now)
    old = {"SKU_NAME": subscription.sku.name}
    revoked = EventName.USER_LICENSE_REVOKE
    record_many(
        [event(revoked, actor=actor, customer=subscription.customer_id, subject=email, old=old) for email in emails]
    )
    return len(emails)
