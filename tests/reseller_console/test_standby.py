"""A commit that waits for the synchronous standby is never told as saved before it is on two machines (decision 46)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2
import pytest

from reseller_console.local import places, processes
from reseller_console.local.postgres import Postgres

pytestmark = pytest.mark.faults

# Milliseconds; much shorter than the commit is left to wait.
LIMITS = "SET statement_timeout = 200; SET lock_timeout = 200; SET idle_in_transaction_session_timeout = 200"


@pytest.fixture
def waiting() -> Iterator[Postgres]:
    """A server whose synchronous standby is away, with a table."""
    server = Postgres(places.temporary(processes.server_account()), for_tests=True)
    try:
        server.start()
        for statement in ("CREATE TABLE saved (n int)", "ALTER SYSTEM SET synchronous_standby_names = 'away'"):
            run(server, statement)
        run(server, "SELECT pg_reload_conf()")
        yield server
    finally:
        server.remove()


def run(server: Postgres, *statements: str) -> None:
    with closing(psycopg2.connect(server.url("postgres"))) as session, session.cursor() as cursor:
        session.autocommit = True
        for statement in statements:
            cursor.execute(statement)


def save(server: Postgres) -> None:
    with closing(psycopg2.connect(server.url("postgres"))) as session:
        with session.cursor() as cursor:
            cursor.execute(LIMITS)
            cursor.execute("SET synchronous_commit = on; INSERT INTO saved VALUES (1)")
        session.commit()


def test_the_time_limits_of_the_role_cut_no_such_commit_short(waiting: Postgres) -> None:
    with ThreadPoolExecutor(1) as pool:
        saving = pool.submit(save, waiting)
        time.sleep(2)
        assert not saving.done()
        run(waiting, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
        saving.result(timeout=30)


def test_who_is_ended_while_it_waits_is_told_that_nothing_is_known(waiting: Postgres) -> None:
    with ThreadPoolExecutor(1) as pool:
        saving = pool.submit(save, waiting)
        time.sleep(1)
        run(waiting, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        with pytest.raises(psycopg2.OperationalError):
            saving.result(timeout=30)
