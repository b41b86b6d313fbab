"""Columns with a value of their own in each row, of tables that people write to meanwhile. No migration itself.

All of it may be repeated, in a migration that is not `atomic`: what was interrupted goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from accounts.migrations._indexes import is_built, waiting_for_all_at_work

# Rows written by one statement, and so for how many a statement keeps its locks: some tenths of a second.
PIECE: Final = 2_000


def add_columns(cursor: Any, table: str, columns: Mapping[str, str]) -> None:
    """Add columns by their definitions, with one lock. A definition without a constant default leaves NULL."""
    added = ", ".join(f"ADD COLUMN IF NOT EXISTS {name} {what}" for name, what in columns.items())
    cursor.execute(f"ALTER TABLE {table} {added}")


def drop_columns(cursor: Any, table: str, columns: Mapping[str, str]) -> None:
    """Drop columns, with what stands on them."""
    cursor.execute(f"ALTER TABLE {table} " + ", ".join(f"DROP COLUMN IF EXISTS {name}" for name in columns))


def fill(cursor: Any, table: str, column: str, statement: str) -> None:
    """Run an UPDATE for the rows of a table in pieces; it names the rows as `id` between two parameters."""
    cursor.execute(f"SELECT min(id), max(id) FROM {table} WHERE {column}")  # noqa: S608  constants
    first, last = cursor.fetchone()
    while first is not None and first <= last:
        cursor.execute(statement, [first, first + PIECE])
        first += PIECE


def make_random(cursor: Any, table: str, column: str, default: str, unique: str) -> None:
    """Give a column that allows NULL a random value in each row, which no other has and every new one gets.

    unique: what the constraint is called that no two have the same.
    """
    cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {default}")
    missing = f"{column} IS NULL"
    update = f"UPDATE {table} SET {column} = DEFAULT WHERE id >= %s AND id < %s AND {missing}"  # noqa: S608  constants
    fill(cursor, table, missing, update)
    with waiting_for_all_at_work(cursor):
        if not is_built(cursor, unique):
            cursor.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {unique} ON {table} ({column})")
    # Read by itself, so that NOT NULL need not look at the rows while nobody can write one.
    check = f"{unique}_not_null"
    cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {check}")
    cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID")
    cursor.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {check}")
    cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL, DROP CONSTRAINT {check}")
    cursor.execute("SELECT EXISTS (SELECT FROM pg_constraint WHERE conname = %s)", [unique])
    if cursor.fetchone() == (False,):
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {unique} UNIQUE USING INDEX {unique}")
