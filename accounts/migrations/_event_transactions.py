"""The transaction of each event (A5): for 0034. No migration itself."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.transaction import atomic

INDEX = "events_by_transaction"
_INDEXED = "(transaction, id) WHERE transaction IS NOT NULL"
# A column with a default that is drawn for each row would write all rows of before again. So it comes without one,
# which only the catalogue hears of, and what stands there already has none for good. The lock waits for every
# transaction that has written an event: each later one has its transaction.
_COLUMN = """
LOCK TABLE accounts_auditevent IN ACCESS EXCLUSIVE MODE;
ALTER TABLE accounts_auditevent ADD COLUMN IF NOT EXISTS transaction xid8;
ALTER TABLE accounts_auditevent ALTER COLUMN transaction SET DEFAULT pg_current_xact_id();
"""
_PARTITIONS = """
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'accounts_auditevent'::regclass ORDER BY 1
"""


def add_transaction(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Give the log its column and index, of all months, beside people at work; each step may be repeated."""
    with atomic(editor.connection.alias), editor.connection.cursor() as cursor:
        cursor.execute(_COLUMN)
    with editor.connection.cursor() as cursor:
        cursor.execute(_PARTITIONS)
        for (table,) in cursor.fetchall():
            _build(cursor, table)
    with atomic(editor.connection.alias), editor.connection.cursor() as cursor:
        # It takes the indexes that are there already, and builds that of a month made since.
        cursor.execute(f"CREATE INDEX IF NOT EXISTS {INDEX} ON accounts_auditevent {_INDEXED}")


def _build(cursor: Any, table: str) -> None:
    """Build the index of one month. One that was left half-built is built again."""
    name = f"{table}_transaction"
    cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [name])
    found = cursor.fetchone()
    if found == (True,):
        return
    if found:
        cursor.execute(f"DROP INDEX CONCURRENTLY {name}")
    cursor.execute(f"CREATE INDEX CONCURRENTLY {name} ON {table} {_INDEXED}")


def drop_transaction(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Take the column away, and its index with it."""
    with editor.connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditevent DROP COLUMN transaction")
