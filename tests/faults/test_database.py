"""PostgreSQL restarted under web, worker and scheduler: they come back by themselves, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from accounts.background.nudging import nudge
from reseller_console.local.postgres import Postgres
from reseller_console.local.valkey import Valkey
from tests.access.boxes import console, save
from tests.access.world import make_world
from tests.faults.conftest import Ready
from tests.faults.crowd import assert_everything_is_effective_exactly_once, begin_relations, eventually
from tests.servers import CeleryWorker

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def test_the_database_comes_back_under_web_and_worker(
    private_postgres: Postgres,
    private_valkey: Valkey,
    worker_and_beat: CeleryWorker,
    start_web: Callable[..., Callable[[], Ready]],
) -> None:
    web = start_web()
    eventually(lambda: web().status == 200)
    world = make_world()
    begin_relations(300)
    for allowed, end in ((False, private_postgres.stop), (True, private_postgres.kill)):
        save(world, console(world, allowed))
        nudge("subscriptions.tasks.apply_due_changes")
        end()
        connection.close()
        eventually(lambda: web().status == 503)
        private_postgres.start()
        eventually(lambda: web().status == 200)
        assert_everything_is_effective_exactly_once()
