"""Which rows of the whole database differ between two moments: the effect of a request, seen from outside."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from django.apps import apps
from django.db import connection
from django.db.models import Model

# What any request may write without changing anything that means something: the session that asks, the counters of
# rate limits, and that an agent opened a page (test_visits.py).
VOLATILE = frozenset(
    {
        "django_session",
        "usersessions_usersession",
        "rate_limit_cache",
        "django_migrations",
        "accounts_openedpage",
        # These follow from the event that stands beside them (R25, A1).
        "accounts_untoldevent",
        "accounts_eventofchange",
    }
)

Row = tuple[str, str]  # table, primary key
Snapshot = dict[Row, str]
Written = dict[str, int]  # by table


@dataclass(frozen=True, slots=True)
class Moment:
    """The rows at a moment, and how much its transaction had written by then."""

    rows: Snapshot
    written: Written


@dataclass(frozen=True, slots=True)
class Difference:
    """What happened to the rows between two snapshots."""

    changed: frozenset[Row]
    added: frozenset[Row]
    removed: frozenset[Row]

    def __bool__(self) -> bool:
        return bool(self.changed or self.added or self.removed)

    @property
    def tables_added(self) -> set[str]:
        return {table for table, _key in self.added}


NO_DIFFERENCE = Difference(frozenset(), frozenset(), frozenset())


def snapshot(*, whole: bool = False, of: Container[str] | None = None) -> Snapshot:
    """Return a digest of every row. whole: what it says, as JSON, in place of the digest. of: only of these tables."""
    said = "to_jsonb(row)::text" if whole else "md5(row::text)"
    selects = [
        f"SELECT '{table}', {key}::text, {said} FROM {table} row"
        for table, key in _tables()
        if table not in VOLATILE and (of is None or table in of)
    ]
    if not selects:  # only what VOLATILE names was written
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects))
        return {(table, key): digest for table, key, digest in cursor.fetchall()}


def written() -> Written:
    """Return how many rows of each table this transaction has written so far, also what was taken back.

    Where it is the same at two moments, nothing was written between them, and no snapshot is needed to know that.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            # What is written to a partition is written to its table: to the audit log.
            "SELECT name, sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_xact_user_tables"
            " CROSS JOIN LATERAL (SELECT coalesce(pg_partition_root(relid)::text, relname)) root (name)"
            " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND name <> ALL(%s) GROUP BY name",
            [sorted(VOLATILE)],
        )
        return dict(cursor.fetchall())


def snapshot_since(moment: Moment, *, whole: bool = False) -> Snapshot:
    """Return a snapshot like that of the moment, by looking only at the tables that were written since then."""
    tables = {table for table, number in written().items() if number != moment.written.get(table, 0)}
    if not tables:
        return moment.rows
    untouched = {row: said for row, said in moment.rows.items() if row[0] not in tables}
    return untouched | snapshot(whole=whole, of=tables)


def now() -> Moment:
    """Return this moment."""
    return Moment(snapshot(), written())


def difference_since(moment: Moment) -> Difference:
    """Return what has become different since then, also where it was written by a trigger or a cascade."""
    return difference(moment.rows, snapshot_since(moment))


def difference(before: Snapshot, after: Snapshot) -> Difference:
    return Difference(
        changed=frozenset(row for row in before.keys() & after.keys() if before[row] != after[row]),
        added=frozenset(after.keys() - before.keys()),
        removed=frozenset(before.keys() - after.keys()),
    )


def row(instance: Model) -> Row:
    """Return how a snapshot names the row of a model instance."""
    return (instance._meta.db_table, str(instance.pk))


def _tables() -> list[tuple[str, str]]:
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy]
    return sorted({(m._meta.db_table, str(m._meta.pk.column)) for m in models})
