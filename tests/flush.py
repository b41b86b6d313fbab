"""Empties the database after a transactional test, back to what the migrations left in it.

Django truncates every table. Here that needs two additions, both inside the truncating transaction:
the audit trail refuses TRUNCATE by a trigger (A2), so triggers are off for that moment; and rows that
migrations wrote (the catalogue, content types) are copied back from a schema made when the database was new.
Tables of a later release, which point to ours and which we do not know, are emptied with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.apps import apps
from django.core.management.color import Style
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

from tests import servers

SCHEMA = "as_migrated"


def keep_migrated_rows() -> None:
    """Copy every table that has rows, while the database is as the migrations left it."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')
            if cursor.fetchone()[0]:
                cursor.execute(f'CREATE TABLE {SCHEMA}."{table}" AS TABLE "{table}"')


def truncate_guards(tables: Iterable[str]) -> list[str]:
    """Those of the tables where a trigger of ours refuses TRUNCATE."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE NOT tgisinternal AND (tgtype & 32) > 0 AND relname = ANY(%s)",
            [list(tables)],
        )
        return [name for (name,) in cursor.fetchall()]


def copy_back(tables: Iterable[str]) -> list[str]:
    """The statements that put the migrated rows back; foreign keys are checked at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, string_agg(quote_ident(c.column_name), ', ') FROM information_schema.columns c"
            " JOIN information_schema.tables kept ON kept.table_name = c.table_name AND kept.table_schema = %s"
            " WHERE c.table_schema = 'public' AND c.is_generated = 'NEVER' AND c.table_name = ANY(%s)"
            " GROUP BY c.table_name",
            [SCHEMA, list(tables)],
        )
        return [
            f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM {SCHEMA}."{table}";'
            for table, columns in cursor.fetchall()
        ]


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make Django's flush do the above; `execute_sql_flush` runs the statements in one transaction.

    As the administrator: the application may neither truncate nor see the rows that are kept.
    """
    plain_flush = DatabaseOperations.sql_flush

    def as_administrator(operations: DatabaseOperations, style: Style, tables: list[str], **options: Any) -> list[str]:
        with servers.connected_as(servers.ADMINISTRATOR):
            return sql_flush(operations, style, tables, **options)

    def sql_flush(operations: DatabaseOperations, style: Style, tables: list[str], **options: Any) -> list[str]:
        guarded = truncate_guards(tables)
        return [
            *(f'ALTER TABLE "{table}" DISABLE TRIGGER USER;' for table in guarded),
            *plain_flush(operations, style, tables, **{**options, "allow_cascade": True}),
            *(f'ALTER TABLE "{table}" ENABLE TRIGGER USER;' for table in guarded),
            *copy_back(tables),
            *(operations.sequence_reset_sql(style, apps.get_models()) if options.get("reset_sequences") else ()),
        ]

    plain_execution = DatabaseOperations.execute_sql_flush

    def execute_sql_flush(operations: DatabaseOperations, statements: list[str]) -> None:
        with servers.connected_as(servers.ADMINISTRATOR):
            plain_execution(operations, statements)

    monkeypatch.setattr(DatabaseOperations, "sql_flush", as_administrator)
    monkeypatch.setattr(DatabaseOperations, "execute_sql_flush", execute_sql_flush)
