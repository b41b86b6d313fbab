"""Tells resellers of the subscriptions that they sold, in the form of the original's notifications (X6).

Where a reseller registered a service account (resellernotify.register), each of its webhooks that hears of
subscriptions gets them, no matter who changed something: its own people, the customer, the vendor, or the clock. What
is posted is what Cloud Pub/Sub posts to a push subscription, with the fields and names of
https://developers.google.com/workspace/admin/reseller/v1/how-tos/push, so that a receiver made for those reads it.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from django.db import models
from django.db.models import Exists, OuterRef, QuerySet

from accounts.event_families import Family
from accounts.models import Reseller, ServiceAccount, WebhookDelivery, WebhookEndpoint
from accounts.moments import rfc3339
from accounts.webhooks.queueing import Message, Writer, queue
from accounts.webhooks.rules import endpoints_of
from subscriptions.models import NotifiedAccount, Subscription

RESELLER_NOTIFICATION: Final = "reseller_notification"
# What the original calls the project of our topics and subscriptions.
PROJECT: Final = "projects/reseller-console"


class Told(models.TextChoices):
    """What happened to a subscription, in the original's names; those that cannot happen here are left out."""

    NEW_SUBSCRIPTION_CREATED = "NEW_SUBSCRIPTION_CREATED"
    SUBSCRIPTION_TRIAL_ENDED = "SUBSCRIPTION_TRIAL_ENDED"
    PRICE_PLAN_SWITCHED = "PRICE_PLAN_SWITCHED"
    COMMITMENT_CHANGED = "COMMITMENT_CHANGED"
    SUBSCRIPTION_RENEWED = "SUBSCRIPTION_RENEWED"
    SUBSCRIPTION_SUSPENDED = "SUBSCRIPTION_SUSPENDED"
    SUBSCRIPTION_SUSPENSION_REVOKED = "SUBSCRIPTION_SUSPENSION_REVOKED"
    SUBSCRIPTION_CANCELLED = "SUBSCRIPTION_CANCELLED"
    SUBSCRIPTION_CONVERTED = "SUBSCRIPTION_CONVERTED"
    SUBSCRIPTION_UPGRADE = "SUBSCRIPTION_UPGRADE"
    SUBSCRIPTION_DOWNGRADE = "SUBSCRIPTION_DOWNGRADE"
    LICENSE_ASSIGNMENT_CHANGED = "LICENSE_ASSIGNMENT_CHANGED"


def topic_of(reseller: Reseller) -> str:
    """Return what the original calls the topic that notifications are published to."""
    return f"{PROJECT}/topics/{reseller.public_id}"


def working_registrations(reseller: Reseller) -> QuerySet[NotifiedAccount]:
    """Return the registrations of a reseller whose service account is there and not suspended."""
    accounts = ServiceAccount.objects.filter(
        reseller=reseller, email=OuterRef("email"), deleted_at=None, suspended_at=None
    )
    return NotifiedAccount.objects.filter(Exists(accounts), reseller=reseller)


def notified_webhooks(reseller: Reseller) -> QuerySet[WebhookEndpoint]:
    """Return the webhooks that notifications go to: all that hear of subscriptions and are not paused."""
    return endpoints_of(reseller).filter(families__contains=[str(Family.SUBSCRIPTIONS)], paused_at=None)


def notify(reseller: Reseller | None, subscription: Subscription, what: Told, **more: Any) -> None:
    """Queue a notification for a seller's webhooks, in the transaction of what it tells; nothing for the vendor's.

    reseller: who sold it, or did until now. more: the fields that the original adds for this kind.
    """
    if reseller is None:
        return
    for endpoint in notified_webhooks(reseller).filter(Exists(working_registrations(reseller))):
        said = {
            "customer_id": subscription.customer.customer_id,
            "customer_domain_name": subscription.customer.primary_domain,
            "event_type": str(what),
            "sku_id": subscription.sku_id,
            "subscription_id": subscription.public_id,
            "reseller_customer_id": reseller.public_id,
            **more,
        }
        queue(endpoint, RESELLER_NOTIFICATION, type=f"resellernotify.{what.lower()}", body=json.dumps(said))


def _written(delivery: WebhookDelivery) -> Message | None:
    """Write a notification, as a push of Pub/Sub; None where the reseller may hear nothing any more.

    It says what happened to the reseller's own sale, also the end of it: whether it may still know the customer is no
    question. A suspended reseller (R13), and one that has taken its registrations back, hear nothing.
    """
    reseller = delivery.endpoint.reseller
    if reseller is None or reseller.suspended_at is not None or not working_registrations(reseller).exists():
        return None
    number, at = str(delivery.pk), delivery.queued_at
    moment = {"seconds": int(at.timestamp()), "nanos": at.microsecond * 1_000}
    said = json.loads(delivery.body) | {"message_id": number, "publish_time": moment}
    message = {
        "attributes": {},
        "data": b64encode(json.dumps(said, ensure_ascii=False).encode()).decode(),
        "messageId": number,
        "message_id": number,
        "publishTime": rfc3339(at, "milliseconds"),
        "publish_time": rfc3339(at, "milliseconds"),
    }
    return Message(json.dumps({"message": message, "subscription": f"{PROJECT}/subscriptions/{reseller.public_id}"}))


WRITERS: Final[Mapping[str, Writer]] = MappingProxyType({RESELLER_NOTIFICATION: _written})
