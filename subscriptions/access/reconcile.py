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
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.clock import database_now
from accounts.console_sessions.activations import LEFT_BEHIND, end_of_who_left
from accounts.database.time_limits import long_transaction
from accounts.models import AuditEvent
from subscriptions.access import propagation
from subscriptions.access.effective import in_force
from subscriptions.access.extent import replay_levels
from subscriptions.access.outbox import (
    REQUESTED_NAME,
    SETTLED_NAME,
    requested_event,
    said_of,
    settled_event,
    subject_of,
)
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.change import Outcome
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing

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
    LEVEL = "level contradicts what was saved"
    ACTIVATION = "activation of an agent who works there no more"
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

# The newest applied change says what the window is; what was saved after it says when it ends at the latest.
_WINDOWS = """
    SELECT * FROM (
        SELECT g.id, g.effective_from AS old_from, g.effective_until AS old_until, g.effective_ends_at AS old_ends,
            g.observed_generation AS old_seen,
            CASE WHEN applied.allowed AND (g.effective_from IS NULL OR g.effective_from > applied.settled_at)
                 THEN applied.settled_at ELSE g.effective_from END AS new_from,
            CASE WHEN applied.allowed THEN least(applied.ends_at, later.until)
                 WHEN g.effective_from IS NULL THEN g.effective_until
                 ELSE least(g.effective_until, coalesce(applied.due_at, statement_timestamp()))
            END AS new_until,
            CASE WHEN applied.allowed AND later.revokes THEN NULL
                 WHEN applied.allowed THEN least(applied.ends_at, later.until)
                 ELSE g.effective_ends_at
            END AS new_ends,
            coalesce(applied.generation, 0) AS new_seen
        FROM subscriptions_accessgrant g
        LEFT JOIN LATERAL (
            SELECT c.generation, c.allowed, c.ends_at, c.due_at, c.settled_at FROM subscriptions_accesschange c
            WHERE c.grant_id = g.id AND c.outcome IN ('applied', 'ended') ORDER BY c.generation DESC LIMIT 1
        ) applied ON true
        LEFT JOIN LATERAL (
            SELECT min(CASE WHEN c.allowed THEN c.ends_at ELSE c.due_at END) AS until, bool_or(NOT c.allowed) AS revokes
            FROM subscriptions_accesschange c WHERE c.grant_id = g.id AND c.generation > applied.generation
        ) later ON true
        WHERE {grants}
    ) w
    WHERE (old_from, old_until, old_ends, old_seen) IS DISTINCT FROM (new_from, new_until, new_ends, new_seen)
"""

_CHANGES = "FROM subscriptions_accesschange c JOIN subscriptions_accessgrant g ON g.id = c.grant_id"
_WITHOUT = """NOT EXISTS (
    SELECT 1 FROM accounts_auditevent e WHERE e.access_change_id = c.id AND e.name = {name})"""
# What operators dropped with old months of the log is no event that is missing (A5). A change and its event are written
# by one transaction, and yet the clock goes on meanwhile.
_KEPT = "(SELECT coalesce(max(before) + interval '1 day', '-infinity') FROM accounts_droppedmonths)"
# The same name twice is refused by a unique index, so "too many" means: one with another name.
_DOUBLE = f"""
    SELECT DISTINCT c.id {_CHANGES} JOIN accounts_auditevent e ON e.access_change_id = c.id
    WHERE e.name <> {REQUESTED_NAME} AND e.name <> {SETTLED_NAME}
"""

_QUERIES: dict[Kind, str] = {
    Kind.OVERDUE: _OVERDUE,
    Kind.WINDOW: _WINDOWS.format(grants="true"),
    Kind.ACTIVATION: LEFT_BEHIND,
    Kind.NO_REQUEST: (
        f"SELECT c.id {_CHANGES} WHERE {_KEPT} <= c.requested_at AND {_WITHOUT.format(name=REQUESTED_NAME)}"
    ),
    Kind.NO_END: f"SELECT c.id {_CHANGES} WHERE {_KEPT} <= c.settled_at AND {_WITHOUT.format(name=SETTLED_NAME)}",
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
    wrong = [grant.pk for batch in _wrong_levels(lock=False) for grant in batch]
    return [*findings, Finding(Kind.LEVEL, len(wrong), wrong[:EXAMPLES])] if wrong else findings


def repair() -> dict[Kind, int]:
    """Repair everything that can be repaired; returns how often, by kind.

    An event too many stays: the audit log is append only (A2), and a person must look at it.
    """
    return {
        Kind.OVERDUE: _apply_overdue(),
        Kind.WINDOW: _repair_windows(),
        Kind.LEVEL: _repair_levels(),
        Kind.ACTIVATION: _end_activations(),
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
        SET effective_from = w.new_from, effective_until = w.new_until, effective_ends_at = w.new_ends,
            observed_generation = w.new_seen
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


def _wrong_levels(*, lock: bool) -> Iterator[list[AccessGrant]]:
    """Yield consoles in force that are not opened as far as their changes say, batch by batch, each as it should be.

    lock: for the transaction that goes on when the next batch is asked for; a grant in use is left for the next run.
    """
    grants = AccessGrant.objects.filter(in_force(), subscription=None).order_by("pk")
    if lock:
        grants = grants.select_for_update(of=("self",), no_key=True, skip_locked=True)
    grants = grants.filter(
        ~Q(effective_level=Level.FULL)
        | ~Q(effective_standing=Standing.ALL)
        | Q(narrows_at__isnull=False)
        | Exists(AccessChange.objects.filter(grant=OuterRef("pk")).exclude(level=Level.FULL, standing=Standing.ALL))
    )
    last = 0
    while True:
        with long_transaction():
            found = list(grants.filter(pk__gt=last)[:BATCH])
            yield [grant for grant in found if _is_wrong(grant)]
        if len(found) < BATCH:
            return
        last = found[-1].pk


def _is_wrong(grant: AccessGrant) -> bool:
    changes = list(grant.changes.order_by("generation"))
    applied = next((c for c in reversed(changes) if c.outcome == Outcome.APPLIED and c.allowed), None)
    if applied is None:
        return False
    later = [change for change in changes if change.generation > applied.generation]
    return replay_levels(grant, applied, later, database_now())


def _end_activations() -> int:
    with long_transaction():
        return end_of_who_left()


# Of a grant, by a repair of how far it is opened.
_OPENING = ["effective_level", "effective_standing", "narrows_at", "narrow_level", "narrow_standing"]


def _opening(grant: AccessGrant) -> dict[str, object]:
    return {"level": grant.effective_level, "standing_access": grant.effective_standing}


def _repair_levels() -> int:
    repaired = 0
    for wrong in _wrong_levels(lock=True):
        before = AccessGrant.objects.in_bulk([grant.pk for grant in wrong])
        AccessGrant.objects.bulk_update(wrong, _OPENING)
        record_many(
            event(
                EventName.REPAIR_RESELLER_ACCESS,
                actor=None,
                customer=grant.customer_id,
                subject=subject_of(grant),
                target=grant.reseller,
                old=_opening(before[grant.pk]),
                new=_opening(grant),
            )
            for grant in wrong
        )
        repaired += len(wrong)
    return repaired


def _repaired_events(rows: list[tuple[Any, ...]]) -> Iterator[AuditEvent]:
    grants = AccessGrant.objects.select_related("reseller", "subscription__sku").in_bulk([row[0] for row in rows])
    for pk, *values in rows:
        yield event(
            EventName.REPAIR_RESELLER_ACCESS,
            actor=None,
            customer=grants[pk].customer_id,
            subject=subject_of(grants[pk]),
            target=grants[pk].reseller,
            old=_window(*values[:4]),
            new=_window(*values[4:]),
        )


def _window(
    opened_at: datetime | None, closes_at: datetime | None, ends_at: datetime | None, generation: int
) -> dict[str, object]:
    return {
        "opened_at": opened_at and opened_at.isoformat(),
        "closes_at": closes_at and closes_at.isoformat(),
        **({"access_ends_at": ends_at.isoformat()} if ends_at else {}),
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
    said = {(change.grant_id, change.generation): change for change in AccessChange.objects.filter(grant__in=grants)}
    for change in changes:
        actor = Actor(change.requested_by) if change.requested_by else None
        earlier = said.get((change.grant_id, change.generation - 1))
        before: dict[str, object] = said_of(earlier, allowed=earlier.allowed) if earlier else {"allowed": False}
        written = requested_event(change, before=before, actor=actor)
        if actor is None:
            written.actor_email = change.requested_by_email  # of a person whose account is gone
        yield written
