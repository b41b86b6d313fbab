"""Migrations of an installation that is at work: with rows, beside writers, and interrupted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import psycopg2.extensions
import pytest
from django.core.management import call_command
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from pytest_django.plugin import DjangoDbBlocker

from accounts.migrations import _audit_partitions
from tests.contract import areas
from tests.contract import world as worlds
from tests.contract.ours import WITH_TABLES
from tests.contract.scratch import SCRATCH, db, default_database, migrated, newest, states_before

__all__ = ["db", "migrated", "newest"]

# Seconds that anything here may take to come true.
PATIENCE = 60
# The last migrations of the release 0.1.0 (CHANGELOG.md): what came behind them goes back with what people made.
RELEASED = {"accounts": "0018", "subscriptions": "0011", "support": "0005"}
EVENT = (
    "INSERT INTO accounts_auditevent (name, actor_kind, actor_email, actor_organisation, on_behalf_of, subject,"
    " access_change_id) VALUES (%s, 'system', '', '', '', 'ana@acme.example', %s)"
)
CUSTOMER = (
    "INSERT INTO accounts_customer (name, sort_name, primary_domain, postal_address, phone_number,"
    " asks_for_entry_reason) VALUES (%s, %s, %s, '', '', false)"
)


@contextmanager
def another_session() -> Iterator[psycopg2.extensions.connection]:
    """A connection to the scratch database beside Django's; what it wrote is left to it."""
    values = connection.get_connection_params()
    for ours in ("cursor_factory", "context"):
        values.pop(ours, None)
    session = psycopg2.connect(**values)
    try:
        say(session, "SET idle_in_transaction_session_timeout = 0")
        session.commit()
        yield session
    finally:
        session.close()


def say(session: psycopg2.extensions.connection, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with session.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


class Migrating:
    """`migrate`, in a thread of its own, which waits for what another session has open."""

    def __init__(self, *arguments: str) -> None:
        self.raised: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=arguments)
        self._thread.start()

    def _run(self, *arguments: str) -> None:
        try:
            call_command("migrate", *arguments, verbosity=0)
        except Error as error:  # the test judges it
            self.raised = error
        finally:
            connection.close()

    def waits_at(self, session: psycopg2.extensions.connection, statement: str) -> int:
        """Return the process of the server that waits at a statement which begins so."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._thread.is_alive():
            session.rollback()
            found = say(
                session,
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE %s"
                " AND wait_event_type = 'Lock'",
                f"{statement}%",
            )
            session.rollback()
            if found:
                return int(found[0][0])
            time.sleep(0.02)
        raise AssertionError(f"migrate never waited at {statement}: {self.raised}")

    def ended(self) -> BaseException | None:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        return self.raised


def is_valid(index: str) -> bool | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [index])
        found = cursor.fetchone()
        return found[0] if found else None


def test_indexes_are_built_beside_writers_and_again_where_that_was_interrupted(migrated: None) -> None:
    call_command("migrate", "accounts", "0024", verbosity=0)
    with another_session() as slow, another_session() as quick, another_session() as watching:
        say(slow, CUSTOMER, "Slow", "slow", "slow.example")  # and its transaction stays open
        migrating = Migrating("accounts", "0026")
        pid = migrating.waits_at(watching, "CREATE INDEX CONCURRENTLY")
        say(quick, "SET lock_timeout = '200ms'")
        say(quick, CUSTOMER, "Quick", "quick", "quick.example")
        quick.commit()
        time.sleep(6)
        assert migrating.raised is None, "it waits longer than migrate waits for a lock"
        say(watching, "SELECT pg_terminate_backend(%s)", pid)
        assert migrating.ended() is not None
        slow.commit()
    assert is_valid("customers_by_name") is False, "what was interrupted is left half-built"
    call_command("migrate", verbosity=0)
    names = ("customers_by_name", "customers_by_part_of_name", "groups_by_part_of_name", "people_by_part_of_name")
    assert [is_valid(name) for name in names] == [True] * 4
    call_command("migrate", "accounts", "0024", verbosity=0)
    assert [is_valid(name) for name in names] == [None] * 4


def events() -> list[tuple[str, int | None]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, access_change_id FROM accounts_auditevent ORDER BY id")
        return list(cursor.fetchall())


def noted() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, access_change_id FROM accounts_eventofchange ORDER BY access_change_id")
        return list(cursor.fetchall())


def test_A2_the_exchange_of_the_log_loses_and_doubles_nothing_wherever_it_is_interrupted(
    migrated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0027: at its first lock, while it builds, before the exchange, and when that is done but not noted as done."""
    call_command("migrate", "accounts", "0026", verbosity=0)
    changes = [("CHANGE_RESELLER_ACCESS", number) for number in range(6)]
    copy_changes = _audit_partitions._copy_changes  # noqa: SLF001  the last moment before the exchange
    with another_session() as writer, another_session() as watching, another_session() as reader:

        def write(number: int) -> None:
            say(writer, EVENT, *changes[number])

        def end(migrating: Migrating, at: str) -> None:
            say(watching, "SELECT pg_terminate_backend(%s)", migrating.waits_at(watching, at))
            watching.rollback()
            assert migrating.ended() is not None

        def copied(number: int, *, is_killed: bool) -> Callable[[Any], int]:
            def copy(cursor: Any) -> int:
                found = copy_changes(cursor)
                write(number)  # behind the copy
                writer.commit()
                if is_killed:
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
                return found

            return copy

        write(0)
        writer.commit()
        write(1)
        end(Migrating("accounts", "0027"), "ALTER TABLE accounts_auditevent ADD COLUMN")
        writer.commit()
        # What has read, in any table, is older than the indexes.
        reader.set_session(isolation_level="REPEATABLE READ")
        say(reader, "SELECT 1 FROM accounts_customer")
        migrating = Migrating("accounts", "0027")
        migrating.waits_at(watching, "CREATE INDEX CONCURRENTLY")
        write(2)
        writer.commit()
        end(migrating, "CREATE INDEX CONCURRENTLY")
        reader.rollback()
        monkeypatch.setattr(_audit_partitions, "_copy_changes", copied(3, is_killed=True))
        assert Migrating("accounts", "0027").ended() is not None
        assert events() == changes[:4]
        monkeypatch.setattr(_audit_partitions, "_copy_changes", copied(4, is_killed=False))
        call_command("migrate", "accounts", "0027", verbosity=0)
        write(5)
        writer.commit()
    assert (events(), noted()) == (changes, changes)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'accounts' AND name LIKE '0027%%'")
    call_command("migrate", verbosity=0)
    assert (events(), noted()) == (changes, changes)


def test_what_came_since_the_last_release_goes_back_and_forth_with_rows_in_its_tables(
    db: None, newest: str, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), default_database(SCRATCH, newest):
        with transaction.atomic():
            worlds.build(areas.furnish)
        executor = MigrationExecutor(connection)
        order = [m for m, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)]
        taken = []
        for migration, state in reversed(list(zip(order, states_before(order, executor), strict=True))):
            if migration.app_label in WITH_TABLES and migration.name[:4] > RELEASED[migration.app_label]:
                executor.unapply_migration(state, migration)
                executor.apply_migration(state.clone(), migration)
                executor.unapply_migration(state, migration)
                taken.append(str(migration))
        assert len(taken) >= 28
