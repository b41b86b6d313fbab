"""Workers that die, freeze and race in the middle of hundreds of changes (R8, R9, A1)."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil
import pytest

from accounts.actor import Actor
from accounts.background.nudging import nudge
from accounts.roles import Role
from subscriptions.access import desired
from subscriptions.models import AccessChange, AccessGrant
from tests.factories import put_person
from tests.faults.crowd import (
    another_session,
    assert_everything_is_effective_exactly_once,
    begin_relations,
    eventually,
    settled,
    waiting_for_a_lock,
)
from tests.servers import CeleryWorker

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

SMALL_BATCHES = {"ACCESS_PROPAGATION_BATCH": "100"}
# What the test holds, so that the worker stands still inside a transaction, and how much is done by then.
STANDSTILLS = {
    "in the first batch, before its events": ("LOCK TABLE accounts_auditevent IN SHARE MODE", 0),
    "in the third batch, before its outcomes": ("SELECT FROM subscriptions_accesschange WHERE id = %s FOR UPDATE", 200),
}


@pytest.mark.parametrize("where", STANDSTILLS)
def test_a_worker_killed_in_the_middle_of_a_batch_loses_and_doubles_nothing(
    start_worker: Callable[..., CeleryWorker], where: str
) -> None:
    hold, done = STANDSTILLS[where]
    begin_relations(300)
    [change] = AccessChange.objects.order_by("next_attempt_at")[250:251]
    with another_session() as other:
        with other.cursor() as cursor:
            cursor.execute(hold, [change.pk] if "%s" in hold else None)
        worker = start_worker(environment=SMALL_BATCHES)
        nudge("subscriptions.tasks.apply_due_changes")
        eventually(lambda: waiting_for_a_lock() == 1)
        worker.kill()
    eventually(lambda: waiting_for_a_lock() == 0)
    time.sleep(0.2)  # the session of the dead worker ends here, if it could still do anything
    assert settled() == done

    start_worker(environment=SMALL_BATCHES)
    nudge("subscriptions.tasks.apply_due_changes")

    assert_everything_is_effective_exactly_once()


def test_workers_at_once_share_the_work_and_double_nothing(start_worker: Callable[..., CeleryWorker]) -> None:
    workers = [start_worker(wait=False, concurrency=2, environment={"ACCESS_PROPAGATION_BATCH": "20"}) for _ in "12"]
    for worker in workers:
        worker.wait_until_ready()
    begin_relations(600)
    for _ in range(8):
        nudge("subscriptions.tasks.apply_due_changes")
    assert_everything_is_effective_exactly_once()


def test_R8_a_frozen_worker_holds_up_a_revocation_only_for_seconds(
    start_worker: Callable[..., CeleryWorker],
) -> None:
    [grant] = begin_relations(1)
    admin = Actor(put_person(grant.customer, Role.SUPER_ADMIN))
    worker = start_worker()
    family = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)]
    with another_session() as other:
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE accounts_auditevent IN SHARE MODE")
        nudge("subscriptions.tasks.apply_due_changes")
        eventually(lambda: waiting_for_a_lock() == 1)
        for process in family:
            process.suspend()
    [change] = desired.remove_now(actor=admin, customer=grant.customer, reseller_id=grant.reseller_id)
    assert not AccessGrant.objects.filter(effective_until=None).exists()

    for process in family:
        process.resume()
    nudge("subscriptions.tasks.apply_due_changes")
    assert_everything_is_effective_exactly_once()
    assert AccessChange.objects.get(pk=change.pk).outcome == "applied"
