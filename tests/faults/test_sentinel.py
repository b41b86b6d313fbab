"""Redis behind Sentinels: the primary dies or freezes, another one takes over, and workers go on (decision 46)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.background import heartbeats
from accounts.background.redis_servers import celery_options, celery_url, sentinels_of
from subscriptions.models import AccessChange
from tests import servers
from tests.access.boxes import console, save
from tests.access.world import World, make_world, may_enter
from tests.sentinels import PRIMARY, Sentinels
from tests.servers import CeleryWorker

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sentinels(tmp_path: Path) -> Iterator[Sentinels]:
    """Three Sentinels with a primary and a replica; this process and `start_worker` use them as their broker."""
    them = Sentinels(tmp_path)
    try:
        them.start()
        with servers.broker_at(them.url):
            yield them
    finally:
        them.remove()


def settled_by_nudge(world: World, allowed: bool) -> float:
    """Save a change and return the seconds until a worker has settled it, with no scheduler anywhere."""
    [change] = save(world, console(world, allowed)).changes
    began = time.monotonic()
    while AccessChange.objects.filter(pk=change.pk, settled_at=None).exists():
        assert time.monotonic() - began < 60, "no worker heard of it"
        time.sleep(0.05)
    return time.monotonic() - began


@pytest.mark.parametrize("fault", ["killed", "frozen"])
def test_a_worker_goes_on_with_the_server_that_takes_over(
    sentinels: Sentinels, start_worker: Callable[..., CeleryWorker], start_beat: Callable[[], None], fault: str
) -> None:
    start_worker()
    world = make_world()
    settled_by_nudge(world, False)
    before = sentinels.primary()
    before.kill() if fault == "killed" else sentinels.freeze(before)
    began = time.monotonic()
    [change] = save(world, console(world, True)).changes
    assert time.monotonic() - began < 2, "nobody waits for a failover"
    assert AccessChange.objects.filter(pk=change.pk).exists()
    sentinels.wait_for_another(before)
    start_beat()  # what was not nudged meanwhile is swept
    while not may_enter(world.agent, world.customer):
        assert time.monotonic() - began < 90
        time.sleep(0.1)
    sentinels.thaw(before) if fault == "frozen" else before.start()
    settled_by_nudge(world, False)
    assert not may_enter(world.agent, world.customer)


def test_health_asks_the_primary_and_one_sentinel_may_be_away(sentinels: Sentinels, client: Client) -> None:
    heartbeats.beat([*settings.SWEEPS, heartbeats.SCHEDULER])
    assert client.get("/health/ready").json()["broker"] == "ok"
    sentinels.kill_sentinel()
    assert client.get("/health/ready").json()["broker"] == "ok"
    before = sentinels.primary()
    before.kill()
    assert client.get("/health/ready").json()["broker"] == "away"
    sentinels.wait_for_another(before)
    assert client.get("/health/ready").json()["broker"] == "ok"


def test_a_url_of_sentinels_is_read_to_its_last_part() -> None:
    url = "sentinel://user:a%40b@one,two:26380,[::1]:26381/3?primary=console&sentinel_password=c"
    found = sentinels_of(url)
    assert found is not None
    assert found.hosts == (("one", 26379), ("two", 26380), ("::1", 26381))
    assert (found.database, found.username, found.password) == (3, "user", "a@b")
    assert celery_options(url)["master_name"] == PRIMARY
    assert celery_options(url)["sentinel_kwargs"]["password"] == "c"
    assert celery_url(url).split(";")[1] == "sentinel://user:a%40b@two:26380/3"
    assert sentinels_of("redis://one:6379/0") is None


@pytest.mark.parametrize("url", ["sentinel://one", "sentinel://?primary=a", "sentinel://one:x/0?primary=a"])
def test_a_url_of_sentinels_that_lacks_something_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        sentinels_of(url)
