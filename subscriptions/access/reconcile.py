"""Compares what is stored with what must follow from it, and repairs the difference (R8, R9, R10, A1).

Nothing here is needed while everything works: it finds what a restored backup, a hand-written UPDATE or a
worker that never ran left behind. Closing a window is always safe; one is opened only where the newest
applied change of the grant gives access and nothing took it away since.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.database.time_limits import long_transaction
from accounts.models import AuditEvent
from subscriptions.access import propagation
from subscriptions.access.outbox import REQUESTED_NAME, SETTLED_NAME, requested_event, settled_event, subject_of
from subscriptions.models import AccessChange, AccessGrant

# Rows repaired in one transaction: locks are held for well under a second.
BATCH = 1000
# Rows of each kind that a report names.
EXAMPLES = 5
# One repair at a time: two at once would write an event twice. Any number of our own.
_REPAIRING = 0x5EC0_0002


class Kind(StrEnum):
    """What can be wrong, in the order of repair."""

    OVERDUE = "overdue change"
    WINDOW = "window contradicts the newest applied generation"
    NO_REQUEST = "change without its event when it was requested"
    NO_END = "settled change without its event"
    DOUBLE = "change with an event too many"


@dataclass(frozen=True, slots=True)
class Finding:
    """How often one thing is wrong, and the first few rows: ids of grants for windows, else ids of changes."""

    kind: Kind
    count: int
    examples: list[int]


# Waited longer than a worker may take (the same limit as /health/ready), paused by failures or not.
_OVERDUE = """
    SELECT c.id FROM subscriptions_accesschange c
    WHERE c.settled_at IS NULL AND c.due_at <= statement_timestamp() - %(alert)s * interval '1 second'
"""

# The newest applied change says what the window is; the revocations after it say when it ends at the latest.
_WINDOWS = """
    SELECT * FROM (
        SELECT g.id, g.effective_from AS old_from, g.effective_until AS old_until, g.observed_generation AS old_seen,
            CASE WHEN applied.allowed AND (g.effective_from IS NULL OR g.effective_from > applied.settled_at)
                 THEN applied.settled_at ELSE g.effective_from END AS new_from,
            CASE WHEN applied.allowed THEN taken.due_at
                 WHEN g.effective_from IS NULL THEN g.effective_until
                 ELSE least(g.effective_until, coalesce(applied.due_at, statement_timestamp()))
            END AS new_until,
            coalesce(applied.generation, 0) AS new_seen
        FROM subscriptions_accessgrant g
        LEFT JOIN LATERAL (
            SELECT c.generation, c.allowed, c.due_at, c.settled_at FROM subscriptions_accesschange c
            WHERE c.grant_id = g.id AND c.outcome = 'applied' ORDER BY c.generation DESC LIMIT 1
        ) applied ON true
        LEFT JOIN LATERAL (
            SELECT min(c.due_at) AS due_at FROM subscriptions_accesschange c
            WHERE c.grant_id = g.id AND NOT c.allowed AND c.generation > applied.generation
        ) taken ON true
        WHERE {grants}
    ) w
    WHERE (old_from, old_until, old_seen) IS DISTINCT FROM (new_from, new_until, new_seen)
"""

_CHANGES = "FROM subscriptions_accesschange c JOIN subscriptions_accessgrant g ON g.id = c.grant_id"
_WITHOUT = """NOT EXISTS (
    SELECT 1 FROM accounts_auditevent e WHERE e.access_change_id = c.id AND e.name = {name})"""
# The same name twice is refused by a unique index, so "too many" means: one with another name.
_DOUBLE = f"""
    SELECT DISTINCT c.id {_CHANGES} JOIN accounts_auditevent e ON e.access_change_id = c.id
    WHERE e.name <> {REQUESTED_NAME} AND e.name <> {SETTLED_NAME}
"""

_QUERIES: dict[Kind, str] = {
    Kind.OVERDUE: _OVERDUE,
    Kind.WINDOW: _WINDOWS.format(grants="true"),
    Kind.NO_REQUEST: f"SELECT c.id {_CHANGES} WHERE {_WITHOUT.format(name=REQUESTED_NAME)}",
    Kind.NO_END: f"SELECT c.id {_CHANGES} WHERE c.settled_at IS NOT NULL AND {_WITHOUT.format(name=SETTLED_NAME)}",
    Kind.DOUBLE: _DOUBLE,
}


def check() -> list[Finding]:
    """Return what is wrong; nothing when all is well. Reads only, one statement for each kind."""
    findings = []
    for kind, query in _QUERIES.items():
        sql = f"SELECT count(*), (array_agg(id ORDER BY id))[1:{EXAMPLES}] FROM ({query}) wrong"  # noqa: S608  constants
        with long_transaction(), connection.cursor() as cursor:
            cursor.execute(sql, {"alert": settings.ACCESS_OVERDUE_ALERT})
            count, examples = cursor.fetchone()
        if count:
            findings.append(Finding(kind, count, examples))
    return findings


def repair() -> dict[Kind, int]:
    """Repair everything that can be repaired; returns how often, by kind.

    An event too many stays: the audit log is append only (A2), and a person must look at it.
    """
    return {
        Kind.OVERDUE: _apply_overdue(),
        Kind.WINDOW: _repair_windows(),
        Kind.NO_REQUEST: _write_events(Kind.NO_REQUEST),
        Kind.NO_END: _write_events(Kind.NO_END),
    }


def _apply_overdue() -> int:
    """Apply what is overdue now, without waiting for the end of a pause after a failure."""
    with long_transaction(), connection.cursor() as cursor:
        cursor.execute(_OVERDUE, {"alert": settings.ACCESS_OVERDUE_ALERT})
        ids = [pk for (pk,) in cursor.fetchall()]
    waiting = AccessChange.objects.filter(settled_at__isnull=True, pk__in=ids)
    waiting.filter(next_attempt_at__gt=Now()).update(next_attempt_at=Now())
    propagation.apply_due_changes()
    return len(ids) - waiting.count()


def _repair_windows() -> int:
    """Write the windows again, batch by batch in the order of ids.

    First the lock, then the question again: what is saved in between is never overwritten. Like a worker
    it waits for no lock; a grant in use is left for the next run.
    """
    claim = f"""
        SELECT id FROM subscriptions_accessgrant WHERE id IN (
            SELECT id FROM ({_WINDOWS.format(grants="g.id > %(last)s")}) wrong ORDER BY id LIMIT {BATCH}
        ) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    """  # noqa: S608  built from constants only
    write = f"""
        UPDATE subscriptions_accessgrant t
        SET effective_from = w.new_from, effective_until = w.new_until, observed_generation = w.new_seen
        FROM ({_WINDOWS.format(grants="g.id = ANY(%(ids)s)")}) w WHERE t.id = w.id
        RETURNING w.*
    """  # noqa: S608  the same
    last = repaired = 0
    while True:
        with long_transaction(), connection.cursor() as cursor:
            cursor.execute(claim, {"last": last})
            ids = [pk for (pk,) in cursor.fetchall()]
            if not ids:
                return repaired
            cursor.execute(write, {"ids": ids})
            rows = cursor.fetchall()
            record_many(_repaired_events(rows))
        last, repaired = ids[-1], repaired + len(rows)


def _repaired_events(rows: list[tuple[Any, ...]]) -> Iterator[AuditEvent]:
    grants = AccessGrant.objects.select_related("reseller", "subscription__sku").in_bulk([row[0] for row in rows])
    for pk, *values in rows:
        yield event(
            EventName.REPAIR_RESELLER_ACCESS,
            actor=None,
            customer=grants[pk].customer_id,
            subject=subject_of(grants[pk]),
            old=_window(*values[:3]),
            new=_window(*values[3:]),
        )


def _window(opened_at: datetime | None, closes_at: datetime | None, generation: int) -> dict[str, object]:
    return {
        "opened_at": opened_at and opened_at.isoformat(),
        "closes_at": closes_at and closes_at.isoformat(),
        "generation": generation,
    }


def _write_events(kind: Kind) -> int:
    """Write the events that are missing, with what the change itself still knows."""
    written = 0
    while True:
        with long_transaction(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REPAIRING])
            cursor.execute(f"SELECT id FROM ({_QUERIES[kind]}) wrong LIMIT {BATCH}")  # noqa: S608  constants
            ids = [pk for (pk,) in cursor.fetchall()]
            changes = AccessChange.objects.select_related(
                "grant__reseller", "grant__subscription__sku", "requested_by"
            ).filter(pk__in=ids)
            missing = _requests(list(changes)) if kind is Kind.NO_REQUEST else [settled_event(c) for c in changes]
            written += len(record_many(missing))
        if len(ids) < BATCH:
            return written


def _requests(changes: list[AccessChange]) -> Iterator[AuditEvent]:
    grants = {change.grant_id for change in changes}
    rows = AccessChange.objects.filter(grant__in=grants).values_list("grant_id", "generation", "allowed")
    desired = {(grant, generation): allowed for grant, generation, allowed in rows}
    for change in changes:
        actor = Actor(change.requested_by) if change.requested_by else None
        before = desired.get((change.grant_id, change.generation - 1), False)
        written = requested_event(change, was_allowed=before, actor=actor)
        if actor is None:
            written.actor_email = change.requested_by_email  # of a person whose account is gone
        yield written
