"""Nobody is there to take access away: ends and narrowings come true by the clock, and are written down once (R8, R16).

Worker, scheduler and broker are real processes, and they are dead. What an agent gets is asked of pages.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from accounts.background.nudging import nudge
from accounts.models import Activation, AuditEvent
from reseller_console.local import processes
from reseller_console.local.processes import Child
from reseller_console.local.valkey import Valkey
from subscriptions.access.extent import Extent
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.change import Outcome
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing
from tests.access.activations import REASON
from tests.access.world import World, grant, make_world, wish
from tests.client import signed_in, url_of
from tests.faults.by_the_clock import SOON, get, inside, let_it_end, save
from tests.faults.crowd import another_session, eventually, waiting_for_a_lock
from tests.servers import CeleryWorker

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

APPLY = "subscriptions.tasks.apply_due_changes"


def ended(world: World) -> list[tuple[int, str | None]]:
    """Each box whose end is written down, as often as it is."""
    boxes = AccessChange.objects.filter(grant__customer=world.customer, outcome=Outcome.ENDED)
    return sorted(boxes.values_list("grant_id", "outcome"))


def events(*worlds: World, name: str = "RESELLER_ACCESS_ENDED") -> int:
    return AuditEvent.objects.filter(name=name, customer_id__in=[world.customer.pk for world in worlds]).count()


def assert_written_down_once(world: World) -> None:
    """The console and what was opened in it, each by one change and one event; and another sweep adds nothing."""
    grants = AccessGrant.objects.filter(customer=world.customer)
    assert ended(world) == sorted((found.pk, Outcome.ENDED) for found in grants)
    assert events(world) == len(grants) == 2
    assert not grants.filter(allowed=True).exists()


def kill_everything(worker: CeleryWorker, beat: Child, broker: Valkey) -> None:
    worker.kill()
    processes.kill(beat)
    broker.kill()


def test_R16_an_end_comes_true_with_worker_scheduler_and_broker_dead_and_is_written_down_once(
    private_valkey: Valkey, start_worker: Callable[..., CeleryWorker], start_beat: Callable[..., Child]
) -> None:
    worker, beat = start_worker(), start_beat()
    world, other = make_world(), make_world()
    agent, others = inside(world), inside(other)
    kill_everything(worker, beat, private_valkey)

    let_it_end(world)
    assert get(agent, world, "users") == 200
    eventually(lambda: get(agent, world, "users") == 403)
    assert get(agent, world, "console_home") == 403
    assert get(others, other, "users") == 200
    assert signed_in(world.admin.user).get(url_of("reseller_access", world.customer)).status_code == 200
    assert (ended(world), events(world)) == ([], 0)

    private_valkey.start()
    start_worker(concurrency=2)
    start_beat()
    eventually(lambda: events(world) > 0)
    for _ in range(4):
        nudge(APPLY)
    time.sleep(2)  # two more sweeps
    assert_written_down_once(world)
    assert (ended(other), events(other)) == ([], 0)
    assert get(agent, world, "users") == 403
    assert get(others, other, "users") == 200


def test_R18_a_narrowing_comes_true_with_everything_dead_and_later_sweeps_change_nothing(
    private_valkey: Valkey, start_worker: Callable[..., CeleryWorker], start_beat: Callable[..., Child]
) -> None:
    worker, beat = start_worker(), start_beat()
    world = make_world()
    agent = inside(world)
    assert get(agent, world, "user_new") == 200
    kill_everything(worker, beat, private_valkey)

    save(world, replace(wish(world.customer, world.reseller, True), extent=Extent(Level.VIEW)))
    eventually(lambda: get(agent, world, "user_new") == 403)
    assert get(agent, world, "users") == 200

    private_valkey.start()
    start_worker()
    start_beat()
    eventually(lambda: not AccessChange.objects.filter(settled_at=None).exists())
    time.sleep(2)
    change = AccessChange.objects.filter(grant=grant(world.customer, world.reseller)).latest("generation")
    assert (change.outcome, change.level) == (Outcome.APPLIED, Level.VIEW)
    assert AuditEvent.objects.filter(access_change_id=change.pk, name="RESELLER_ACCESS_APPLIED").count() == 1
    assert get(agent, world, "user_new") == 403
    assert get(agent, world, "users") == 200


def test_R16_a_worker_killed_while_it_writes_ends_down_loses_and_doubles_none(
    start_worker: Callable[..., CeleryWorker],
) -> None:
    worlds = [make_world() for _ in range(5)]
    for world in worlds:
        let_it_end(world)
    AccessGrant.objects.filter(ends_at__isnull=False).update(ends_at="2020-01-01T00:00Z")
    with another_session() as other:
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE accounts_auditevent IN SHARE MODE")
        worker = start_worker()
        nudge(APPLY)
        eventually(lambda: waiting_for_a_lock() >= 1)
        worker.kill()
    eventually(lambda: waiting_for_a_lock() == 0)
    time.sleep(0.2)  # the session of the dead worker ends here, if it could still do anything
    assert events(*worlds) == 0
    assert not any(ended(world) for world in worlds)

    start_worker()
    nudge(APPLY)
    eventually(lambda: events(*worlds) == 2 * len(worlds))
    nudge(APPLY)
    time.sleep(0.5)
    for world in worlds:
        assert_written_down_once(world)


def test_R20_activations_end_by_the_clock_and_by_end_now_with_everything_dead(
    private_valkey: Valkey, start_worker: Callable[..., CeleryWorker], start_beat: Callable[..., Child]
) -> None:
    worker, beat = start_worker(), start_beat()
    world, other = make_world(), make_world()
    agents = [inside(world), inside(other)]
    kill_everything(worker, beat, private_valkey)
    for one, agent in zip((world, other), agents, strict=True):
        AccessGrant.objects.filter(pk=one.console().pk).update(effective_standing=Standing.NOTHING)
        assert get(agent, one, "users") == 403
        agent.post(url_of("reseller_activate", one.customer), {"lasts": "1", "reason": REASON})
        assert get(agent, one, "users") == 200
    Activation.objects.filter(customer=world.customer).update(effective_until=Now() + timedelta(seconds=SOON))
    assert get(agents[0], world, "users") == 200
    eventually(lambda: get(agents[0], world, "users") == 403)

    made = Activation.objects.get(customer=other.customer)
    admin = signed_in(other.admin.user)
    assert admin.post(url_of("activation_end", other.customer, number=made.pk)).status_code == 302
    assert get(agents[1], other, "users") == 403
