"""The migrations, forwards and backwards, on a database of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from pytest_django.plugin import DjangoDbBlocker

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


def test_forwards_backwards_and_forwards_again_leave_the_same_schema(migrated: None) -> None:
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


@dataclass(frozen=True, slots=True)
class Step:
    """What one migration did that was taken back and applied again.

    same_schema: whether the schema is afterwards what it was before.
    kept_back, kept_forth: which of KEPT were still there after the one and after the other.
    append_only: whether the audit log refuses afterwards that an event is deleted.
    """

    migration: Migration
    same_schema: bool
    kept_back: set[str]
    kept_forth: set[str]
    append_only: bool


# Rows that people made, by name: what finds them in every schema that has had their table.
KEPT = {
    "event": ("accounts_auditevent", "name = 'CREATE_USER' AND subject = 'ana@acme.example'"),
    "product": ("subscriptions_product", "id = 'Our-Own' AND name = 'Ours'"),
    "sku": ("subscriptions_sku", "id = 'our-own' AND product_id = 'Our-Own' AND name = 'Added by hand'"),
}


def make_what_is_kept() -> None:
    Product.objects.create(id="Our-Own", name="Ours")
    Sku.objects.create(id="our-own", product_id="Our-Own", name="Added by hand")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_auditevent (name, actor_kind, actor_email, actor_organisation, on_behalf_of, subject)"
            " VALUES ('CREATE_USER', 'system', '', '', '', 'ana@acme.example')"
        )


def kept() -> set[str]:
    """Return which rows are there once each, as they were made."""
    found, names = set(), tables()
    with connection.cursor() as cursor:
        for what, (table, condition) in KEPT.items():
            if table in names:
                cursor.execute(f"SELECT count(*) FROM {table} WHERE {condition}")
                found |= {what} if cursor.fetchone()[0] == 1 else set()
    return found


def append_only() -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM accounts_auditevent")
            transaction.set_rollback(True)
    except DatabaseError as error:
        return "append only" in str(error)
    return False


@pytest.fixture(scope="module")
def steps(newest: str, django_db_blocker: DjangoDbBlocker) -> list[Step]:
    """What each migration does, from the last one down: one step back and forth, then back for good."""
    with django_db_blocker.unblock(), default_database(SCRATCH, newest):
        make_what_is_kept()
        executor = MigrationExecutor(connection)
        order = [m for m, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)]
        states = states_before(order, executor)
        first = next(number for number, migration in enumerate(order) if migration.app_label in WITH_TABLES)
        taken, before = [], schema()
        for migration, state in reversed(list(zip(order, states, strict=True))[first:]):
            if migration.app_label in WITH_TABLES:
                executor.unapply_migration(state, migration)
                kept_back = kept()
                executor.apply_migration(state.clone(), migration)
                taken.append(Step(migration, schema() == before, kept_back, kept(), append_only()))
            executor.unapply_migration(state, migration)
            before = schema()
        return taken


def states_before(order: list[Migration], executor: MigrationExecutor) -> list[ProjectState]:
    """Return what each migration begins with. The executor would work that out again for every step."""
    states, state = [], executor.loader.project_state([])
    for migration in order:
        # From here on it goes along, and only what a migration changes is made anew.
        state.apps  # noqa: B018  made when it is asked for
        states.append(state)
        state = migration.mutate_state(state, preserve=True)
    return states


def test_each_migration_goes_one_step_back_and_forth(steps: list[Step]) -> None:
    assert len(steps) >= 20
    assert [step.migration for step in steps if not step.same_schema] == []


def survives(steps: list[Step], app: str, *names: str) -> None:
    """Tell that rows are there after every step of an app, but behind taking back its first migration."""
    of_app = [step for step in steps if step.migration.app_label == app]
    assert of_app[-1].migration.name.startswith("0001")
    assert len(of_app) > 1
    for step in of_app[:-1]:
        assert set(names) <= step.kept_back, f"{step.migration}, taken back"
        assert set(names) <= step.kept_forth, f"{step.migration}, applied"


def test_the_catalogue_survives_loading_it_again(steps: list[Step]) -> None:
    """What subscriptions may refer to is never removed: neither names of our own nor products that were added."""
    survives(steps, "subscriptions", "product", "sku")


def test_the_trail_survives_every_step_behind_the_first(steps: list[Step]) -> None:
    """A2: a migration that goes back and forth neither drops nor changes an event, and the trigger is there again."""
    survives(steps, "accounts", "event")
    behind_the_first = [step for step in steps if step.migration.app_label == "accounts"][:-1]
    assert [step.migration for step in behind_the_first if not step.append_only] == []


def test_models_and_migrations_say_the_same(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_migrations_are_named_by_hand() -> None:
    names = [path.stem for app in WITH_TABLES for path in Path(ROOT, app, "migrations").glob("0*.py")]
    assert len(names) >= 5
    assert [name for name in names if "_auto_" in name or name.endswith("_initial")] == []
