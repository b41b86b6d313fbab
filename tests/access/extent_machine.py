"""One console, whatever happens to it in whatever order: saves, activations, time, crashes (R8, R10, R16, R18, R20).

The model is what the rules say in a few lines: what was applied last, and what was taken since. What an agent may do is
never more than that; where nothing waits, it is exactly what the customer decided last.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from accounts import organisations
from accounts.actor import Actor
from accounts.authorisation import explain
from accounts.clock import database_now
from accounts.console_sessions.activations import end_activation, end_of_who_left
from accounts.directory.people import assign_role, suspend_user, unassign_role, unsuspend_user
from accounts.errors import Refused
from accounts.models import Activation
from accounts.permissions import Permission
from accounts.roles import Role
from accounts.staffing import assign_customers_to_agent, unassign_customers_from_agent
from subscriptions.access import desired, ending, propagation, reconcile
from subscriptions.access.comparison import Desired
from subscriptions.access.durations import HOURS
from subscriptions.access.extent import Extent, desired_of
from subscriptions.access.levels import OPENS
from subscriptions.access.overview import overview_of
from subscriptions.models import AccessChange
from subscriptions.models.change import Outcome
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing
from tests.access.activations import activated
from tests.access.boxes import console, save
from tests.access.machine import Crash, crash_after
from tests.access.narrowing import may
from tests.access.world import World, events, pass_time
from tests.factories import fresh

# Seconds on both sides of a moment in which the model does not look: the database's clock goes on by itself.
MARGIN = timedelta(seconds=30)
ENDS = st.sampled_from([None, timedelta(hours=1), timedelta(hours=8), timedelta(days=2)])
CRASH = st.integers(0, 12)
NARROWEST_FIRST = [Standing.NOTHING, Standing.CASES, Standing.ALL]
WORK: dict[str, tuple[Callable[[World], object], Callable[[World], object]]] = {
    "assignment": (
        lambda w: unassign_customers_from_agent(actor=None, agent=w.agent, customers=[w.customer]),
        lambda w: assign_customers_to_agent(actor=None, agent=w.agent, customers=[w.customer]),
    ),
    "suspension": (
        lambda w: suspend_user(actor=None, person=fresh(w.agent)),
        lambda w: unsuspend_user(actor=None, person=fresh(w.agent)),
    ),
    "role": (
        lambda w: unassign_role(actor=None, person=fresh(w.agent), role=Role.RESELLER_AGENT),
        lambda w: assign_role(actor=None, person=fresh(w.agent), role=Role.RESELLER_AGENT),
    ),
}


@dataclass
class Taken:
    """What a decision takes away from a moment on: all that its level does not open, and what stands open by itself."""

    at: datetime
    leaves: frozenset[Permission]
    standing: Standing = Standing.ALL


@dataclass
class Model:
    """What was applied last, and what was taken since."""

    applied: frozenset[Permission] = OPENS[Level.FULL]
    standing: Standing = Standing.ALL
    # Until when the agent is inside by an activation, and whether they work for the customer at all.
    inside_until: datetime | None = None
    works: bool = True
    taken: list[Taken] = field(default_factory=list)
    # The decision that a worker is to give, and when.
    waiting: tuple[Extent, datetime] | None = None
    decided: Extent | None = field(default_factory=Extent)
    # The moments at which access ends by the customer's own wish, in place of a revocation.
    ends: set[datetime] = field(default_factory=set)

    def at_most(self, now: datetime) -> frozenset[Permission]:
        open_, standing = self.applied, self.standing
        for taken in self.taken:
            if taken.at + MARGIN <= now:
                open_, standing = open_ & taken.leaves, min(standing, taken.standing, key=NARROWEST_FIRST.index)
        is_inside = self.inside_until is not None and now < self.inside_until + MARGIN
        if not self.works:
            return frozenset()
        if is_inside or standing == Standing.ALL:
            return open_
        return open_ & OPENS[Level.CASES] if standing == Standing.CASES else frozenset()

    def decide(self, extent: Extent | None, due_at: datetime) -> None:
        self.decided = extent
        if extent is None:
            self.taken.append(Taken(due_at, frozenset()))
            self.waiting = None
            return
        self.taken.append(Taken(due_at, OPENS[extent.level], Standing(extent.standing)))
        self.waiting = (extent, due_at)
        self.end(extent)

    def end(self, extent: Extent) -> None:
        if extent.ends_at is not None:
            self.taken.append(Taken(extent.ends_at, frozenset()))
            self.ends.add(extent.ends_at)

    def sweep(self, now: datetime, *, suspended: bool) -> None:
        if self.decided is not None and self.decided.ends_at is not None and self.decided.ends_at <= now:
            self.decided = None
        if self.waiting is None or self.waiting[1] > now:
            return
        extent, self.waiting = self.waiting[0], None
        if not suspended and self.decided is not None:
            if any(not taken.leaves and (taken.at <= now or taken.at not in self.ends) for taken in self.taken):
                # The window was closed, or was to close: the new one knows nothing of what was activated before (R10).
                self.inside_until = None
            self.applied, self.standing, self.taken = OPENS[extent.level], Standing(extent.standing), []
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
        self.lost_by = ""

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    def now(self) -> datetime:
        """The time of the example: the database's, and all that was skipped."""
        return database_now() + self.shift

    def attempt(self, crash: int, verb: Callable[[], object]) -> list[AccessChange]:
        """Call a verb that may die in the middle, then nothing of it is left; return what it decided."""
        newest = AccessChange.objects.aggregate(newest=Max("pk"))["newest"]
        try:
            with transaction.atomic(), crash_after(crash):
                verb()
        except Crash:
            return []
        made = AccessChange.objects.filter(grant=self.world.console(), pk__gt=newest or 0)
        return list(made.exclude(outcome=Outcome.ENDED).order_by("pk"))

    def decide(self, crash: int, verb: Callable[[], object]) -> list[AccessChange]:
        """Call a verb that decides about the console, and let the model know."""
        changes = self.attempt(crash, verb)
        for change in changes:
            wanted = desired_of(change)
            stored = wanted.ends_at and wanted.ends_at + self.shift
            extent = replace(wanted, ends_at=stored) if change.allowed else None
            self.model.decide(extent, change.due_at + self.shift)
        return changes

    def box(self, **chosen: Any) -> Desired:
        """The box as an admin leaves it who has just opened the page."""
        [box] = [section.console for section in overview_of(self.world.customer).sections]
        return replace(console(self.world, True), seen=box.generation, **chosen)

    @rule(level=st.sampled_from(Level), standing=st.sampled_from(Standing), end=ENDS, fixed=st.booleans(), crash=CRASH)
    def save_extent(self, level: Level, standing: Standing, end: timedelta | None, fixed: bool, crash: int) -> None:
        """An admin ticks the box, or leaves it ticked, and chooses a level, when it is open, and an end."""
        ends_at = database_now() + end if end and fixed else None
        extent = Extent(level, ends_at, None if fixed else end, standing)
        left = self.box(extent=extent)
        self.decide(crash, lambda: save(self.world, left))

    @rule(now=st.booleans(), crash=CRASH)
    def revoke(self, now: bool, crash: int) -> None:
        world = self.world
        if now:
            verb = partial(
                desired.remove_now, actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk
            )
            self.decide(crash, verb)
        else:
            off = self.box(allowed=False)
            self.decide(crash, lambda: save(world, off))

    @rule(how=st.sampled_from([timedelta(minutes=5), timedelta(hours=2), timedelta(hours=9), timedelta(days=3)]))
    def time_passes(self, how: timedelta) -> None:
        pass_time(how.total_seconds())
        self.shift += how

    @rule(crash=CRASH, times=st.integers(1, 2))
    def worker_sweeps(self, crash: int, times: int) -> None:
        """Whatever a worker does, done twice or cut off: the next sweep goes on."""

        def turn() -> None:
            list(ending.batches())
            list(propagation.batches())

        self.attempt(crash, turn)
        for _ in range(times):
            turn()
            self.model.sweep(self.now(), suspended=self.suspended)

    @rule(suspended=st.booleans())
    def reseller_is_suspended_or_comes_back(self, suspended: bool) -> None:
        verb = organisations.suspend_reseller if suspended else organisations.unsuspend_reseller
        verb(actor=None, reseller=self.world.reseller)
        self.suspended = suspended
        if suspended:
            self.model.inside_until = None

    @rule(hours=st.sampled_from(HOURS[:3]), crash=CRASH)
    def agent_activates(self, hours: timedelta, crash: int) -> None:
        """Refused where the console is closed or open at all times, or the agent does not work there."""

        def verb() -> None:
            with suppress(Refused, PermissionDenied):
                made = activated(self.world, fresh(self.world.agent), lasts=hours)
                assert made.effective_until is not None
                until.append(made.effective_until + self.shift)

        until: list[datetime] = []
        before = Activation.objects.count()
        self.attempt(crash, verb)
        if until and Activation.objects.count() > before:
            self.model.inside_until = until[0]

    @rule(by_customer=st.booleans(), crash=CRASH)
    def activation_is_ended(self, by_customer: bool, crash: int) -> None:
        newest = Activation.objects.order_by("-pk").first()
        if newest is None or not self.model.works:
            return
        actor = self.world.admin if by_customer else Actor(fresh(self.world.agent))
        verb = partial(end_activation, actor=actor, customer=self.world.customer, number=newest.number)
        self.attempt(crash, verb)
        newest.refresh_from_db()
        if newest.ended_because:
            self.model.inside_until = None

    @rule(works=st.booleans(), how=st.sampled_from(["assignment", "suspension", "role"]))
    def agent_loses_the_work_or_gets_it(self, works: bool, how: str) -> None:
        """However it is lost, what was activated does not come back with it."""
        if works == self.model.works:
            return
        taken, given = WORK[self.lost_by or how]
        (given if works else taken)(self.world)
        self.lost_by = "" if works else how
        self.model.works, self.model.inside_until = works, None

    @invariant()
    def nobody_may_more_than_the_last_applied_decision_and_the_clock_allow(self) -> None:
        may_now = may(self.world.agent, self.world.customer)
        assert set(may_now) <= self.model.at_most(self.now())
        if self.suspended:
            assert not may_now, "R13"

    @invariant()
    def what_is_said_about_it_is_what_holds(self) -> None:
        person = fresh(self.world.agent)
        for permission in (Permission.VIEW_CONSOLE, Permission.VIEW_CASES, Permission.MANAGE_USERS):
            said = explain(person, permission, self.world.customer)
            assert said.allowed == person.has_perm(permission, self.world.customer), (permission, said.told)

    @invariant()
    def each_generation_is_asked_for_once_and_ends_at_most_once(self) -> None:
        for change in AccessChange.objects.filter(grant=self.world.console()):
            names = events([change])
            assert names[0] == "CHANGE_RESELLER_ACCESS"
            assert len(names) == (2 if change.settled_at else 1)

    @invariant()
    def nothing_contradicts_what_was_saved(self) -> None:
        assert not end_of_who_left(), "an activation was left behind"
        assert {finding.kind for finding in reconcile.check()} <= {reconcile.Kind.OVERDUE}
