"""Set-up for every test. The servers are started by `reseller_console/local/pytest_plugin.py`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker
from xdist.scheduler.load import LoadScheduling

from accounts.background import redis_servers
from reseller_console import garbage
from reseller_console.local import places, processes
from reseller_console.local.postgres import APPLICATION, Postgres
from reseller_console.local.processes import Child
from reseller_console.local.valkey import Valkey
from tests import flush, hashing, one_server, servers
from tests.s3 import S3
from tests.servers import CeleryWorker

# No test asserts a time of its own: on a busy machine one example may take a second.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the translations and write the documents of the APIs once, before anything asks for them."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        call_command("compile_translations", verbosity=0)
        call_command("compile_documents", verbosity=0)


class Scheduling(LoadScheduling):
    """Hands out long rows of tests first, so that what shares a set-up stays in one process, and then short ones.

    With long ones to the end, one process was left with minutes of work while the others had none.
    """

    def schedule(self) -> None:
        super().schedule()
        self.maxschedchunk = 24


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScheduling:
    return Scheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put together what one set-up serves, and last what leaves something behind; within a turn the order is random."""
    items.sort(key=_turn)
    turns = [_turn(item) for item in items]
    others = slice(turns.index(2), len(items) - sum(turn > 2 for turn in turns)) if 2 in turns else slice(0)
    items[others] = _spread(items[others])


def _spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """Put the modules that mostly wait evenly among the first two thirds of the others.

    Tests are handed out in long rows: a process that got many of these at once was alone with them at the end.
    """
    modules: dict[Path, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.path, []).append(item)
    waiting = [path for path in modules if path.parent.name in {"faults", "front", "local"}]
    order = [path for path in modules if path not in waiting]
    step = len(order) * 2 // 3 // (len(waiting) + 1) + 1
    for number, path in enumerate(waiting):
        order.insert(number * (step + 1), path)
    return [item for path in order for item in modules[path]]


def _turn(item: pytest.Item) -> int:
    if item.nodeid.startswith("tests/browser/"):
        # Playwright's event loop stays in the thread, and Django refuses the database beside one. The longest of them
        # first, so that no worker is left alone with it at the end.
        return 3 if "test_axe_is_content" in item.nodeid else 4
    if "standing" in getattr(item, "fixturenames", ()):
        # One world for each process (tests/contract/conftest.py), and at the very beginning those that walk through
        # it: where one process gets them all, it does each walk once (tests/contract/walks.py).
        return 0 if item.path.name in {"test_mirror.py", "test_security.py"} else 1
    return 2


def pytest_collection_finish() -> None:
    """All tests are loaded."""
    garbage.look_less_often()


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker) -> bool:
    """The database of this process is there already, as a copy of a migrated one, where the server is ours."""
    with django_db_blocker.unblock():
        return servers.copy_migrated_database()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database as the migrations leave it, and a flush that comes back to that."""
    with django_db_blocker.unblock():
        servers.make_it_the_sealed_one()
        servers.make_roles()
        connection.close()  # `migrate` has limited the role: new connections begin with that
        flush.keep_migrated_rows()
    with pytest.MonkeyPatch.context() as monkeypatch:
        flush.install(monkeypatch)
        yield


@pytest.fixture(scope="module")
def application_role(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The tests of a module connect as web server and workers do in production."""
    with django_db_blocker.unblock(), servers.connected_as(APPLICATION):
        yield


@pytest.fixture(autouse=True)
def _one_long_transaction(request: pytest.FixtureRequest, _django_db_marker: None) -> None:
    """A test that is rolled back is one transaction, in which it may take its time; real processes keep the limit."""
    if "db" in request.fixturenames:
        request.getfixturevalue("db")
    if connection.in_atomic_block:
        servers.let_transaction_take_its_time()


@pytest.fixture(scope="session", autouse=True)
def _one_server_for_all_browsers() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        one_server.install(monkeypatch)
        yield


@pytest.fixture(scope="session", autouse=True)
def _settings_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Files of cases go where pytest cleans up; a password costs as little as it can."""
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"), PASSWORD_HASHERS=hashing.ONLY):
        yield


@pytest.fixture
def start_worker(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., CeleryWorker]]:
    """Starts real Celery workers, as many as asked for, on this test's database and broker; all end with the test.

    The broker is emptied first: other tests have nudged it, and nobody worked for them.
    """
    with redis_servers.client(servers.broker_url(), timeout=5) as client:
        client.flushdb()
    started: list[CeleryWorker] = []

    def start(
        *options: str,
        wait: bool = True,
        concurrency: int = 1,
        pool: str = "prefork",
        environment: dict[str, str] | None = None,
    ) -> CeleryWorker:
        name = f"worker{len(started) + 1}@{uuid4().hex[:12]}"
        log = tmp_path / f"worker{len(started) + 1}.log"
        worker = CeleryWorker(name, log, environment or {}, concurrency, pool, options)
        started.append(worker)
        worker.start(wait=wait)
        return worker

    yield start
    for worker in started:
        worker.stop()


@pytest.fixture
def start_beat(tmp_path: Path) -> Iterator[Callable[..., Child]]:
    """Starts the real scheduler, which sweeps every second."""
    started: list[Child] = []

    def start(environment: dict[str, str] | None = None) -> Child:
        argv = [sys.executable, "-m", "celery", "-A", "reseller_console", "beat", "--pidfile", "", "--loglevel", "INFO"]
        started.append(servers.started(argv, tmp_path / "beat.log", {**servers.SWEEPS, **(environment or {})}))
        return started[-1]

    yield start
    for child in started:
        processes.stop(child)


@pytest.fixture
def worker_and_beat(start_worker: Callable[..., CeleryWorker], start_beat: Callable[..., Child]) -> CeleryWorker:
    """One real worker that answers, and the scheduler."""
    start_beat()
    return start_worker()


@pytest.fixture
def celery_worker_process(start_worker: Callable[..., CeleryWorker]) -> CeleryWorker:
    """One real Celery worker that answers."""
    return start_worker()


@pytest.fixture
def private_valkey() -> Iterator[Valkey]:
    """A Valkey that the test may flush, stop and restart; this process and `start_worker` use it as their broker.

    Name it before `start_worker` in a test's arguments.
    """
    server = Valkey(places.temporary(None))
    try:
        server.start()
        with servers.broker_at(server.url):
            yield server
    finally:
        server.remove()


@pytest.fixture(scope="module")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """A server that speaks S3, with one bucket; a test empties it."""
    server = S3(tmp_path_factory.mktemp("s3") / "log")
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def private_postgres(transactional_db: None) -> Iterator[Postgres]:
    """A PostgreSQL with a migrated database that the test may stop, kill and restart; Django uses it as its database.

    Name it before `start_worker` in a test's arguments.
    """
    server = servers.migrated_postgres()
    try:
        servers.start_as_migrated(server)
        with servers.database_at(server), servers.connected_as(APPLICATION):
            yield server
    finally:
        server.remove()
