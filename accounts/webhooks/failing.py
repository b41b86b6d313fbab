"""When a message is tried again that was not taken, and when its endpoint is paused instead (X6)."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.audit import EventName, record_audit
from accounts.clock import database_now
from accounts.directory.rules import lock_organisation
from accounts.models import WebhookDelivery, WebhookEndpoint
from accounts.models.webhooks import PausedBecause
from accounts.webhooks.rules import about_webhook

# Before the second try, the third and so on: together a little less than three days.
PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=16),
    timedelta(hours=24),
)
TRIED_FOR: Final = timedelta(days=3)
# So many messages at once must not come back at once: up to a tenth later.
_SPREAD: Final = 0.1


def postponed(delivery: WebhookDelivery, now: datetime) -> timedelta | None:
    """Return how long to wait before the next try; None: three days are over.

    The last try lies three days after the first, or as long after it as the endpoint was left alone meanwhile.
    """
    left = delivery.due_since + TRIED_FOR - now
    if left <= timedelta() and delivery.attempts > 1:
        return None
    pause = PAUSES[min(delivery.attempts, len(PAUSES)) - 1]
    pause *= 1 + random.random() * _SPREAD  # noqa: S311  spreads, hides nothing
    return min(pause, max(left, PAUSES[0]))


@transaction.atomic
def pause_failing(endpoint_id: int, reason: PausedBecause) -> None:
    """Pause an endpoint in the name of the system; its admins are told. Nothing happens where it is paused or gone."""
    found = WebhookEndpoint.objects.select_related("customer", "reseller").get(pk=endpoint_id)
    lock_organisation(found.organisation)
    live = WebhookEndpoint.objects.filter(pk=endpoint_id, removed_at=None, paused_at=None)
    endpoint = live.select_related("reseller").select_for_update(of=("self",), no_key=True).first()
    if endpoint is None:
        return
    endpoint.paused_at, endpoint.paused_because = database_now(), reason
    endpoint.save(update_fields=["paused_at", "paused_because"])
    record_audit(EventName.PAUSE_WEBHOOK, **about_webhook(endpoint), actor=None, new={"reason": reason})
