"""Due changes applied: in batches by one worker process, against one Celery task per change in the same run."""

from __future__ import annotations

import subprocess
import sys
import time

from django.db import connection

from benchmarks.one_task_each import app, apply_one
from subscriptions.access import propagation
from subscriptions.models import AccessChange, AccessGrant

BATCHED, SINGLE = 100_000, 4_000


def make_due(number: int) -> list[int]:
    """Give `number` settled console grants a new generation that is due now; return the ids of the changes."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH g AS (
                UPDATE subscriptions_accessgrant g SET generation = generation + 1, allowed = true
                WHERE id IN (
                    SELECT id FROM subscriptions_accessgrant g WHERE subscription_id IS NULL AND NOT EXISTS (
                        SELECT 1 FROM subscriptions_accesschange c WHERE c.grant_id = g.id AND c.settled_at IS NULL
                    ) LIMIT %s
                ) RETURNING id, generation
            )
            INSERT INTO subscriptions_accesschange (grant_id, generation, allowed, requested_by_email, requested_at,
                due_at, reseller_agreed, failure_reason, attempts, next_attempt_at, error)
            SELECT id, generation, true, '', now(), now(), false, '', 0, now(), '' FROM g RETURNING id
            """,
            [number],
        )
        return [pk for (pk,) in cursor.fetchall()]


def forget_waiting() -> None:
    """Settle what the generated market left waiting, so that every grant can take part."""
    AccessChange.objects.filter(settled_at=None).update(settled_at="2020-01-01T00:00Z", outcome="superseded")


def one_task_per_change(number: int) -> float:
    """Return how many changes a second one worker process applies with a message for each."""
    ids = make_due(number)
    for pk in ids:
        apply_one.delay(pk)
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "benchmarks.one_task_each",
        "worker",
        "-P",
        "solo",
        "-l",
        "error",
    ]
    worker = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        waiting = AccessChange.objects.filter(settled_at=None)
        while waiting.count() == number:
            time.sleep(0.05)
        began, left = time.perf_counter(), waiting.count()
        while waiting.exists():
            time.sleep(0.05)
        return left / (time.perf_counter() - began)
    finally:
        worker.terminate()
        worker.wait()
        app.control.purge()


def in_batches(number: int) -> float:
    """Return how many changes a second this process applies with the product's own code."""
    assert len(make_due(number)) == number
    began = time.perf_counter()
    assert propagation.apply_due_changes() == number
    return number / (time.perf_counter() - began)


def run() -> None:
    """Print both rates."""
    forget_waiting()
    single = one_task_per_change(SINGLE)
    number = min(BATCHED, AccessGrant.objects.filter(subscription=None).count())
    batched = in_batches(number)
    print("\nDue changes applied with their audit events, by one worker process")
    print(f"  {'one Celery task per change':<58} {single:>9.0f} /s")
    print(f"  {'in batches, ' + format(number, ','):<58} {batched:>9.0f} /s  {batched / single:>7.2f} x")
