"""PostgreSQL restarted under web, worker and scheduler: they come back by themselves, and nothing is lost."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from accounts.nudging import nudge
from reseller_console.local import places, processes
from reseller_console.local.postgres import Postgres
from reseller_console.local.valkey import Valkey, free_port
from tests import servers
from tests.access.test_desired import console, save
from tests.access.world import make_world
from tests.faults.crowd import assert_everything_is_effective_exactly_once, begin_relations, eventually
from tests.servers import CeleryWorker

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def web(private_postgres: Postgres, private_valkey: Valkey, tmp_path: Path) -> Iterator[Callable[[], int]]:
    """A real gunicorn; returns what asks its readiness and answers the status."""
    port = free_port()
    argv = [sys.executable, "-m", "gunicorn", "reseller_console.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "2"]
    with (tmp_path / "web.log").open("ab") as log:
        child = processes.start(argv, cwd=places.CHECKOUT, env=servers.environment(), stdout=log, stderr=log)

    def ready() -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    eventually(lambda: ready() == 200)
    yield ready
    processes.stop(child)


def test_the_database_comes_back_under_web_and_worker(
    private_postgres: Postgres, private_valkey: Valkey, web: Callable[[], int], worker_and_beat: CeleryWorker
) -> None:
    world = make_world()
    begin_relations(300)
    for allowed, end in ((False, private_postgres.stop), (True, private_postgres.kill)):
        save(world, console(world, allowed))
        nudge("subscriptions.tasks.apply_due_changes")
        end()
        connection.close()
        eventually(lambda: web() == 503)
        private_postgres.start()
        eventually(lambda: web() == 200)
        assert_everything_is_effective_exactly_once()
