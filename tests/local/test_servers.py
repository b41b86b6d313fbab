"""The servers and workers that fault tests stop, kill and restart."""

from __future__ import annotations

from collections.abc import Callable

import psutil
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connection

from reseller_console.celery import app
from reseller_console.local.postgres import Postgres
from reseller_console.local.valkey import Valkey
from tests import servers
from tests.servers import CeleryWorker


def pool_of(worker: CeleryWorker) -> list[psutil.Process]:
    return psutil.Process(worker.pid).children(recursive=True)


def test_a_killed_worker_takes_its_pool_with_it_and_another_can_start(
    private_valkey: Valkey, start_worker: Callable[..., CeleryWorker]
) -> None:
    worker = start_worker()
    pool = pool_of(worker)
    assert pool
    worker.kill()
    psutil.wait_procs(pool, timeout=5)
    assert [process for process in pool if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []

    another = start_worker()
    assert [list(answer) for answer in app.control.ping(timeout=1) or []] == [[another.name]]


def test_valkey_restarts_empty_on_the_same_port(private_valkey: Valkey) -> None:
    url = private_valkey.url
    assert servers.broker_url() == url
    private_valkey.stop()
    private_valkey.start()

    assert private_valkey.url == url


def test_postgres_restarts_with_its_data(private_postgres: Postgres) -> None:
    ContentType.objects.create(app_label="kept", model="row")
    private_postgres.stop()
    connection.close()
    with pytest.raises(OperationalError):
        connection.ensure_connection()
    private_postgres.start()

    assert ContentType.objects.filter(app_label="kept").exists()


@pytest.mark.django_db(transaction=True)
def test_manage_works_on_this_tests_database() -> None:
    ContentType.objects.create(app_label="seen", model="here")
    script = "print(ContentType.objects.filter(app_label='seen').values_list())"

    answer = servers.manage("shell", "-c", script)

    assert "'seen', 'here'" in answer.stdout, answer.stderr
