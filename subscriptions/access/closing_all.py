"""Closes every access that a restored backup had, with one statement for each kind of row (R8, R9, A1).

Since the backup was taken any of it may have been taken away, and nothing in the backup knows of that. So nobody is let
in by it: what is still wanted is allowed again by a super admin.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from accounts.audit import record_selected
from accounts.models.targets import TargetKind
from subscriptions.access.outbox import REQUESTED_NAME, SETTLED_NAME, said_sql
from subscriptions.access.restored import NAMES
from subscriptions.models import Restore

# As outbox.must_end() asks it: allowed, also where it only waits to be given, or a window that reaches beyond now.
_OPEN = """(g.allowed OR (g.effective_from IS NOT NULL
    AND (g.effective_until IS NULL OR g.effective_until > %(now)s)))"""
_SUBJECT = "r.name || coalesce(': ' || k.name, '')"

_SETTLE_WAITING = f"""
    UPDATE subscriptions_accesschange c SET settled_at = %(now)s,
        outcome = CASE WHEN NOT (c.allowed AND c.gives) AND c.due_at <= %(now)s THEN 'applied' ELSE 'superseded' END
    FROM subscriptions_accessgrant g WHERE g.id = c.grant_id AND c.settled_at IS NULL AND {_OPEN}
"""  # noqa: S608  built from constants only, as are those below
_CLOSE = f"""
    INSERT INTO subscriptions_accesschange (grant_id, generation, allowed, level, standing, gives, requested_by_email,
        requested_at, due_at, reseller_agreed, restore_id, settled_at, outcome, failure_reason, attempts,
        next_attempt_at, error)
    SELECT g.id, g.generation + 1, false, g.level, g.standing, false, '', %(now)s, %(now)s,
        false, %(restore)s, %(now)s, 'applied', '', 0, %(now)s, ''
    FROM subscriptions_accessgrant g WHERE {_OPEN} ORDER BY g.id
"""  # noqa: S608
_REQUESTED = f"""
    SELECT {REQUESTED_NAME}, g.customer_id, {_SUBJECT}, '{TargetKind.RESELLER}', g.reseller_id, {said_sql("g")},
        jsonb_build_object('allowed', false, 'due_at', %(now_text)s::text, 'restored_from', %(from_text)s::text)
        || CASE WHEN k.id IS NULL THEN '{{}}' ELSE jsonb_build_object('SKU_NAME', k.name, 'reseller_agreed', false) END,
        c.id
    FROM subscriptions_accesschange c JOIN subscriptions_accessgrant g ON g.id = c.grant_id {NAMES}
    WHERE c.restore_id = %(restore)s ORDER BY c.id
"""  # noqa: S608
_SETTLED = f"""
    SELECT {SETTLED_NAME}, g.customer_id, {_SUBJECT}, '{TargetKind.RESELLER}', g.reseller_id, NULL::jsonb,
        {said_sql("c")}, c.id
    FROM subscriptions_accesschange c JOIN subscriptions_accessgrant g ON g.id = c.grant_id {NAMES}
    WHERE c.settled_at = %(now)s ORDER BY c.id
"""  # noqa: S608
_SHUT_WINDOWS = """
    UPDATE subscriptions_accessgrant g SET allowed = false, ends_at = NULL, generation = c.generation,
        observed_generation = c.generation, effective_until = least(g.effective_until, %(now)s),
        effective_ends_at = NULL
    FROM subscriptions_accesschange c WHERE c.grant_id = g.id AND c.restore_id = %(restore)s
"""


def count_open(now: datetime) -> int:
    """Return how much access would be closed. now: the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM subscriptions_accessgrant g WHERE {_OPEN}", {"now": now})  # noqa: S608
        return int(cursor.fetchone()[0])


def close_all(restore: Restore, now: datetime) -> int:
    """Close all access at once, with the events of each change; returns how much. Part of the verb that restores.

    restore: its row, of this transaction. now: the database's clock, read under the locks.
    """
    params: dict[str, Any] = {
        "restore": restore.pk,
        "now": now,
        "now_text": now.isoformat(),
        "from_text": restore.restored_from.isoformat(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE_WAITING, params)
        cursor.execute(_CLOSE, params)
        closed = int(cursor.rowcount)
        record_selected(_REQUESTED, params)
        cursor.execute(_SHUT_WINDOWS, params)
        record_selected(_SETTLED, params)
    return closed
