"""The broker flushed, stopped, restarted, refusing and silent: the row is the work (R7 to R9)."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest
import redis
from django.conf import settings
from django.test import Client

from accounts.background import heartbeats
from accounts.background.nudging import nudge
from reseller_console.local.valkey import Valkey, free_port
from subscriptions.models import AccessChange
from tests import servers
from tests.access.boxes import console, save
from tests.access.world import make_world, may_enter
from tests.faults.crowd import assert_everything_is_effective_exactly_once, begin_relations
from tests.servers import CeleryWorker

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def test_what_was_nudged_before_the_broker_was_flushed_is_swept(
    private_valkey: Valkey, start_worker: Callable[..., CeleryWorker], start_beat: Callable[[], None]
) -> None:
    begin_relations(300)
    for _ in range(5):
        nudge("subscriptions.tasks.apply_due_changes")
    private_valkey.flush()
    start_worker()
    assert AccessChange.objects.filter(settled_at=None).count() == 300  # nobody has heard of them
    start_beat()
    assert_everything_is_effective_exactly_once()


def test_the_broker_may_be_flushed_and_restarted_under_a_working_worker(
    private_valkey: Valkey, worker_and_beat: CeleryWorker
) -> None:
    begin_relations(300)
    nudge("subscriptions.tasks.apply_due_changes")
    private_valkey.flush()
    private_valkey.kill()
    private_valkey.start()
    assert_everything_is_effective_exactly_once()
    world = make_world()
    save(world, console(world, False))
    private_valkey.restart()
    assert_everything_is_effective_exactly_once()


@pytest.mark.parametrize("broker", ["refuses", "is silent"])
def test_R7_a_save_without_a_broker_takes_two_seconds_at_most_and_is_not_lost(
    private_valkey: Valkey,
    start_worker: Callable[..., CeleryWorker],
    start_beat: Callable[[], None],
    broker: str,
) -> None:
    world = make_world()
    private_valkey.stop()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0" if broker == "is silent" else private_valkey.url
        with servers.broker_at(url):
            for allowed in (False, True):
                began = time.monotonic()
                [change] = save(world, console(world, allowed)).changes
                assert time.monotonic() - began < 2
                assert AccessChange.objects.filter(pk=change.pk).exists()
    assert not may_enter(world.agent, world.customer)  # R8: taking away needs nobody, giving needs a worker
    private_valkey.start()
    start_worker()
    start_beat()
    assert_everything_is_effective_exactly_once()
    assert may_enter(world.agent, world.customer)


@pytest.mark.parametrize("why", ["it is full", "it is a replica"])
def test_a_broker_that_answers_and_refuses_to_write_is_named_and_harms_nothing(
    private_valkey: Valkey, client: Client, caplog: pytest.LogCaptureFixture, why: str
) -> None:
    heartbeats.beat([*settings.SWEEPS, heartbeats.SCHEDULER])
    world = make_world()
    with redis.Redis.from_url(private_valkey.url) as valkey:
        if why == "it is full":
            valkey.config_set("maxmemory", 1)
        else:
            valkey.replicaof("127.0.0.1", free_port())
        assert valkey.ping()
        answer = client.get("/health/ready")
        assert (answer.status_code, answer.json()["failing"]) == (503, ["broker"])
        assert answer.json()["broker"] == "refusing"
        [change] = save(world, console(world, False)).changes
        assert "no worker was nudged" in caplog.text
        assert AccessChange.objects.filter(pk=change.pk).exists()
        valkey.config_set("maxmemory", 0)
        valkey.replicaof("no", "one")
    assert client.get("/health/ready").status_code == 200
