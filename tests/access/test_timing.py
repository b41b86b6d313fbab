"""How late access changes are, as those who watch are told: from the rows, and never less than before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from subscriptions.access import propagation, timing
from subscriptions.access.timing import STEPS, Waiting
from subscriptions.models import AccessChange, AccessTiming
from subscriptions.models.change import FailureReason, Outcome
from tests.access.boxes import console, own, save
from tests.access.world import World, pass_time, propagate


@pytest.fixture(autouse=True)
def _nothing_was_counted(world: World) -> None:
    """What made the world is no matter of these tests."""
    AccessChange.objects.all().update(settled_at=F("settled_at") - timedelta(days=1))
    AccessTiming.objects.update(counted_until=Now() - timedelta(hours=2))


def numbers(kind: str) -> dict[int | None, int]:
    """How many changes took how long, by the step; None: longer than any."""
    counted = timing.times()[kind].numbers
    assert len(counted) == len(STEPS) + 1
    return {step: number for step, number in zip([*STEPS, None], counted, strict=True) if number}


def settle(world: World, allowed: bool, late: float) -> AccessChange:
    """Save a change and let a worker settle it that many seconds after it was due."""
    [change] = save(world, own(world, allowed)).changes
    due = Now() - timedelta(seconds=late)
    AccessChange.objects.filter(pk=change.pk).update(due_at=due, next_attempt_at=due)
    assert propagation.apply_due_changes() == 1
    return change


def sweep() -> int:
    return sum(timing.count_settled())


def test_R7_what_is_given_and_what_is_taken_is_timed_apart(world: World) -> None:
    assert timing.times().keys() == {"given", "taken"}
    settle(world, True, 0.5)
    settle(world, False, 45)
    settle(world, True, 7200)
    assert numbers("given") == {1: 1, None: 1}
    assert numbers("taken") == {60: 1}
    assert timing.times()["given"].seconds == pytest.approx(7200.5, abs=0.4)


def test_what_is_added_up_is_counted_once_and_stays_when_nothing_is_left_to_ask(world: World) -> None:
    settle(world, True, 3)
    assert sweep() == 0, "a transaction that has begun before could still be committed"
    assert numbers("given") == {5: 1}
    minutes = timedelta(minutes=11)
    AccessChange.objects.update(settled_at=F("settled_at") - minutes, due_at=F("due_at") - minutes)
    AccessTiming.objects.update(counted_until=F("counted_until") - minutes)
    before = timing.times()
    assert sweep() == 1
    assert sweep() == 0
    assert timing.times() == before
    settle(world, False, 3)
    assert (numbers("given"), numbers("taken")) == ({5: 1}, {5: 1})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM subscriptions_accesschange WHERE settled_at > now() - interval '5 minutes'"
        )
        assert cursor.fetchone() == (1,)


def test_what_our_system_gave_up_counts_as_late_and_what_was_overtaken_not_at_all(world: World) -> None:
    change = settle(world, True, 5000)
    changes = AccessChange.objects.filter(pk=change.pk)
    changes.update(outcome=Outcome.FAILED, failure_reason=FailureReason.GAVE_UP)
    assert numbers("given") == {None: 1}
    changes.update(failure_reason=FailureReason.RESELLER_SUSPENDED)
    assert numbers("given") == {}
    changes.update(outcome=Outcome.SUPERSEDED, failure_reason="")
    assert numbers("given") == {}


def test_overdue_is_what_nobody_settled_also_while_it_is_tried_again(world: World) -> None:
    save(world, own(world, True))
    assert timing.overdue() == Waiting(0, 0)
    pass_time(24 * 3600)
    AccessChange.objects.filter(settled_at=None).update(due_at=Now() - timedelta(minutes=7))
    assert timing.overdue().seconds == pytest.approx(420, abs=5)
    AccessChange.objects.filter(settled_at=None).update(next_attempt_at=Now() + timedelta(minutes=30), attempts=3)
    assert timing.overdue().number == 1
    propagate()
    assert timing.overdue() == Waiting(0, 0)


def test_a_failure_counts_until_somebody_asks_again(world: World) -> None:
    change = settle(world, True, 0)
    assert timing.failed() == 0
    AccessChange.objects.filter(pk=change.pk).update(
        outcome=Outcome.FAILED, failure_reason=FailureReason.RESELLER_SUSPENDED
    )
    assert timing.failed() == 1
    save(world, own(world, False))
    assert timing.failed() == 0


def test_R8_a_revocation_past_its_time_with_its_window_open_is_seen_before_and_after_a_worker_came(
    world: World,
) -> None:
    [change] = save(world, console(world, False)).changes
    assert timing.still_open() == 0
    pass_time(24 * 3600)
    assert timing.still_open() == 0, "it ended by the clock"
    grants = type(world.console()).objects.filter(pk=change.grant_id)
    grants.update(effective_until=None)
    assert timing.still_open() == 1
    propagation.apply_due_changes()
    grants.update(effective_until=None)
    assert timing.still_open() == 1
    save(world, console(world, True))
    assert timing.still_open() == 0, "it is wanted again"
