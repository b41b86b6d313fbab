"""Indexes of the audit log, of all its months, built beside people at work. No migration itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.transaction import atomic

from accounts.migrations._indexes import is_built, waiting_for_all_at_work

_PARTITIONS = """
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'accounts_auditevent'::regclass ORDER BY 1
"""


def build_event_index(name: str, what: str) -> RunPython:
    """Return the step that builds an index, in a migration that is not `atomic`; it may be repeated.

    what: its columns, and the rows that it leaves out.
    """
    return RunPython(_building(name, what), _dropping(name))


def _building(name: str, what: str) -> Callable[[Any, BaseDatabaseSchemaEditor], None]:
    def build(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        with editor.connection.cursor() as cursor:
            cursor.execute(_PARTITIONS)
            tables = [table for (table,) in cursor.fetchall()]
            with waiting_for_all_at_work(cursor):
                for table in tables:
                    of_month = f"{table}_{name.removeprefix('events_')}"
                    if not is_built(cursor, of_month):
                        cursor.execute(f"CREATE INDEX CONCURRENTLY {of_month} ON {table} {what}")
        with atomic(editor.connection.alias), editor.connection.cursor() as cursor:
            # It takes those that are there already, and builds that of a month made since.
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON accounts_auditevent {what}")

    return build


def _dropping(name: str) -> Callable[[Any, BaseDatabaseSchemaEditor], None]:
    def drop(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        with editor.connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX IF EXISTS {name}")

    return drop
