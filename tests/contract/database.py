"""Which rows of the whole database differ between two moments: the effect of a request, seen from outside."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.db import connection
from django.db.models import Model

# What any request may write without changing anything that means something: the session that asks, and the counters
# of rate limits.
VOLATILE = frozenset({"django_session", "usersessions_usersession", "rate_limit_cache", "django_migrations"})

Row = tuple[str, str]  # table, primary key
Snapshot = dict[Row, str]


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


def snapshot(*, whole: bool = False) -> Snapshot:
    """Return a digest of every row. whole: what it says, as JSON, in place of the digest."""
    said = "to_jsonb(row)::text" if whole else "md5(row::text)"
    selects = [
        f"SELECT '{table}', {key}::text, {said} FROM {table} row" for table, key in _tables() if table not in VOLATILE
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects))
        return {(table, key): digest for table, key, digest in cursor.fetchall()}


def written() -> int:
    """Return how many rows this transaction has inserted, updated or deleted so far, also what was taken back.

    Where it is the same at two moments, nothing was written between them, and no snapshot is needed to know that.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_xact_user_tables"
            " WHERE relname <> ALL(%s)",
            [sorted(VOLATILE)],
        )
        return int(cursor.fetchone()[0])


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
