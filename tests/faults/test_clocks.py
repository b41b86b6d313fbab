"""Clocks that are wrong: only the database's decides (R7, R8), and readiness says how far the others are from it.

The processes are real, and time_machine shifts the clock of each at its start.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.background import heartbeats
from accounts.background.nudging import nudge
from reseller_console.local import processes
from reseller_console.local.processes import Child
from tests.faults.by_the_clock import ahead
from tests.faults.conftest import Ready
from tests.faults.crowd import assert_everything_is_effective_exactly_once, begin_relations, eventually
from tests.servers import CeleryWorker

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def at_work(name: str) -> bool:
    return heartbeats.is_fresh(heartbeats.ages([name])[name])


@pytest.mark.parametrize("hours", [2, -2])
def test_a_worker_whose_clock_is_two_hours_off_discards_nothing(
    start_worker: Callable[..., CeleryWorker], start_beat: Callable[..., Child], hours: int
) -> None:
    worker = start_worker(wait=False, environment=ahead(hours=hours))
    eventually(lambda: at_work("access"))
    begin_relations(30)
    nudge("subscriptions.tasks.apply_due_changes")
    assert_everything_is_effective_exactly_once()
    begin_relations(30, "later")  # and nobody is nudged
    start_beat()
    assert_everything_is_effective_exactly_once()
    assert "iscarding" not in worker.log.read_text()


def test_a_scheduler_whose_clock_is_a_year_ahead_sweeps_and_so_does_the_next_one(
    start_worker: Callable[..., CeleryWorker], start_beat: Callable[..., Child]
) -> None:
    start_worker()
    for crowd, days in (("first", 365), ("second", -365)):
        beat = start_beat(ahead(days=days))
        eventually(lambda: at_work(heartbeats.SCHEDULER))
        begin_relations(30, crowd)
        assert_everything_is_effective_exactly_once()
        processes.stop(beat)


def test_R8_with_the_database_ten_minutes_behind_everything_works_and_readiness_says_so(
    start_worker: Callable[..., CeleryWorker],
    start_beat: Callable[..., Child],
    start_web: Callable[..., Callable[[], Ready]],
) -> None:
    """Everything else is ten minutes ahead, which is the same."""
    start_worker(wait=False, environment=ahead(minutes=10))
    start_beat(ahead(minutes=10))
    web = start_web(ahead(minutes=10))
    begin_relations(30)
    assert_everything_is_effective_exactly_once()
    eventually(lambda: web().status == 200)
    said = web().said
    assert said["clock"] == "warning"
    assert -610 < said["clock_seconds"] < -590
    assert max(said["heartbeat_seconds"].values()) < heartbeats.OLDEST
