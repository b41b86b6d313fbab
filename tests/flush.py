"""Empties the database after a transactional test, back to what the migrations left in it.

Django truncates every table, which makes the files of all of them anew, nearly all of them empty before: a tenth of a
second of the server's time. Here rows are deleted, behind the same locks, with triggers off for that moment: the audit
trail refuses to lose events (A2), and rows that migrations wrote (the catalogue, content types) are copied back from a
schema made when the database was new. Tables of a later release, which point to ours and which we do not know, are
emptied with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.conf import settings
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


def with_what_points_to(tables: Iterable[str]) -> list[str]:
    """The tables, and those with a foreign key to one of them, directly or through others."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE found AS (SELECT unnest(%s::regclass[]) AS id"
            " UNION SELECT conrelid FROM pg_constraint JOIN found ON confrelid = found.id WHERE contype = 'f')"
            " SELECT relname FROM pg_class JOIN found ON pg_class.oid = found.id",
            [[f'"{table}"' for table in tables]],
        )
        return sorted(name for (name,) in cursor.fetchall())


def copy_back(tables: Iterable[str]) -> list[str]:
    """The statements that put the migrated rows back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kept.relname, string_agg(quote_ident(attname), ', ') FROM pg_class kept"
            " JOIN pg_namespace n ON n.oid = kept.relnamespace AND n.nspname = %s"
            " JOIN pg_attribute ON attrelid = to_regclass(format('public.%%I', kept.relname))"
            " WHERE kept.relname = ANY(%s) AND attnum > 0 AND attgenerated = '' AND NOT attisdropped"
            " GROUP BY kept.relname",
            [SCHEMA, list(tables)],
        )
        return [
            f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM {SCHEMA}."{table}";'
            for table, columns in cursor.fetchall()
        ]


def sql_flush(_: DatabaseOperations, style: Style, tables: list[str], **options: Any) -> list[str]:
    """The statements of a flush, in place of Django's."""
    assert not options.get("reset_sequences"), "no test depends on the number of a row"
    # Counters of attempts are no model's: without this, twenty sign-ins of one minute would refuse the next test's.
    counters = [str(limits["LOCATION"]) for limits in settings.CACHES.values() if "LOCATION" in limits]
    emptied = [f'"{table}"' for table in [*with_what_points_to(tables), *counters]]
    return [
        # Without the lock, what a transaction is still writing would stay.
        f"LOCK TABLE {', '.join(emptied)};",
        "SET LOCAL session_replication_role = replica;",
        " ".join(f"DELETE FROM {table};" for table in emptied),
        *copy_back(tables),
    ]


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make Django's flush do the above; `execute_sql_flush` runs the statements in one transaction.

    As the administrator: the application may neither switch triggers off nor see the rows that are kept.
    """
    plain_execution = DatabaseOperations.execute_sql_flush

    def execute_sql_flush(operations: DatabaseOperations, statements: list[str]) -> None:
        with servers.connected_as(servers.ADMINISTRATOR):
            plain_execution(operations, statements)

    monkeypatch.setattr(DatabaseOperations, "sql_flush", sql_flush)
    monkeypatch.setattr(DatabaseOperations, "execute_sql_flush", execute_sql_flush)
