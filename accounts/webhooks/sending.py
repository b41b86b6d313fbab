"""Sends what is queued for endpoints; any number of workers may run it at once (X6).

As with mail (accounts/mail/sending.py) a message is an effect outside the database: a batch is claimed in a transaction
of its own, with a lease; then the messages are written, and the right is asked at this moment; then they are posted,
each in a thread of its own, which touches no row; then what became of them is noted. A worker that dies in between
loses nothing: the lease ends, and the message goes out again, with the same id.

Endpoints take turns: of each a batch takes a few, and those that were tried longest ago come first. One that does not
answer at all is left alone for a while that grows, whatever waits for it: it costs others nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from accounts.clock import database_now
from accounts.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from accounts.models.webhooks import Outcome, PausedBecause, Trouble
from accounts.webhooks.failing import pause_failing, postponed
from accounts.webhooks.outgoing import Answer, post
from accounts.webhooks.queueing import Message, writers
from accounts.webhooks.signing import secrets_of, signature

logger = logging.getLogger(__name__)

# Messages of one batch, and of one endpoint in it. All are posted at once: a batch takes as long as the slowest.
BATCH, OF_ONE = 24, 4
# How long a worker may take with a batch; far above the time limit of a message.
LEASE: Final = timedelta(minutes=1)
# Old messages that are deleted with one statement.
FORGOTTEN: Final = 1_000
_CLAIM: Final = f"""
    WITH due AS MATERIALIZED (
        SELECT w.id, p.id AS endpoint_id FROM accounts_webhookendpoint p CROSS JOIN LATERAL (
            SELECT d.id FROM accounts_webhookdelivery d
            WHERE d.endpoint_id = p.id AND d.settled_at IS NULL AND d.next_attempt_at <= statement_timestamp()
            ORDER BY d.next_attempt_at, d.id LIMIT {OF_ONE} FOR NO KEY UPDATE SKIP LOCKED
        ) w
        WHERE p.removed_at IS NULL AND p.paused_at IS NULL
        AND (p.held_until IS NULL OR p.held_until <= statement_timestamp())
        ORDER BY p.tried_at NULLS FIRST, p.id LIMIT {BATCH}
    ), tried AS (
        UPDATE accounts_webhookendpoint SET tried_at = statement_timestamp()
        WHERE id IN (SELECT endpoint_id FROM due)
    )
    UPDATE accounts_webhookdelivery d SET attempts = d.attempts + 1, claimed_at = statement_timestamp(),
        next_attempt_at = statement_timestamp() + make_interval(secs => %s)
    FROM due WHERE d.id = due.id RETURNING d.id
"""  # noqa: S608  numbers of ours


class Ready(NamedTuple):
    """A message that is to be posted now."""

    delivery: WebhookDelivery
    headers: dict[str, str]
    body: str


class Tried(NamedTuple):
    """What became of it."""

    delivery: WebhookDelivery
    answer: Answer


def due_deliveries() -> Iterator[int]:
    """Send what is due, batch after batch, and forget what is old; yields how many of each step."""
    while claimed := _claim():
        _send(claimed)
        yield len(claimed)
    while forgotten := forget_old_deliveries():
        yield forgotten


def forget_old_deliveries() -> int:
    """Delete messages that are kept no longer, also those that wait for a paused endpoint; returns how many."""
    old = WebhookDelivery.objects.filter(queued_at__lt=Now() - timedelta(days=settings.WEBHOOK_DELIVERIES_KEPT))
    found = WebhookDelivery.objects.filter(pk__in=old.order_by("queued_at").values("pk")[:FORGOTTEN])
    _rows, by_table = found.delete()  # with their tries
    return by_table.get(WebhookDelivery._meta.label, 0)


@transaction.atomic
def _claim() -> list[WebhookDelivery]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [LEASE.total_seconds()])
        claimed = [pk for [pk] in cursor.fetchall()]
    related = WebhookDelivery.objects.select_related("endpoint__customer", "endpoint__reseller")
    return list(related.filter(pk__in=claimed).order_by("pk"))


def _send(claimed: Sequence[WebhookDelivery]) -> None:
    now = database_now()
    ready = [one for delivery in claimed if (one := _ready(delivery, now)) is not None]
    if not ready:
        return
    with ThreadPoolExecutor(max_workers=len(ready)) as threads:
        answers = list(threads.map(lambda one: post(one.delivery.endpoint.url, one.body, one.headers), ready))
    for one, answer in zip(ready, answers, strict=True):
        try:
            _note(Tried(one.delivery, answer))
        except Exception:
            # Its lease ends, and it is tried again: it must not hold up what is noted of the others.
            logger.exception("what became of message %s could not be noted", one.delivery.pk)


def _ready(delivery: WebhookDelivery, now: datetime) -> Ready | None:
    """Write a message; None where it is not for them any more, or could not be written."""
    try:
        message = writers()[delivery.kind](delivery)
        if message is None:
            _settle(delivery, Outcome.NOT_FOR_THEM)
            return None
        return Ready(delivery, _headers(delivery, message, now), message.body)
    except Exception:
        logger.exception("message %s could not be written", delivery.pk)
        _note(Tried(delivery, Answer(None, Trouble.UNWRITTEN)))
        return None


def _headers(delivery: WebhookDelivery, message: Message, now: datetime) -> dict[str, str]:
    endpoint, number = delivery.endpoint, f"msg_{delivery.message_id.hex}"
    overlaps = endpoint.old_secret_until is not None and endpoint.old_secret_until > now
    seconds = int(now.timestamp())
    signed = signature(secrets_of(endpoint, overlaps=overlaps), number, seconds, message.body)
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "reseller-console-webhooks/1",
        **message.headers,
        "webhook-id": number,
        "webhook-timestamp": str(seconds),
        "webhook-signature": signed,
    }


def _note(tried: Tried) -> None:
    """Write down what was answered: it is taken, or tried again later, or its endpoint is paused."""
    delivery, answer = tried
    assert delivery.claimed_at is not None  # by this worker
    WebhookAttempt.objects.create(delivery=delivery, began_at=delivery.claimed_at, answer=answer.text, **_said(answer))
    endpoints = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id)
    if answer.is_taken:
        _settle(delivery, Outcome.DELIVERED, answer)
        endpoints.exclude(failures=0, held_until=None).update(failures=0, held_until=None)
        return
    logger.info("message %s was not taken: %s", delivery.pk, answer.status or answer.trouble)
    if answer.status == 410:
        _settle(delivery, Outcome.GAVE_UP, answer)
        pause_failing(delivery.endpoint_id, PausedBecause.GONE)
        return
    pause = postponed(delivery, database_now())
    if pause is None:
        _settle(delivery, Outcome.GAVE_UP, answer)
        pause_failing(delivery.endpoint_id, PausedBecause.FAILING)
        return
    _waiting(delivery).update(next_attempt_at=Now() + pause, **_said(answer))
    if answer.status is None and answer.trouble != Trouble.UNWRITTEN:
        _hold(endpoints)


def _hold(endpoints: QuerySet[WebhookEndpoint]) -> None:
    """Leave an endpoint that does not answer alone: ten seconds at first, ten minutes at last."""
    failures = min(endpoints.values_list("failures", flat=True).first() or 0, _MOST_HELD)
    endpoints.update(failures=F("failures") + 1, held_until=Now() + min(_HELD * 2**failures, _HELD_LONGEST))


_HELD, _HELD_LONGEST, _MOST_HELD = timedelta(seconds=10), timedelta(minutes=10), 10


def _settle(delivery: WebhookDelivery, outcome: Outcome, answer: Answer | None = None) -> None:
    _waiting(delivery).update(settled_at=Now(), outcome=outcome, **(_said(answer) if answer else {}))


def _waiting(delivery: WebhookDelivery) -> QuerySet[WebhookDelivery]:
    """Return the row as this worker has claimed it: another one that took it up since has the say."""
    return WebhookDelivery.objects.filter(pk=delivery.pk, settled_at=None, claimed_at=delivery.claimed_at)


def _said(answer: Answer) -> dict[str, object]:
    return {
        "status": answer.status,
        "error": answer.trouble or "",
        "took": int(answer.seconds * 1000),
    }
