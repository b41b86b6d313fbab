"""How late access changes are, for those who watch: as numbers that only grow, and as what waits now (R7, R8).

From the rows of the changes themselves, so that no worker that is killed takes a number along, and no change waits for
a counter (docs/decisions/0041). What was settled long enough ago that nothing older can still be committed is added
up in one row for each kind, by a sweep; the rest, minutes at most, is counted when that is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, F, Max
from django.db.models.functions import Now

from accounts.clock import database_now
from accounts.database.time_limits import sweep_transaction
from subscriptions.access.effective import in_force_sql
from subscriptions.access.retrying import failed_changes
from subscriptions.models import AccessChange, AccessTiming
from subscriptions.models.change import FailureReason, Outcome
from subscriptions.models.timing import TimedKind

# Seconds: a time counts in the first step that it is below, or in the one behind the last.
STEPS: Final = (1, 2, 5, 10, 30, 60, 120, 300, 900, 3600)
# A transaction that settles changes lasts seconds, a task five minutes at most: older ones have been committed.
COMMITTED_AFTER: Final = timedelta(minutes=10)
# Rows that are looked at for what waits now: above it the answer is "at least so many".
AT_MOST: Final = 10_000

# What our system gave up took as long as its tries; what the customer or the clock overtook was never to come true.
_COUNT: Final = f"""
    SELECT width_bucket(waited, %(steps)s::float[]), count(*), sum(waited) FROM (
        SELECT greatest(extract(epoch FROM c.settled_at - c.due_at), 0)::float AS waited
        FROM subscriptions_accesschange c
        WHERE c.settled_at > %(after)s AND c.settled_at <= %(until)s
            AND (c.allowed AND c.gives) = %(gives)s
            AND (c.outcome = '{Outcome.APPLIED}' OR c.failure_reason = '{FailureReason.GAVE_UP}')
    ) settled GROUP BY 1
"""  # noqa: S608  built from constants only, as is the one below
# R8: nobody waits for a worker, so each row is an error of ours or of someone who wrote past the verbs. Also where a
# worker has just written down that it is over.
_STILL_OPEN: Final = f"""
    SELECT count(*) FROM (
        SELECT c.grant_id, c.generation FROM subscriptions_accesschange c
        WHERE c.settled_at IS NULL AND NOT c.allowed AND c.due_at <= statement_timestamp()
        UNION ALL
        SELECT c.grant_id, c.generation FROM subscriptions_accesschange c
        WHERE c.settled_at > statement_timestamp() - make_interval(secs => %s)
            AND c.outcome = '{Outcome.APPLIED}' AND NOT c.allowed
        LIMIT %s
    ) revoked
    JOIN subscriptions_accessgrant g ON g.id = revoked.grant_id AND g.generation = revoked.generation
    WHERE {in_force_sql("g")}
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Times:
    """How long changes of one kind took. numbers: for each of STEPS and for what is above; seconds: all together."""

    numbers: list[int]
    seconds: float


def times() -> dict[str, Times]:
    """Return how long changes took from the moment they were due to the one they were settled, since this is counted.

    Neither decreases, in whichever process it is asked. A revocation has come true at its moment; its time is how long
    a worker took to write that down.
    """
    now = database_now()
    return {row.kind: _add(row, now) for row in AccessTiming.objects.order_by("kind")}


def _add(row: AccessTiming, until: datetime) -> Times:
    numbers, seconds = list(row.numbers), row.seconds
    values: dict[str, Any] = {
        "after": row.counted_until,
        "until": until,
        "gives": row.kind == TimedKind.GIVEN,
        "steps": list(STEPS),
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        for step, number, waited in cursor.fetchall():
            numbers[step] += number
            seconds += waited
    return Times(numbers, seconds)


def count_settled() -> Iterator[int]:
    """Add up what was settled since the last time and is certain; yields how many changes. Run by the sweep."""
    yield _count_settled()


@sweep_transaction()
def _count_settled() -> int:
    until = database_now() - COMMITTED_AFTER
    counted = 0
    for row in AccessTiming.objects.filter(counted_until__lt=until).select_for_update().order_by("kind"):
        found = _add(row, until)
        counted += sum(found.numbers) - sum(row.numbers)
        row.numbers, row.seconds, row.counted_until = found.numbers, found.seconds, until
        row.save(update_fields=["numbers", "seconds", "counted_until"])
    return counted


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits: how many, AT_MOST at the highest, and for how many seconds the oldest one has."""

    number: int
    seconds: float


def overdue() -> Waiting:
    """Return the changes that should be in effect and are not settled, those too that failed and are tried again.

    By when they are tried next, which is never before they are due, and for those that failed within an hour.
    """
    next_ones = AccessChange.objects.filter(settled_at__isnull=True).order_by("next_attempt_at")[:AT_MOST]
    due = AccessChange.objects.filter(pk__in=next_ones.values("pk"), due_at__lte=Now())
    found = due.aggregate(number=Count("pk"), longest=Max(Now() - F("due_at")))
    return Waiting(found["number"], found["longest"].total_seconds() if found["longest"] else 0.0)


def failed() -> int:
    """Return how many changes failed and were not asked for again, AT_MOST at the highest."""
    return failed_changes()[:AT_MOST].count()


def still_open() -> int:
    """Return how many revocations are past their time with the window still open: 0, or an alarm (R8)."""
    with connection.cursor() as cursor:
        cursor.execute(_STILL_OPEN, [COMMITTED_AFTER.total_seconds(), AT_MOST])
        return int(cursor.fetchone()[0])
