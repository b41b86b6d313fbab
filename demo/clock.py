"""A clock that stands some days back, for one transaction, so that the demo's past is made by the verbs themselves.

Everything that reads the database's clock (R8) reads this one: the verbs, the worker's batch, the defaults of
columns. Nothing is changed afterwards, and the append-only audit log (A2) is what the verbs wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.apps import apps
from django.db import connection
from django.db.models.functions import Now

SCHEMA = "demo_clock"
CLOCKS = ("clock_timestamp", "statement_timestamp")
_NEW_CLOCK = """
    CREATE FUNCTION {schema}.{clock}() RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT pg_catalog.{clock}() - current_setting('{schema}.ago')::interval $$
"""


@contextmanager
def past() -> Iterator[None]:
    """Put the clock in front of PostgreSQL's own until the end of the block; needs an open transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        for clock in CLOCKS:
            cursor.execute(_NEW_CLOCK.format(schema=SCHEMA, clock=clock))
    stand_back(timedelta())
    usual = _defaults()
    _set_defaults(dict.fromkeys(usual, f"{SCHEMA}.statement_timestamp()"))
    with connection.cursor() as cursor:
        # Named before pg_catalog, it is found first.
        cursor.execute(f"SET LOCAL search_path TO {SCHEMA}, pg_catalog, public")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path TO DEFAULT")
        # A table with checks still to be made cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    _set_defaults(usual)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def stand_back(ago: timedelta) -> None:
    """Let the clock show a moment that is past by `ago`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [f"{SCHEMA}.ago", f"{ago.total_seconds()} seconds"])


def _defaults() -> dict[tuple[str, str], str]:
    """Return the columns that take the time from the database, each with its default as it is stored."""
    columns = [
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field.db_default, Now)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, column_default FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND (table_name, column_name) IN %s",
            [tuple(columns)],
        )
        return {(table, column): default for table, column, default in cursor.fetchall()}


def _set_defaults(defaults: dict[tuple[str, str], str]) -> None:
    with connection.cursor() as cursor:
        for (table, column), default in defaults.items():
            cursor.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET DEFAULT {default}')
