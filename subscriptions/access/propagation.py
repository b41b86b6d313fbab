"""Makes due changes effective, in batches; any number of workers may run it at once (R8, R9, A1).

A batch claims grants, not messages: `FOR UPDATE SKIP LOCKED` on the grant, so that the worker that holds the
grant owns its waiting change. Everything happens in one transaction; a worker killed at any
instruction loses nothing and doubles nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Now

from accounts.audit import record_many
from accounts.clock import database_now
from accounts.database.time_limits import sweep_transaction
from subscriptions.access.outbox import settled_event
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.change import FailureReason, Outcome

logger = logging.getLogger(__name__)

# Seconds before the second try of a change, doubled with each further one, and the longest pause.
FIRST_PAUSE, LONGEST_PAUSE = 10, 3600
# How often giving access is tried. Taking access away has happened by itself; its record is tried for ever.
MAX_ATTEMPTS = 10

_CLAIM = """
    SELECT g.id
    FROM subscriptions_accesschange c JOIN subscriptions_accessgrant g ON g.id = c.grant_id
    WHERE c.settled_at IS NULL AND c.next_attempt_at <= statement_timestamp()
    ORDER BY c.next_attempt_at
    LIMIT %s
    FOR NO KEY UPDATE OF g SKIP LOCKED
"""


def apply_due_changes() -> int:
    """Apply everything that is due; returns how many changes were settled."""
    return sum(batches())


def apply_at_once(grant: AccessGrant) -> None:
    """Apply what is due of a grant that the caller's transaction has made, without waiting for a worker.

    For a console in which nobody is yet (R1): there is no one from whom it would be taken, and its reseller goes on.
    """
    _settle([grant.pk])


def batches() -> Iterator[int]:
    """Apply what is due, batch after batch; yields how many changes each settled."""
    while settled := _apply_batch(settings.ACCESS_PROPAGATION_BATCH):
        yield settled


def _apply_batch(size: int) -> int:
    try:
        with sweep_transaction():
            return _settle(_claim(size))
    except Exception:
        # One change that cannot be applied, whatever the reason, must not hold up the others: try them one by one.
        logger.exception("a batch of access changes failed; applying its changes one by one")
        with sweep_transaction():
            return sum(_apply_alone(grant_id) for grant_id in _claim(size))


def _claim(size: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [size])
        return [grant_id for (grant_id,) in cursor.fetchall()]


def _settle(grant_ids: list[int]) -> int:
    """Settle the due changes of claimed grants: outcome, window, audit event, each for all at once."""
    if not grant_ids:
        return 0
    now = database_now()
    changes = list(
        AccessChange.objects.filter(grant__in=grant_ids, settled_at__isnull=True, next_attempt_at__lte=now)
        .exclude(_waits_for_its_boxes(now))
        .select_related("grant__reseller", "grant__subscription__sku")
        .order_by("id")
    )
    for change in changes:
        _decide(change, now)
        change.settled_at = now
    _write_outcomes(changes)
    _write_windows(changes, now)
    record_many(settled_event(change) for change in changes)
    return len(changes)


def _waits_for_its_boxes(now: datetime) -> Q:
    """Return the condition of a console that lapsed: first what was opened in it ends too (ending.py, R4, R16)."""
    opened = AccessGrant.objects.filter(
        allowed=True,
        subscription__isnull=False,
        customer=OuterRef("grant__customer"),
        reseller=OuterRef("grant__reseller"),
        effective_from__lt=OuterRef("grant__effective_until"),
    ).filter(Q(effective_until__isnull=True) | Q(effective_until__gt=OuterRef("grant__effective_until")))
    lapsed = Q(grant__effective_until__lte=now, grant__effective_until=F("grant__effective_ends_at"))
    return Q(Exists(opened), lapsed, allowed=True, grant__subscription=None)


def _decide(change: AccessChange, now: datetime) -> None:
    """Decide how a change ends; one that only takes has come true by itself."""
    change.outcome = Outcome.APPLIED
    if not (change.allowed and change.gives):
        return
    if change.grant.reseller.suspended_at is not None:
        change.outcome, change.failure_reason = Outcome.FAILED, FailureReason.RESELLER_SUSPENDED
    elif change.ends_at is not None and change.ends_at <= now:
        change.outcome, change.failure_reason = Outcome.FAILED, FailureReason.END_PASSED


def _write_outcomes(changes: list[AccessChange]) -> None:
    for outcome, reason in {(c.outcome, c.failure_reason) for c in changes}:
        ids = [c.pk for c in changes if (c.outcome, c.failure_reason) == (outcome, reason)]
        AccessChange.objects.filter(pk__in=ids).update(
            settled_at=changes[0].settled_at, outcome=outcome, failure_reason=reason
        )


def _write_windows(changes: list[AccessChange], now: datetime) -> None:
    """Open the window of what was granted; what was taken was written when it was saved (R8, R16, R18).

    R10: a window that is in force and that no revocation ends keeps its beginning: nobody has to enter again.
    """
    applied = [c for c in changes if c.outcome == Outcome.APPLIED]
    if not applied:
        return
    AccessGrant.objects.filter(pk__in=[c.grant_id for c in applied]).update(observed_generation=F("generation"))
    is_allowed = AccessGrant.objects.filter(pk__in=[c.grant_id for c in applied if c.allowed])
    is_allowed.update(
        effective_level=F("level"),
        effective_standing=F("standing"),
        narrows_at=None,
        narrow_level="",
        narrow_standing="",
    )
    goes_on = Q(effective_from__lte=now) & (
        Q(effective_until__isnull=True) | Q(effective_until__gt=now, effective_until=F("effective_ends_at"))
    )
    AccessGrant.objects.filter(pk__in=[c.grant_id for c in applied if c.allowed and c.gives]).update(
        effective_from=Case(When(goes_on, F("effective_from")), default=Value(now)),
        effective_until=F("ends_at"),
        effective_ends_at=F("ends_at"),
    )


def _apply_alone(grant_id: int) -> int:
    """Apply the change of one grant; when even that fails, note why and try again later (R9)."""
    try:
        with transaction.atomic():
            return _settle([grant_id])
    except Exception as error:
        logger.exception("the access change of grant %s failed", grant_id)
        return _postpone(grant_id, str(error))


def _postpone(grant_id: int, error: str) -> int:
    change = AccessChange.objects.select_related("grant__reseller", "grant__subscription__sku").get(
        grant=grant_id, settled_at__isnull=True
    )
    change.attempts += 1
    change.error = error
    if change.allowed and change.gives and change.attempts >= MAX_ATTEMPTS:
        change.outcome, change.failure_reason, change.settled_at = Outcome.FAILED, FailureReason.GAVE_UP, database_now()
        record_many([settled_event(change)])
    pause = min(FIRST_PAUSE * 2 ** min(change.attempts - 1, 10), LONGEST_PAUSE)
    change.next_attempt_at = database_now() + timedelta(seconds=pause)
    change.save(update_fields=["attempts", "error", "outcome", "failure_reason", "settled_at", "next_attempt_at"])
    return 0


def overdue_seconds() -> float:
    """Return how many seconds the oldest overdue change has waited for a worker; 0 when none waits."""
    oldest = (
        AccessChange.objects.filter(settled_at__isnull=True, next_attempt_at__lte=Now())
        .order_by("next_attempt_at")
        .annotate(waited=Now() - F("next_attempt_at"))
        .values_list("waited", flat=True)
        .first()
    )
    return oldest.total_seconds() if oldest else 0.0
