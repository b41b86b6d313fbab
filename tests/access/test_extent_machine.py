"""R8, R10, R16, R18 for one console, whatever is saved in whatever order: levels, ends, revocations, time, crashes.

The model is what the rules say in a few lines: what was applied last, and what was taken since. What an agent may do is
never more than that; where nothing waits, it is exactly what the customer decided last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts import organisations
from accounts.clock import database_now
from accounts.permissions import Permission
from subscriptions.access import desired, ending, propagation, reconcile
from subscriptions.access.extent import Extent
from subscriptions.access.levels import OPENS
from subscriptions.access.overview import overview_of
from subscriptions.models import AccessChange
from subscriptions.models.level import Level
from tests.access.boxes import console, save
from tests.access.machine import Crash, crash_after
from tests.access.narrowing import may
from tests.access.world import World, events, make_world, pass_time

# Seconds on both sides of a moment in which the model does not look: the database's clock goes on by itself.
MARGIN = timedelta(seconds=30)
ENDS = st.sampled_from([None, timedelta(hours=1), timedelta(hours=8), timedelta(days=2)])
CRASH = st.integers(0, 12)


@dataclass
class Taken:
    """What a decision takes away: access as a whole, or all that its level does not open, from a moment on."""

    at: datetime
    leaves: frozenset[Permission]


@dataclass
class Model:
    """What was applied last, and what was taken since."""

    applied: frozenset[Permission] = OPENS[Level.FULL]
    taken: list[Taken] = field(default_factory=list)
    # The decision that a worker is to give, and when.
    waiting: tuple[Extent, datetime] | None = None
    decided: Extent | None = field(default_factory=Extent)

    def at_most(self, now: datetime) -> frozenset[Permission]:
        open_ = self.applied
        for taken in self.taken:
            open_ &= taken.leaves if taken.at + MARGIN <= now else open_
        return open_

    def decide(self, extent: Extent | None, due_at: datetime) -> None:
        self.decided = extent
        if extent is None:
            self.taken.append(Taken(due_at, frozenset()))
            self.waiting = None
            return
        self.taken.append(Taken(due_at, OPENS[extent.level]))
        self.waiting = (extent, due_at)
        self.end(extent)

    def end(self, extent: Extent) -> None:
        if extent.ends_at is not None:
            self.taken.append(Taken(extent.ends_at, frozenset()))

    def sweep(self, now: datetime, *, suspended: bool) -> None:
        if self.decided is not None and self.decided.ends_at is not None and self.decided.ends_at <= now:
            self.decided = None
        if self.waiting is None or self.waiting[1] > now:
            return
        extent, self.waiting = self.waiting[0], None
        if not suspended and self.decided is not None:
            self.applied, self.taken = OPENS[extent.level], []
            self.end(extent)


class OneConsole(RuleBasedStateMachine):
    """A console, its admin, its agent, and a worker that may die at any statement."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.model = Model()
        self.shift = timedelta(0)
        self.suspended = False

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    def now(self) -> datetime:
        """The time of the example: the database's, and all that was skipped."""
        return database_now() + self.shift

    def attempt(self, crash: int, verb: Callable[[], list[AccessChange]]) -> list[AccessChange]:
        """Call a verb that may die in the middle: then nothing of it is left."""
        try:
            with transaction.atomic(), crash_after(crash):
                return verb()
        except Crash:
            return []

    @rule(level=st.sampled_from(Level), end=ENDS, fixed=st.booleans(), crash=CRASH)
    def save_extent(self, level: Level, end: timedelta | None, fixed: bool, crash: int) -> None:
        """An admin ticks the box, or leaves it ticked, and chooses a level and an end."""
        ends_at = database_now() + end if end and fixed else None
        extent = Extent(level, ends_at, None if fixed else end)
        [box] = [section.console for section in overview_of(self.world.customer).sections]
        left = replace(console(self.world, True), seen=box.generation, extent=extent)
        for change in self.attempt(crash, lambda: save(self.world, left).changes):
            stored = change.ends_at and change.ends_at + self.shift
            self.model.decide(Extent(change.level, stored), change.due_at + self.shift)

    @rule(now=st.booleans(), crash=CRASH)
    def revoke(self, now: bool, crash: int) -> None:
        def verb() -> list[AccessChange]:
            if now:
                return desired.remove_now(
                    actor=self.world.admin, customer=self.world.customer, reseller_id=self.world.reseller.pk
                )
            [box] = [section.console for section in overview_of(self.world.customer).sections]
            return save(self.world, replace(console(self.world, False), seen=box.generation)).changes

        for change in self.attempt(crash, verb):
            self.model.decide(None, change.due_at + self.shift)

    @rule(how=st.sampled_from([timedelta(minutes=5), timedelta(hours=2), timedelta(hours=9), timedelta(days=3)]))
    def time_passes(self, how: timedelta) -> None:
        pass_time(how.total_seconds())
        self.shift += how

    @rule(crash=CRASH, times=st.integers(1, 2))
    def worker_sweeps(self, crash: int, times: int) -> None:
        """Whatever a worker does, done twice or cut off: the next sweep goes on."""

        def turn() -> list[AccessChange]:
            list(ending.batches())
            list(propagation.batches())
            return []

        self.attempt(crash, turn)
        for _ in range(times):
            turn()
            self.model.sweep(self.now(), suspended=self.suspended)

    @rule(suspended=st.booleans())
    def reseller_is_suspended_or_comes_back(self, suspended: bool) -> None:
        verb = organisations.suspend_reseller if suspended else organisations.unsuspend_reseller
        verb(actor=None, reseller=self.world.reseller)
        self.suspended = suspended

    @invariant()
    def nobody_may_more_than_the_last_applied_decision_and_the_clock_allow(self) -> None:
        may_now = may(self.world.agent, self.world.customer)
        assert set(may_now) <= self.model.at_most(self.now())
        if self.suspended:
            assert not may_now, "R13"

    @invariant()
    def each_generation_is_asked_for_once_and_ends_at_most_once(self) -> None:
        for change in AccessChange.objects.filter(grant=self.world.console()):
            names = events([change])
            assert names[0] == "CHANGE_RESELLER_ACCESS"
            assert len(names) == (2 if change.settled_at else 1)

    @invariant()
    def nothing_contradicts_what_was_saved(self) -> None:
        assert {finding.kind for finding in reconcile.check()} <= {reconcile.Kind.OVERDUE}


@pytest.mark.django_db
def test_R16_R18_no_order_of_events_opens_more_than_was_decided() -> None:
    with transaction.atomic():
        OneConsole.world = make_world()
        run_state_machine_as_test(
            OneConsole,
            settings=settings(
                max_examples=40,
                stateful_step_count=16,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate, Phase.shrink],
            ),
        )
