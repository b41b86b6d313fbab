"""An admin asks for a message: a test, or one that was sent before (X6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.background.nudging import nudge_after_commit
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.event_rows import SEND_WEBHOOKS
from accounts.models import WebhookDelivery, WebhookEndpoint
from accounts.webhooks.queueing import TEST, queue
from accounts.webhooks.rules import record_webhook, require_endpoint

# Tests of one endpoint in an hour: nobody makes of us what floods another's server.
TESTS: Final = 20
TEST_TYPE: Final = "webhook.test"


@transaction.atomic
def send_test(*, actor: Actor, endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Send a test to an endpoint. Raises Refused while it is paused, and for the 21st within an hour."""
    found = require_endpoint(actor, endpoint)
    _require_running(found)
    since = database_now() - timedelta(hours=1)
    if found.deliveries.filter(kind=TEST, queued_at__gte=since).count() >= TESTS:
        raise Refused(_("There were %(number)s tests within an hour. Wait a while.") % {"number": TESTS})
    sent = queue(found, TEST, type=TEST_TYPE)
    record_webhook(EventName.TEST_WEBHOOK, actor, found)
    return sent


@transaction.atomic
def replay_delivery(*, actor: Actor, delivery: WebhookDelivery) -> WebhookDelivery:
    """Send a message again, under the same id: a receiver that has it already knows it by that.

    Whether the organisation may still hear of it is asked again. Raises Refused while it waits to be sent anyway, and
    while its endpoint is paused.
    """
    endpoint = require_endpoint(actor, delivery.endpoint)
    _require_running(endpoint)
    row = endpoint.deliveries.select_for_update(no_key=True).filter(pk=delivery.pk).first()
    if row is None:
        raise Refused(_("This message is not kept any more."))
    if row.settled_at is None:
        raise Refused(_("This message waits to be sent already."))
    now = database_now()
    row.settled_at, row.outcome, row.attempts, row.error, row.status = None, "", 0, "", None
    row.due_since = row.next_attempt_at = now
    row.save(update_fields=["settled_at", "outcome", "attempts", "error", "status", "due_since", "next_attempt_at"])
    record_webhook(EventName.REPLAY_WEBHOOK, actor, endpoint, message=row.type)
    nudge_after_commit(SEND_WEBHOOKS)
    return row


def _require_running(endpoint: WebhookEndpoint) -> None:
    if endpoint.paused_at is not None:
        raise Refused(_("This webhook is paused. Resume it first."))
