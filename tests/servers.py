"""Real processes for tests: Celery workers, and a PostgreSQL and a Valkey that a test may stop or kill.

The fixtures that hand these out are in `tests/conftest.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, transaction

from accounts.background import redis_servers
from accounts.database.time_limits import limit_role
from accounts.models import SealEra
from accounts.seals.eras import database_identity
from reseller_console.celery import app
from reseller_console.local import migrated, places, postgres, processes
from reseller_console.local.postgres import APPLICATION, SEALER, Postgres
from reseller_console.local.processes import Child
from reseller_console.local.pytest_plugin import MIGRATED

# Seconds a worker may take from its start to its first answer; one takes about two on an idle machine.
READY_LIMIT = 60.0
# Seconds between two sweeps of the scheduler that tests start: how long a lost nudge costs.
SWEEP_INTERVAL = 1
SWEEPS = {f"{kind}_SWEEP_INTERVAL": str(SWEEP_INTERVAL) for kind in ("ACCESS", "JOB", "MAIL", "LICENCE")}


# Who made the database of the tests, and may do everything with it.
ADMINISTRATOR: str = settings.DATABASES["default"]["USER"]


def database_url(user: str = "") -> str:
    """The DATABASE_URL of the database that Django's default connection uses now, by default as the same role."""
    values = connection.settings_dict
    who = quote(user or values["USER"] or "", safe="")
    who += f":{quote(values['PASSWORD'], safe='')}" if values["PASSWORD"] else ""
    host = values["HOST"] or values["OPTIONS"].get("host", "")  # django-environ leaves a socket in the options
    if not host or host.startswith("/"):
        where = f"?host={host}" if host else ""
        return f"postgresql://{who}{'@' if who else ''}/{values['NAME']}{where}"
    port = f":{values['PORT']}" if values["PORT"] else ""
    return f"postgresql://{who}@{host}{port}/{values['NAME']}"


def broker_url() -> str:
    """The broker that this process sends to now, as REDIS_URL has it."""
    return str(settings.REDIS_URL)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a process needs to work on this test's database and broker, as the role that it has in production."""
    urls = {"DATABASE_URL": database_url(APPLICATION), "REDIS_URL": broker_url()}
    return {**os.environ, **urls, "MEDIA_ROOT": str(settings.MEDIA_ROOT), **(extra or {})}


@dataclass
class CeleryWorker:
    """One `celery worker` process with its pool, on this test's database and broker.

    Attributes:
        name: its Celery node name, unique in the run.
        log: the file that takes everything it prints.
    """

    name: str
    log: Path
    extra_environment: Mapping[str, str] = field(default_factory=dict)
    concurrency: int = 1
    pool: str = "prefork"
    options: Sequence[str] = ()
    _child: Child | None = field(default=None, init=False)

    @property
    def pid(self) -> int:
        """The process id of the main process; its pool is in the process group of the same number."""
        assert self._child is not None, "not started"
        return self._child.popen.pid

    def start(self, *, wait: bool = True) -> None:
        """Start it and, unless told otherwise, wait until it answers."""
        options = ["--without-gossip", "--without-mingle", "--loglevel", "INFO", "--pool", self.pool]
        options += ["--hostname", self.name, "--concurrency", str(self.concurrency), *self.options]
        with self.log.open("ab") as log:
            self._child = processes.start(
                [sys.executable, "-m", "celery", "-A", "reseller_console", "worker", *options],
                cwd=places.CHECKOUT,
                env=environment(self.extra_environment),
                stdout=log,
                stderr=log,
            )
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until it answers a ping over the broker."""
        assert self._child is not None, "not started"
        deadline = time.monotonic() + READY_LIMIT
        while not app.control.ping(destination=[self.name], timeout=0.3):
            if self._child.popen.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the worker never answered:\n{self.log.read_text(errors='replace')[-3000:]}")

    def kill(self) -> None:
        """SIGKILL to the main process and its pool, all at once."""
        if self._child:
            processes.kill(self._child)
            self._child = None

    def stop(self) -> None:
        """End it as a deployment does: running tasks are finished."""
        if self._child:
            processes.stop(self._child)
            self._child = None


def manage(*arguments: str, extra_environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` in a process of its own on this test's database and broker."""
    return subprocess.run(
        [sys.executable, str(places.CHECKOUT / "manage.py"), *arguments],
        env=environment(extra_environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@contextmanager
def broker_at(url: str) -> Iterator[None]:
    """Send this process's messages to another broker, with fresh connections on the way in and out."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        # Celery reads it at every new connection.
        monkeypatch.setenv("CELERY_BROKER_URL", redis_servers.celery_url(url))
        monkeypatch.setitem(app.conf, "broker_transport", redis_servers.celery_transport(url))
        options = {**app.conf.broker_transport_options, **redis_servers.celery_options(url)}
        monkeypatch.setitem(app.conf, "broker_transport_options", options)
        monkeypatch.setattr(settings, "REDIS_URL", url)
        monkeypatch.setattr(app, "_pool", None)
        monkeypatch.setattr(app.amqp, "_producer_pool", None)
        yield


@contextmanager
def connected_as(user: str) -> Iterator[None]:
    """Let Django's default connection, in every thread, be another role's."""
    values: dict[str, Any] = connection.settings_dict  # the dict that connections of new threads read too
    before = values["USER"]
    connection.close()
    values["USER"] = user
    try:
        yield
    finally:
        connection.close()
        values["USER"] = before


def migrated_postgres() -> Postgres:
    """A PostgreSQL of its own, not started yet, with a migrated database to copy (`migrated.DATABASE`)."""
    return Postgres(places.temporary(processes.server_account()), for_tests=True, like=migrated.cluster())


def start_as_migrated(server: Postgres) -> None:
    """Start such a server, with the database and the roles that production has."""
    server.start()
    server.create_database(like=migrated.DATABASE)
    with database_at(server):
        make_it_the_sealed_one()
        make_roles()


def copy_migrated_database() -> bool:
    """Make the database of this process's tests, and say so; not where the server is somebody else's."""
    template = os.environ.get(MIGRATED)
    if template:
        name = connection.settings_dict["TEST"]["NAME"] or f"test_{connection.settings_dict['NAME']}"
        with connection._nodb_cursor() as cursor:  # noqa: SLF001  what Django's own test runner uses
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return bool(template)


def make_it_the_sealed_one() -> None:
    """Let the database be the one whose events are sealed, as the migrations do where none is copied (A5)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        SealEra.objects.update(database=database_identity())


def let_transaction_take_its_time() -> None:
    """Where the machine is busy, much time passes between two statements of a test."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


def make_roles() -> None:
    """Bring the migrated database to the three roles of production."""
    postgres.make_roles(database_url(ADMINISTRATOR), connection.settings_dict["PASSWORD"])
    for role in (APPLICATION, SEALER):
        with connected_as(role):
            limit_role()


@contextmanager
def database_at(server: Postgres) -> Iterator[None]:
    """Point Django's default connection, in every thread, at the migrated database of another server."""
    values: dict[str, Any] = connection.settings_dict  # the dict that connections of new threads read too
    kept = {name: values[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")}
    connection.close()
    host = server.url().partition("?host=")[2]
    values.update(USER="postgres", PASSWORD="", HOST=host, PORT="", NAME="reseller_console")
    try:
        yield
    finally:
        connection.close()
        values.update(kept)


def started(argv: list[str], log_file: Path, extra_environment: dict[str, str]) -> Child:
    """Start a program on the servers of the tests; what it says goes to a file."""
    with log_file.open("ab") as log:
        env = environment(extra_environment)
        return processes.start(argv, cwd=places.CHECKOUT, env=env, stdout=log, stderr=log)
