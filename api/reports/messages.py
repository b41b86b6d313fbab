"""What a channel is told: one activity a message, as activities.list gives it, if its person may still read it (X6)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.core.exceptions import PermissionDenied
from django.utils.http import http_date

from accounts.actor import Actor
from accounts.authorisation import person_now
from accounts.clock import database_now
from accounts.models import ActivityChannel, AuditEvent, WebhookDelivery
from accounts.models.webhooks import ACTIVITY
from accounts.webhooks.channels import SYNC, end_channel
from accounts.webhooks.queueing import Message, Writer
from api.core.errors import ApiError
from api.reports.asked import MY_CUSTOMER, Log, events_asked, log_of
from api.reports.showing import shown


def _message(delivery: WebhookDelivery) -> Message | None:
    """Write a message; None where the channel is over, or its person may not read this. Then nothing is sent."""
    related = ActivityChannel.objects.select_related("endpoint", "person", "account")
    channel = related.filter(endpoint=delivery.endpoint_id).first()
    if channel is None or channel.endpoint.removed_at is not None:
        return None
    log = _log_now(channel)
    if log is None:
        end_channel(channel)
        return None
    if delivery.type == SYNC:
        return Message("", _headers(channel, delivery, "sync"))
    event = _event(channel, delivery, log)
    if event is None:
        return None
    [activity] = shown([event], log)
    # Stamped by nobody: an ETag belongs to an answer.
    return Message(json.dumps(activity, ensure_ascii=False), _headers(channel, delivery, event.name))


def _log_now(channel: ActivityChannel) -> Log | None:
    """Return the log that the person of a channel may read at this instant; None: the channel is over (X3, R11)."""
    account = channel.account
    if channel.expires_at <= database_now() or (account and (account.suspended_at or account.deleted_at)):
        return None
    try:
        person = person_now(Actor(channel.person))
        return log_of(person, channel.asked.get("customerId", MY_CUSTOMER))
    except (ApiError, PermissionDenied):
        return None


def _event(channel: ActivityChannel, delivery: WebhookDelivery, log: Log) -> AuditEvent | None:
    """Return the event of a message, where it is one that was asked for."""
    if delivery.event_id is None or delivery.event_at is None:
        return None
    try:
        events = events_asked(channel.asked, log)
    except ApiError:
        # What it was filtered by, a unit or a person, is gone.
        return None
    found = events.filter(pk=delivery.event_id, at=delivery.event_at).order_by("-at", "-id")[:1]
    return next(iter(found), None)


def _headers(channel: ActivityChannel, delivery: WebhookDelivery, state: str) -> dict[str, str]:
    """Return the headers by which clients of the original know a message."""
    number = WebhookDelivery.objects.filter(endpoint=channel.endpoint, pk__lte=delivery.pk).count()
    headers = {
        "X-Goog-Channel-ID": channel.endpoint.name,
        "X-Goog-Channel-Expiration": http_date(channel.expires_at.timestamp()),
        "X-Goog-Resource-ID": channel.resource_id,
        "X-Goog-Resource-URI": channel.uri,
        "X-Goog-Resource-State": state,
        "X-Goog-Message-Number": str(number),
    }
    return headers | ({"X-Goog-Channel-Token": channel.token} if channel.token else {})


WRITERS: Final[Mapping[str, Writer]] = MappingProxyType({ACTIVITY: _message})
