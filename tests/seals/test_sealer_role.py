"""The sealing process has a role of its own: it writes seals and nothing else, and nobody else writes them (A5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker

from accounts.database.roles import SEALS, excess_rights, excess_rights_of_sealer
from accounts.database.time_limits import missing_limits
from accounts.management.commands.seal_audit_log import refuse_another_role
from reseller_console.local import postgres
from reseller_console.local.postgres import APPLICATION, OWNER, SEALER
from tests import servers
from tests.seals.log import EVENTS, INSERT, KEY, Log, run

# A column of each that stays what it was.
APPEND_ONLY = {
    "accounts_seal": "root",
    "accounts_sealkey": "public",
    "accounts_sealera": "reason",
    "accounts_droppedmonths": "events",
}
# What a row of each needs.
ROWS = {
    "accounts_seal": (
        "(era_id, number, is_leftover, form, first_transaction, first_id, last_transaction, last_id, greatest_id,"
        " events, root, leaves, records, previous, sealed_at, key_id, signature)"
        " VALUES (1, 999, false, 2, 1, 1, 1, 1, 1, 1, '', '', '', '', now(), '', '')"
    ),
    "accounts_sealkey": "(public) VALUES ('00')",
    "accounts_sealera": "(number, after_id, reason, database) VALUES (2, 0, 'x', '')",
    "accounts_sealing": "(id, stopped_because) VALUES (2, '')",
    "accounts_droppedmonths": "(before, events, event_id) VALUES (now(), 0, 0)",
}


def refused(*statements: str) -> None:
    """Each is refused for want of the right, before any trigger or constraint is asked."""
    for statement in statements:
        with pytest.raises(DatabaseError, match=r"permission denied|must be"), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize("table", SEALS)
def test_A5_the_application_reads_seals_and_writes_none(log: Log, table: str) -> None:
    log.write()
    log.seal()
    refused(
        f"INSERT INTO {table} {ROWS[table]}",
        f"UPDATE {table} SET {APPEND_ONLY.get(table, 'stopped_because')} = {APPEND_ONLY.get(table, 'stopped_because')}",
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")


def test_A2_what_was_sealed_is_append_only_also_for_the_sealer_and_a_superuser(log: Log) -> None:
    log.write()
    log.seal()
    log.tamper("INSERT INTO accounts_droppedmonths (before, events, event_id) VALUES (now(), 0, 0)")
    for table, column in APPEND_ONLY.items():
        statements = (
            f"DELETE FROM {table}",
            f"UPDATE {table} SET {column} = {column}",
            f"TRUNCATE {table} CASCADE",
        )
        with servers.connected_as(SEALER):
            refused(*statements)
        for statement in statements:
            with pytest.raises(psycopg2.Error, match="append only"):
                run(log.server, statement)


def test_A5_the_sealer_reads_the_log_and_its_seals_and_nothing_else(log: Log) -> None:
    log.write()
    log.seal()
    with servers.connected_as(SEALER):
        tables = {table for table in connection.introspection.table_names() if not table.startswith(f"{EVENTS}_")}
        for table in sorted(tables - {EVENTS, *SEALS}):
            refused(f"SELECT FROM {table}", f"INSERT INTO {table} DEFAULT VALUES", f"DELETE FROM {table}")
        assert {"accounts_user", "accounts_mail", "accounts_consolesession", "django_migrations"} <= tables
        assert log.verdict().problems == [], "what verifying needs it may read"


@pytest.mark.parametrize(
    "statement",
    [
        INSERT.replace("%s", "''"),
        f"DELETE FROM {EVENTS}",
        f"INSERT INTO accounts_sealera {ROWS['accounts_sealera']}",
        f"INSERT INTO accounts_droppedmonths {ROWS['accounts_droppedmonths']}",
        "DELETE FROM accounts_sealing",
        f"DROP TABLE {EVENTS}",
        "CREATE TABLE mine ()",
        "CREATE TEMPORARY TABLE mine ()",
        "SET session_replication_role = replica",
        f"SET ROLE {APPLICATION}",
        f"SET ROLE {OWNER}",
    ],
)
def test_A5_the_sealer_is_refused(log: Log, statement: str) -> None:
    with servers.connected_as(SEALER):
        refused(statement)


# What may have been done by hand, as the administrator; and what the sealing process then says of its role.
BY_HAND = {
    f"GRANT SELECT ON accounts_user TO {SEALER}": "it may read more than the audit log and its seals",
    f"GRANT SELECT (email) ON accounts_user TO {SEALER}": "it may read more than the audit log and its seals",
    "GRANT SELECT ON accounts_mail TO PUBLIC": "it may read more than the audit log and its seals",
    f"GRANT INSERT ON {EVENTS} TO {SEALER}": "it may write more than seals",
    f"GRANT INSERT (subject) ON {EVENTS} TO {SEALER}": "it may write more than seals",
    f"GRANT DELETE ON accounts_sealing TO {SEALER}": "it may write more than seals",
    f"GRANT TRUNCATE ON accounts_seal TO {SEALER}": "it may write more than seals",
    f"GRANT UPDATE ON {EVENTS} TO {SEALER}": "it may change or delete events",
    f"GRANT {APPLICATION} TO {SEALER}": "it may write more than seals",
    f"REVOKE {SEALER} FROM {OWNER}; GRANT {OWNER} TO {SEALER}": "it owns tables or functions",
    f"GRANT SET ON PARAMETER session_replication_role TO {SEALER}": "it may turn triggers off",
    f"ALTER ROLE {SEALER} SUPERUSER": "it is a superuser",
}


@pytest.mark.parametrize("by_hand", BY_HAND)
def test_A5_a_sealer_that_may_do_more_does_not_start_and_the_script_takes_it_back(
    log: Log, settings: Settings, by_hand: str
) -> None:
    settings.DATABASE_SEALER = {"USER": SEALER}
    with servers.connected_as(SEALER):
        refuse_another_role()
        run(log.server, by_hand)
        try:
            with pytest.raises(CommandError, match=rf"reseller_console\.E023.*{BY_HAND[by_hand]}"):
                refuse_another_role()
        finally:
            postgres.make_roles(log.server.url())
        refuse_another_role()


def sealed_once(url: str, **told: str) -> str:
    """What a sealing process says that looks once."""
    own = {"AUDIT_SEAL_KEY": KEY, "DATABASE_URL": "", "DATABASE_SEALER_URL": url, **told}
    ended = servers.manage("seal_audit_log", "--once", extra_environment=own)
    return ended.stdout + ended.stderr


def test_A5_a_sealer_as_the_application_or_without_a_role_does_not_start(log: Log) -> None:
    as_application = sealed_once(log.server.url(user=APPLICATION))
    assert "reseller_console.E023" in as_application and "it may write more than seals" in as_application
    without = sealed_once("", DATABASE_URL=log.server.url(user=APPLICATION))
    assert "(reseller_console.E023) DATABASE_SEALER_URL is empty" in without


@pytest.fixture
def two_roles(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, settings: Settings, tmp_path: Path
) -> Iterator[Log]:
    """An installation of the release before, in which the application's role is the sealer's too."""
    server = servers.migrated_postgres()
    storage = {"BACKEND": "accounts.seals.outside.SealFolder", "OPTIONS": {"location": str(tmp_path / "outside")}}
    settings.STORAGES = {**settings.STORAGES, "audit_seals": storage}
    try:
        with django_db_blocker.unblock(), servers.database_at(server):
            servers.start_as_migrated(server)
            run(server, f"DROP OWNED BY {SEALER}")
            run(server, f"DROP ROLE {SEALER}")
            run(server, f"GRANT INSERT ON accounts_seal, accounts_sealkey TO {APPLICATION}")
            run(server, f"GRANT INSERT, UPDATE, DELETE ON accounts_sealing TO {APPLICATION}")
            with servers.connected_as(APPLICATION):
                yield Log(server, tmp_path / "outside")
    finally:
        server.remove()


def migrate(settings: Settings) -> None:
    """As the new release does it: with the owner's connection, for the application's."""
    values: dict[str, Any] = connection.settings_dict
    settings.DATABASE_OWNER = {"USER": OWNER, **{name: values[name] for name in ("PASSWORD", "HOST", "PORT", "NAME")}}
    call_command("migrate", verbosity=0)


@pytest.mark.parametrize("script_first", [True, False])
def test_A5_an_installation_with_two_roles_gets_the_third_by_the_script_and_sealing_goes_on(
    two_roles: Log, settings: Settings, script_first: bool
) -> None:
    """Web and workers of the release before write events all the while."""
    assert excess_rights() == ["it may write seals"]
    two_roles.write(3)
    assert two_roles.sealer.look() == 1
    steps: list[Callable[[], None]] = [
        partial(postgres.make_roles, two_roles.server.url()),
        partial(migrate, settings),
    ]
    for step in steps if script_first else reversed(steps):
        step()
        two_roles.write(2)
        assert excess_rights() == [], "so web and workers of the new release start"
        with pytest.raises(DatabaseError, match="permission denied"):
            two_roles.sealer.look()
    two_roles.restarted()
    assert two_roles.seal() == 1
    verdict = two_roles.verdict()
    assert (verdict.problems, verdict.events, verdict.unsealed) == ([], 7, 0)
    with servers.connected_as(SEALER):
        assert excess_rights_of_sealer() == []
        assert not (script_first and missing_limits()), "in the order of the guide"
