"""The migrations, forwards and backwards, on a database of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import AuditEvent
from subscriptions.models import Product, Sku
from tests.contract.ours import ROOT, WITH_TABLES
from tests.contract.world import WORKSPACE

# One for each of the processes that share a server.
PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "alone")
SCRATCH = f"scratch_for_migrations_{PROCESS}"
NEWEST = f"newest_for_migrations_{PROCESS}"


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database without a transaction, in place of this folder's world.

    The world stands in a transaction that is open until the file is through; a connection closed within one stays
    closed, and the next test here would find it so. The name tells pytest-django that the database is needed.
    """
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def scratch(db: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """An empty database beside the one of the tests, as Django's default database."""
    with django_db_blocker.unblock(), default_database(SCRATCH, "template0"):
        yield


@pytest.fixture
def migrated(db: None, newest: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database as the migrations leave it, as Django's default database."""
    with django_db_blocker.unblock(), default_database(SCRATCH, newest):
        yield


@pytest.fixture(scope="module")
def newest(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The name of a database that was migrated once, to be copied."""
    with django_db_blocker.unblock():
        with default_database(NEWEST, "template0", keep=True):
            call_command("migrate", verbosity=0)
        yield NEWEST
        with connection._nodb_cursor() as cursor:  # noqa: SLF001  what Django's own test runner uses
            cursor.execute(f"DROP DATABASE {NEWEST}")


@contextmanager
def default_database(name: str, template: str, *, keep: bool = False) -> Iterator[None]:
    """Create a database and make it Django's default one for the block."""
    with connection._nodb_cursor() as cursor:  # noqa: SLF001  what Django's own test runner uses
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connections["default"].close()
        connection.settings_dict["NAME"] = before
        if not keep:
            with connection._nodb_cursor() as cursor:  # noqa: SLF001  see above
                cursor.execute(f"DROP DATABASE {name}")


def schema() -> dict[str, list[str]]:
    """Return everything of our tables that a migration can forget: columns, constraints, indexes, triggers."""
    found = {}
    with connection.cursor() as cursor:
        for what, query in QUERIES.items():
            cursor.execute(query)
            found[what] = sorted(text for (text,) in cursor.fetchall())
    return found


OUR_TABLES = "(" + " OR ".join(f"relname LIKE '{app}\\_%'" for app in WITH_TABLES) + ")"
QUERIES = {
    "columns": "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default,"
    " character_maximum_length, collation_name) FROM information_schema.columns"
    f" WHERE table_schema = 'public' AND {OUR_TABLES.replace('relname', 'table_name')}",
    "constraints": "SELECT relname || ' ' || conname || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint c"
    f" JOIN pg_class t ON t.oid = conrelid WHERE {OUR_TABLES}",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
    f" AND {OUR_TABLES.replace('relname', 'tablename')}",
    "triggers": "SELECT pg_get_triggerdef(g.oid) FROM pg_trigger g JOIN pg_class t ON t.oid = tgrelid"
    f" WHERE NOT tgisinternal AND {OUR_TABLES}",
    "functions": "SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'",
}


def tables() -> set[str]:
    names = connection.introspection.table_names()
    return {name for name in names if name.startswith(tuple(f"{app}_" for app in WITH_TABLES))}


def test_forwards_backwards_and_forwards_again_leave_the_same_schema(scratch: None) -> None:
    call_command("migrate", verbosity=0)
    first = schema()
    assert len(first["triggers"]) >= 2
    assert Sku.objects.filter(pk=WORKSPACE).exists()
    # Each takes back what others build on it.
    for app in WITH_TABLES:
        call_command("migrate", app, "zero", verbosity=0)
    assert tables() == set()
    assert schema() == {what: [] for what in QUERIES} | {"functions": schema()["functions"]}
    assert "audit_event_is_append_only" not in schema()["functions"]
    call_command("migrate", verbosity=0)
    assert schema() == first
    assert Sku.objects.filter(pk=WORKSPACE).exists()


def test_each_migration_goes_one_step_back_and_forth(migrated: None) -> None:
    """From the last one down, in the order in which they are applied: one back and forth, then back for good."""
    executor = MigrationExecutor(connection)
    order = [m for m, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)]
    ours = [number for number, migration in enumerate(order) if migration.app_label in WITH_TABLES]
    assert len(ours) >= 20
    for migration in reversed(order[ours[0] :]):
        if migration.app_label in WITH_TABLES:
            newest = schema()
            take_step(migration, backwards=True)
            take_step(migration, backwards=False)
            assert schema() == newest, migration
        take_step(migration, backwards=True)


def take_step(migration: Migration, *, backwards: bool) -> None:
    """Apply one migration, or take it back, without what `migrate` does around it."""
    MigrationExecutor(connection).migrate([], plan=[(migration, backwards)])


def test_the_catalogue_survives_loading_it_again(migrated: None) -> None:
    """What subscriptions may refer to is never removed: neither names of our own nor products that were added."""
    Product.objects.create(id="Our-Own", name="Ours")
    Sku.objects.create(id="our-own", product_id="Our-Own", name="Added by hand")
    call_command("migrate", "subscriptions", "0001", verbosity=0)
    assert Sku.objects.filter(pk="our-own", name="Added by hand").exists()
    call_command("migrate", verbosity=0)
    assert Sku.objects.filter(pk="our-own", name="Added by hand").exists()


def test_the_trail_survives_every_step_behind_the_first(migrated: None) -> None:
    """A2: a migration that goes back and forth neither drops nor changes an event, and the trigger is there again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_auditevent (name, actor_kind, actor_email, actor_organisation, on_behalf_of, subject)"
            " VALUES ('CREATE_USER', 'system', '', '', '', 'ana@acme.example')"
        )
    call_command("migrate", "accounts", "0001", verbosity=0)
    call_command("migrate", verbosity=0)
    [event] = AuditEvent.objects.all()
    assert event.subject == "ana@acme.example"
    with connection.cursor() as cursor, pytest.raises(Exception, match="append only"):
        cursor.execute("DELETE FROM accounts_auditevent")


def test_models_and_migrations_say_the_same(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_migrations_are_named_by_hand() -> None:
    names = [path.stem for app in WITH_TABLES for path in Path(ROOT, app, "migrations").glob("0*.py")]
    assert len(names) >= 5
    assert [name for name in names if "_auto_" in name or name.endswith("_initial")] == []
