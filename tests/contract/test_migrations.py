"""The migrations, forwards and backwards, on a database of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from pytest_django.plugin import DjangoDbBlocker

from accounts.migrations._audit_partitions import INDEXES
from subscriptions.models import Product, Sku
from tests.contract.ours import ROOT, WITH_TABLES
from tests.contract.scratch import SCRATCH, db, default_database, migrated, newest, states_before
from tests.contract.world import WORKSPACE

__all__ = ["db", "migrated", "newest"]


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
    # Whether the rows of before were looked at is left out: taking that back keeps what was found.
    "constraints": "SELECT concat(relname, ' ', conname, ' ', replace(pg_get_constraintdef(c.oid), ' NOT VALID', ''))"
    " FROM pg_constraint c"
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


def test_in_the_end_every_constraint_holds_for_all_rows(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated")
        assert cursor.fetchall() == []


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


def test_A2_the_log_of_before_is_the_first_of_its_partitions_as_it_was(migrated: None) -> None:
    """0027, on an installation with data, whose first attempt had failed half-way."""
    call_command("migrate", "accounts", "0024", verbosity=0)
    written = (
        "INSERT INTO accounts_auditevent (at, name, actor_kind, actor_email, actor_organisation, on_behalf_of, subject,"
        " access_change_id) VALUES (now() + %s * interval '1 day', %s, 'system', '', '', '', 'ana@acme.example', %s)"
    )
    columns = "SELECT id, at, name, subject, access_change_id FROM accounts_auditevent ORDER BY id"
    with connection.cursor() as cursor:
        for days, name, change in ((-900, "CREATE_USER", None), (0, "CHANGE_RESELLER_ACCESS", 7), (70, "logout", None)):
            cursor.execute(written, [days, name, change])
        cursor.execute(columns)
        before = cursor.fetchall()
        # What an attempt leaves that fails before the exchange.
        cursor.execute("ALTER TABLE accounts_auditevent ADD COLUMN target_kind varchar(12)")
        cursor.execute("ALTER TABLE accounts_auditevent ADD CONSTRAINT event_is_of_before CHECK (at < '2030-01-01')")
        cursor.execute(
            "CREATE INDEX events_of_visit_before ON accounts_auditevent (console_session_id, at, id)"
            " WHERE console_session_id IS NOT NULL"
        )
    call_command("migrate", "accounts", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(columns)
        assert cursor.fetchall() == before
        cursor.execute("SELECT DISTINCT tableoid::regclass::text FROM accounts_auditevent")
        assert cursor.fetchall() == [("accounts_auditevent_before",)]
        cursor.execute(written, [0, "CREATE_USER", None])
        cursor.execute("SELECT max(id) FROM accounts_auditevent")
        assert cursor.fetchone()[0] == before[-1][0] + 1, "numbers go on"
        with pytest.raises(DatabaseError, match="each of its events once"):
            cursor.execute(written, [400, "CHANGE_RESELLER_ACCESS", 7])
        for table in ("accounts_auditevent", "accounts_auditevent_before"):
            with pytest.raises(DatabaseError, match="append only"):
                cursor.execute(f"DELETE FROM {table}")
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'accounts_auditevent_before'")
        # Its key, the order of transactions (A5), and the three that read all organisations at once.
        assert len(cursor.fetchall()) == len(INDEXES) + 5


def test_P9_primary_domains_of_before_are_verified_and_addresses_elsewhere_become_claims(migrated: None) -> None:
    """0036 and 0037, on an installation with data: nobody loses an address, and what collides waits for an operator."""
    call_command("migrate", "accounts", "0032", verbosity=0)
    organisation = "INSERT INTO accounts_{} (name, sort_name, primary_domain, {}) VALUES (%s, %s, %s, {}) RETURNING id"
    customers, resellers = (
        organisation.format("customer", "postal_address, phone_number, asks_for_entry_reason", "'', '', false"),
        organisation.format("reseller", "public_id, postal_address", "substr(md5(random()::text), 1, 16), ''"),
    )
    person = (
        "INSERT INTO accounts_user (password, email, name, sort_name, is_vendor, is_active, must_change_password,"
        " language, theme, time_zone, reseller_id, customer_id, org_unit_id)"
        " VALUES ('', %s, 'P', 'p', %s, true, false, '', 'system', 'UTC', %s, %s, %s) RETURNING id"
    )
    with connection.cursor() as cursor:

        def made(statement: str, *values: Any) -> int:
            cursor.execute(statement, values)
            return int(cursor.fetchone()[0])

        def with_addresses(emails: str, *, customer: int | None = None, reseller: int | None = None) -> None:
            unit = None
            if customer:
                unit = made(
                    "INSERT INTO accounts_orgunit (customer_id, name, sort_name, description, approves_mobile_devices)"
                    " VALUES (%s, '', '', '', false) RETURNING id",
                    customer,
                )
            first, *_more = emails.split()
            user = made(person, first, not (customer or reseller), reseller, customer, unit)
            for email in emails.split():
                cursor.execute("INSERT INTO accounts_address (email, user_id) VALUES (%s, %s)", [email, user])

        acme, below = (made(customers, name, name, f"{name}.example") for name in ("acme", "mail.acme"))
        twin, resale = (made(resellers, name, name, f"{name}.example") for name in ("acme", "resale"))
        with_addresses("a@acme.example a@free.example a@both.example a@mail.resale.example a@co.uk", customer=acme)
        with_addresses("r@resale.example r@both.example r@acme-more.example", reseller=resale)
        with_addresses("v@vendor.example v@old-vendor.example")
        cursor.execute("SELECT email, user_id FROM accounts_address ORDER BY email")
        before = cursor.fetchall()
    call_command("migrate", "accounts", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT email, user_id FROM accounts_address ORDER BY email")
        assert cursor.fetchall() == before
        cursor.execute(
            "SELECT name, customer_id, reseller_id, kind, holds, verified_how, contested_at IS NOT NULL"
            " FROM accounts_domain"
        )
        assert set(cursor.fetchall()) == {
            ("acme.example", acme, None, "primary", True, "before", False),
            ("mail.acme.example", below, None, "primary", True, "before", False),
            ("acme.example", None, twin, "primary", False, "before", True),
            ("resale.example", None, resale, "primary", True, "before", False),
            ("free.example", acme, None, "secondary", True, "", False),
            ("both.example", acme, None, "secondary", False, "", True),
            ("both.example", None, resale, "secondary", False, "", True),
            ("mail.resale.example", acme, None, "secondary", False, "", True),
            ("co.uk", acme, None, "secondary", False, "", True),
            ("acme-more.example", None, resale, "secondary", True, "", False),
            ("old-vendor.example", None, None, "secondary", True, "", False),
        }
        # The release before goes on: it founds, renames and deletes with the columns that it knows.
        cursor.execute("DELETE FROM accounts_reseller WHERE id = %s", [twin])
        cursor.execute("SELECT count(*) FROM accounts_domain WHERE reseller_id = %s", [twin])
        assert cursor.fetchone() == (0,)


def test_A5_events_of_before_get_no_transaction_and_are_not_written_again(migrated: None) -> None:
    """0034, on a log with an event: the table's file stays the same, and so does the row."""
    call_command("migrate", "accounts", "0032", verbosity=0)
    file = "SELECT pg_relation_filenode('accounts_auditevent_before'), ctid, xmin FROM accounts_auditevent_before"
    written = (
        "INSERT INTO accounts_auditevent (name, actor_kind, actor_email, actor_organisation, on_behalf_of, subject)"
        " VALUES ('CREATE_USER', 'system', '', '', '', 'ana@acme.example')"
    )
    with connection.cursor() as cursor:
        cursor.execute(written)
        cursor.execute(file)
        before = cursor.fetchall()
    call_command("migrate", "accounts", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(file)
        assert cursor.fetchall() == before
        # As the release before writes one: it knows nothing of the column.
        cursor.execute(written)
        cursor.execute("SELECT transaction IS NULL FROM accounts_auditevent ORDER BY id")
        assert cursor.fetchall() == [(True,), (False,)]
        cursor.execute(
            "SELECT count(*), count(pg_get_expr(adbin, adrelid)) FROM pg_partition_tree('accounts_auditevent')"
            " JOIN pg_attribute ON attrelid = relid AND attname = 'transaction'"
            " LEFT JOIN pg_attrdef ON adrelid = relid AND adnum = attnum"
        )
        tables, with_default = cursor.fetchone()
        assert tables == with_default > 13, "each month has it"


def test_models_and_migrations_say_the_same(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_migrations_are_named_by_hand() -> None:
    names = [path.stem for app in WITH_TABLES for path in Path(ROOT, app, "migrations").glob("0*.py")]
    assert len(names) >= 5
    assert [name for name in names if "_auto_" in name or name.endswith("_initial")] == []
