"""Dropping months of the log that are kept no longer: their seals stay (A5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Sum

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.errors import Refused
from accounts.models import DroppedMonths
from accounts.seals.parts import parts
from accounts.seals.sealing import SEALERS

# The partitions that end before so many months back; DEFAULT ends nowhere.
_OLD: Final = r"""
    SELECT c.relname, (date_trunc('month', now() AT TIME ZONE 'UTC') - %(months)s * interval '1 month')
        AT TIME ZONE 'UTC' AS before
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    CROSS JOIN regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)') ends
    WHERE i.inhparent = 'accounts_auditevent'::regclass
        AND ends[1]::timestamptz <= (date_trunc('month', now() AT TIME ZONE 'UTC') - %(months)s * interval '1 month')
            AT TIME ZONE 'UTC'
    ORDER BY ends[1]::timestamptz
"""


@dataclass(frozen=True, slots=True)
class OldMonths:
    """The tables that are older than what is kept, and before which moment their events were."""

    tables: list[str]
    before: datetime | None


def old_months(months: int) -> OldMonths:
    """Return what is older than so many whole months before this one."""
    with connection.cursor() as cursor:
        cursor.execute(_OLD, {"months": months})
        rows = cursor.fetchall()
    return OldMonths([table for table, _before in rows], rows[0][1] if rows else None)


def drop_old_months(*, actor: Actor | None, months: int) -> int:
    """Drop the tables of old months, as the owner; return how many events went.

    One event says so, and seals of what went stay and verify. What people were told of these events goes with them.
    Everybody who reads or writes the log waits for a moment.

    months: whole months before this one that are kept. Raises Refused where it is not above 0, and where an event that
    would go has not been sealed.
    """
    if months <= 0:
        raise Refused("The log is kept for ever. Set it to the number of months that are kept.", "AUDIT_RETENTION")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALERS])
        old = old_months(months)
        if old.before is None:
            return 0
        went = sum(_drop(table) for table in old.tables)
        new = {"before": old.before.isoformat(), "events": went, "in_all": went + _dropped_so_far()}
        said = record_audit(EventName.DROP_AUDIT_MONTHS, actor=actor, customer=None, new=new)
        DroppedMonths.objects.create(before=old.before, events=went, event_id=said.pk)
    return went


def _dropped_so_far() -> int:
    return int(DroppedMonths.objects.aggregate(events=Sum("events", default=0))["events"])


def _drop(table: str) -> int:
    if _is_unsealed(table):
        raise Refused(f"{table} has events that no seal holds yet. See that the sealer works, and try again.")
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM accounts_notification n USING {name} e WHERE n.event_id = e.id")  # noqa: S608  ours
        cursor.execute(f"SELECT count(*) FROM {name}")  # noqa: S608  ours
        [events] = cursor.fetchone()
        cursor.execute(f"ALTER TABLE accounts_auditevent DETACH PARTITION {name}")
        cursor.execute(f"DROP TABLE {name}")
    return int(events)


def _is_unsealed(table: str) -> bool:
    """Tell whether a month has an event that no seal holds."""
    with connection.cursor() as cursor:
        for part in parts():
            if not part.is_over:
                cursor.execute(part.beyond_sql(table))
                if cursor.fetchone()[0]:
                    return True
    return False
