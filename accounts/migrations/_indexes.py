"""Indexes of tables that people write to while `migrate` runs. No migration itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import Error
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class BuildIndex(AddIndexConcurrently):
    """Build an index beside people at work, in a migration that is not `atomic`; it may be repeated.

    An interrupted one leaves an index behind that nothing reads: it is built again.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        with schema_editor.connection.cursor() as cursor, waiting_for_all_at_work(cursor):
            if not is_built(cursor, self.index.name):
                super().database_forwards(app_label, schema_editor, from_state, to_state)


class DropIndex(RemoveIndexConcurrently):
    """Drop an index beside people at work, in a migration that is not `atomic`; it may be repeated."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        with schema_editor.connection.cursor() as cursor, waiting_for_all_at_work(cursor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)


def is_built(cursor: Any, index: str) -> bool:
    """Tell whether there is an index; one that was left half-built is dropped."""
    cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [index])
    found = cursor.fetchone()
    if found == (False,):
        cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
    return bool(found == (True,))


@contextmanager
def waiting_for_all_at_work(cursor: Any) -> Iterator[None]:
    """Let what is done beside people at work wait for each transaction that is older, as long as that lasts.

    PostgreSQL counts these waits against lock_timeout, though nobody stands behind them.
    """
    cursor.execute("SELECT current_setting('lock_timeout'), set_config('lock_timeout', '0', false)")
    [before, _set] = cursor.fetchone()
    try:
        yield
    finally:
        # Where the connection is gone, so is what was set.
        with suppress(Error):
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])
