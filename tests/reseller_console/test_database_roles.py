"""The three roles in PostgreSQL, made of an installation whose only role was a superuser."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.errors
import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from accounts.database.roles import excess_rights
from accounts.database.time_limits import missing_limits
from reseller_console.local import places, postgres, processes
from reseller_console.local.postgres import APPLICATION, OWNER, SEALER, Postgres
from tests import servers
from tests.faults.conftest import Ready, start_gunicorn, start_web  # noqa: F401  a fixture
from tests.faults.crowd import eventually

# As an earlier release was installed.
SUPERUSER = "console"
EVENTS = "accounts_auditevent"
TRIGGER = "audit_event_no_update_delete"
EVENT = (
    f"INSERT INTO {EVENTS} (name, actor_kind, actor_email, actor_organisation, on_behalf_of, subject)"
    " VALUES ('CREATE_USER', 'system', '', '', '', 'ana@acme.example')"
)


@pytest.fixture(scope="module")
def upgraded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Postgres]:
    """An installation of before, brought to the three roles; Django uses it as its database, as the application."""
    server = Postgres(places.temporary(processes.server_account()), for_tests=True)
    try:
        server.start()
        sql(server, "postgres", f"CREATE ROLE {SUPERUSER} LOGIN SUPERUSER", database="postgres")
        sql(server, SUPERUSER, "CREATE DATABASE reseller_console", database="postgres")
        with django_db_blocker.unblock(), servers.database_at(server):
            with servers.connected_as(SUPERUSER):
                call_command("migrate", verbosity=0)
                assert "it is a superuser" in excess_rights()
            sql(server, SUPERUSER, EVENT)
            postgres.make_roles(server.url(user=SUPERUSER))
            with servers.connected_as(APPLICATION):
                yield server
    finally:
        server.remove()


def sql(server: Postgres, user: str, statement: str, *, database: str = "reseller_console") -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(server.url(database, user))) as session, session.cursor() as cursor:
        session.autocommit = True
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def manage(server: Postgres, *arguments: str) -> subprocess.CompletedProcess[str]:
    owner = {"DATABASE_OWNER_URL": server.url(user=OWNER)} if arguments[0] == "migrate" else {}
    return servers.manage(*arguments, extra_environment=owner)


def test_A2_the_application_reads_and_writes_events(upgraded: Postgres) -> None:
    before = sql(upgraded, APPLICATION, f"SELECT count(*) FROM {EVENTS}")
    assert before[0][0] >= 1, "those of before are there"
    sql(upgraded, APPLICATION, EVENT)
    assert sql(upgraded, APPLICATION, f"SELECT count(*) FROM {EVENTS}") == [(before[0][0] + 1,)]


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {EVENTS} SET subject = ''",
        f"DELETE FROM {EVENTS}",
        f"TRUNCATE {EVENTS}",
        f"ALTER TABLE {EVENTS} ADD COLUMN more text",
        f"ALTER TABLE {EVENTS} DISABLE TRIGGER {TRIGGER}",
        f"ALTER TABLE {EVENTS} DISABLE TRIGGER ALL",
        f"DROP TRIGGER {TRIGGER} ON {EVENTS}",
        f"DROP TABLE {EVENTS}",
        f"CREATE TRIGGER mine BEFORE INSERT ON {EVENTS} EXECUTE FUNCTION audit_event_is_append_only()",
        f"CREATE RULE mine AS ON INSERT TO {EVENTS} DO INSTEAD NOTHING",
        f"DO 'BEGIN LOCK TABLE {EVENTS} IN ACCESS EXCLUSIVE MODE; END'",
        "SET session_replication_role = replica",
        "DROP FUNCTION audit_event_is_append_only CASCADE",
        "ALTER FUNCTION audit_event_is_append_only() SET lock_timeout = 0",
        "CREATE TABLE mine ()",
        "CREATE TEMPORARY TABLE mine ()",
        "CREATE SCHEMA mine",
        "ALTER TABLE accounts_user ADD COLUMN more text",
        "TRUNCATE accounts_sweep",
        "DROP TABLE accounts_sweep",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', '9999_mine', now())",
        "DELETE FROM django_migrations",
        f"SET ROLE {OWNER}",
        f"SET ROLE {SEALER}",
        f"SET SESSION AUTHORIZATION {OWNER}",
        f"GRANT {OWNER} TO {APPLICATION}",
        f"ALTER ROLE {APPLICATION} SUPERUSER",
        "CREATE ROLE mine",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_A2_the_application_is_refused(upgraded: Postgres, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        sql(upgraded, APPLICATION, statement)


def rights(server: Postgres) -> list[tuple[Any, ...]]:
    """Everything that the script decides about; in which order rights were granted says nothing."""
    found = sql(
        server,
        SUPERUSER,
        "SELECT c.relname, c.relowner::regrole::text, c.relacl::text FROM pg_class c"
        " WHERE relnamespace = 'public'::regnamespace"
        " UNION ALL SELECT proname, proowner::regrole::text, proacl::text FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace"
        " UNION ALL SELECT datname, datdba::regrole::text, datacl::text FROM pg_database"
        " UNION ALL SELECT nspname, nspowner::regrole::text, nspacl::text FROM pg_namespace WHERE nspname = 'public'"
        " UNION ALL SELECT 'default', defaclrole::regrole::text, defaclacl::text FROM pg_default_acl"
        " UNION ALL SELECT 'member', member::regrole::text, roleid::regrole::text FROM pg_auth_members"
        " UNION ALL SELECT 'role', rolname, pg_roles::text FROM pg_roles ORDER BY 1, 2, 3",
    )
    return [(name, owner, sorted((acl or "").strip("{}").split(","))) for name, owner, acl in found]


# What may have been done by hand, as the administrator; and what a process then says of its role.
EXCESS = {
    f"GRANT UPDATE ON {EVENTS} TO {APPLICATION}": "it may change or delete events",
    f"GRANT UPDATE (subject) ON {EVENTS} TO {APPLICATION}": "it may change or delete events",
    f"GRANT TRUNCATE, TRIGGER ON {EVENTS} TO {APPLICATION}": "it may change or delete events",
    f"GRANT DELETE ON {EVENTS} TO PUBLIC": "it may change or delete events",
    f"REVOKE {APPLICATION} FROM {OWNER}; GRANT {OWNER} TO {APPLICATION}": "it owns tables or functions",
    f"GRANT pg_write_all_data TO {APPLICATION}": "it may change or delete events",
    f"GRANT INSERT ON accounts_seal TO {APPLICATION}": "it may write seals",
    f"GRANT INSERT (public) ON accounts_sealkey TO {APPLICATION}": "it may write seals",
    f"GRANT UPDATE ON accounts_sealing TO {APPLICATION}": "it may write seals",
    "GRANT DELETE ON accounts_sealera, accounts_droppedmonths TO PUBLIC": "it may write seals",
    f"GRANT {SEALER} TO {APPLICATION}": "it may write seals",
    f"GRANT pg_execute_server_program TO {APPLICATION}": "it may write files or run programs on the server",
    f"GRANT SET ON PARAMETER session_replication_role TO {APPLICATION}": "it may turn triggers off",
    f"GRANT CREATE ON SCHEMA public TO {APPLICATION}": "it may make tables and functions",
    "GRANT CREATE ON DATABASE reseller_console TO PUBLIC": "it may make tables and functions",
    f"ALTER FUNCTION audit_event_is_append_only() OWNER TO {APPLICATION}": "it owns tables or functions",
    f"ALTER TABLE accounts_sweep OWNER TO {APPLICATION}": "it owns tables or functions",
    f"ALTER ROLE {APPLICATION} SUPERUSER": "it is a superuser",
    f"ALTER ROLE {APPLICATION} CREATEROLE": "it may make roles",
    f"ALTER ROLE {APPLICATION} CREATEDB": "it may make databases",
    f"ALTER ROLE {APPLICATION} REPLICATION": "it may replicate",
}


@pytest.mark.parametrize("by_hand", EXCESS)
def test_A2_a_role_that_may_do_more_is_named_and_the_script_takes_it_back(
    upgraded: Postgres, django_db_blocker: DjangoDbBlocker, by_hand: str
) -> None:
    with django_db_blocker.unblock():
        assert excess_rights() == []
        before = rights(upgraded)
        sql(upgraded, SUPERUSER, by_hand)
        assert EXCESS[by_hand] in excess_rights()
        postgres.make_roles(upgraded.url(user=SUPERUSER))
        assert excess_rights() == []
        assert rights(upgraded) == before, "and run again it changes nothing"


def test_the_owner_migrates_and_the_application_uses_what_was_made(
    upgraded: Postgres, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock():
        migrated = manage(upgraded, "migrate")
        assert migrated.returncode == 0, migrated.stderr
        connection.close()
        assert missing_limits() == []
        assert excess_rights() == []
        made = manage(upgraded, "create_customer", "Acme", "acme.example")
        assert made.returncode == 0, made.stderr
    sql(upgraded, OWNER, "CREATE TABLE of_a_later_release (id bigint GENERATED BY DEFAULT AS IDENTITY, old serial)")
    for statement in ("INSERT INTO {} DEFAULT VALUES", "UPDATE {} SET old = 2", "SELECT FROM {}", "DELETE FROM {}"):
        sql(upgraded, APPLICATION, statement.format("of_a_later_release"))


def test_migrate_as_the_application_changes_nothing(upgraded: Postgres, django_db_blocker: DjangoDbBlocker) -> None:
    """An operator who forgets the owner is told, and has broken nothing."""
    with django_db_blocker.unblock():
        refused = servers.manage("migrate", "support", "zero")
    assert refused.returncode != 0
    assert "must be owner" in refused.stderr or "permission denied" in refused.stderr
    assert sql(upgraded, APPLICATION, "SELECT count(*) > 0 FROM support_case") is not None


PROCESSES = {
    "web": ["-m", "gunicorn", "--bind", "127.0.0.1:0", "--no-control-socket", "reseller_console.wsgi"],
    "worker": ["-m", "celery", "-A", "reseller_console", "worker", "--concurrency", "1"],
    "scheduler": ["-m", "celery", "-A", "reseller_console", "beat", "--pidfile", ""],
}


@pytest.mark.parametrize("process", PROCESSES)
def test_A2_a_process_with_a_role_that_may_do_more_does_not_start(
    upgraded: Postgres, django_db_blocker: DjangoDbBlocker, process: str
) -> None:
    with django_db_blocker.unblock():
        environment = servers.environment({"DATABASE_URL": upgraded.url(user=SUPERUSER)})
    ended = subprocess.run(
        [sys.executable, *PROCESSES[process]],
        cwd=places.CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    assert "reseller_console.E018" in ended.stderr
    assert "it is a superuser" in ended.stderr


def answers_503(web: Callable[[], Ready]) -> bool:
    return web().status == 503


def test_A2_a_process_that_started_without_the_database_says_so_when_it_is_back(
    upgraded: Postgres,
    django_db_blocker: DjangoDbBlocker,
    start_web: Callable[..., Callable[[], Ready]],  # noqa: F811  the fixture
    tmp_path: Path,
) -> None:
    with django_db_blocker.unblock():
        connection.close()
        upgraded.stop()
        try:
            powerful = start_web({"DATABASE_URL": upgraded.url(user=SUPERUSER)})
            proper = start_web({"DATABASE_URL": upgraded.url(user=APPLICATION)})
            for web in (powerful, proper):
                eventually(partial(answers_503, web))
                assert web().said["failing"] == ["database"]
        finally:
            upgraded.start()
        assert "role" in powerful().said["failing"]
        assert powerful().said["role"] == "powerful"
        assert (proper().said["role"], "role" in proper().said["failing"]) == ("ok", False)
