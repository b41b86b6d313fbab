"""Anything in any order (R1 to R13): the product on the real database against a small model, after every step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test
from pytest_django import Settings

from subscriptions import tasks
from subscriptions.access import desired
from subscriptions.access.comparison import Desired, Key
from subscriptions.access.errors import AccessRefused
from subscriptions.models import AccessChange, AccessGrant
from tests.access.machine import MARGIN, Cast, Crash, crash_after
from tests.access.machine_standing import CRASH, INDEX, Standing
from tests.access.world import (
    DAY,
    pass_time,
)

BOXES = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 0, 1, 1, 2, 3]),
        st.sampled_from([0, 0, 0, 2, 2, 3, 3, 1, 4, 5]),
        st.booleans(),
        st.sampled_from(["now", "now", "now", "now", "stale", "never", "forged"]),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda box: box[:2],
)
MOSTLY = st.sampled_from([True, True, True, False])  # so that most examples get somewhere


class ResellerAccess(Standing):
    """The customer of the cast decides; its two resellers, workers, clocks and accidents do what they like."""

    def __init__(self) -> None:
        super().__init__()
        self.sell(1)

    # What people do

    def attempt(self, crash: int, verb: Callable[[], list[AccessChange]]) -> list[AccessChange] | None:
        """Run a verb of the admin; None where it was refused or the process crashed: then nothing has changed."""
        before = list(AccessGrant.objects.order_by("pk").values())
        try:
            with crash_after(crash), transaction.atomic():
                changes = verb()
        except Crash:
            changes = None
        except PermissionDenied:
            changes = None
            assert not self.is_super_admin()
        assert changes is None or self.is_super_admin(), "R5"
        assert changes or list(AccessGrant.objects.order_by("pk").values()) == before
        return changes

    def learn(self, changes: Sequence[AccessChange], meant: set[Key]) -> None:
        """Tell the model what was wished, and require that exactly this and what R4 says became a change."""
        steps: set[Key] = set()
        for change in sorted(changes, key=lambda c: c.grant.subscription_id is not None):
            key = (change.grant.reseller_id, change.grant.subscription_id)
            if key in meant and key not in steps:
                if key[1] is None:
                    self.model.word[key[0]] = change.allowed
                steps |= self.model.wish(key, change.allowed, change.due_at + self.shift)
        assert steps == {(c.grant.reseller_id, c.grant.subscription_id) for c in changes}
        assert len(steps) == len(changes)

    @rule(which=INDEX, box=st.sampled_from([0, 0, 2, 3]), allowed=st.booleans())
    def tick_or_untick(self, which: int, box: int, allowed: bool) -> None:
        """What an admin mostly does: one box, with the page as it is."""
        self.save_boxes([(which, box, allowed, "now")], True, 0)

    @rule(which=INDEX, box=st.sampled_from([2, 3]), crash=CRASH)
    def open_a_subscription(self, which: int, box: int, crash: int) -> None:
        self.save_boxes([(which, 0, True, "now"), (which, box, True, "now")], True, crash)

    @rule(boxes=BOXES, agreed=MOSTLY, crash=CRASH)
    def save_anything(self, boxes: list[tuple[int, int, bool, str]], agreed: bool, crash: int) -> None:
        """Also forged, stale and impossible boxes."""
        self.save_boxes(boxes, agreed, crash)

    def save_boxes(self, boxes: list[tuple[int, int, bool, str]], agreed: bool, crash: int) -> None:
        wishes = [self.wish_of(*box) for box in boxes]
        agreeing = self.cast.reseller_ids if agreed else []
        saved: list[desired.Saved] = []

        def verb() -> list[AccessChange]:
            saved.append(
                desired.save_reseller_access(
                    actor=self.actor, customer=self.cast.customer, desired=wishes, agreed=agreeing
                )
            )
            return saved[0].changes

        legal = all(self.is_legal(wish, wishes, agreed) for wish in wishes)
        before = {wish.key: self.model.box(wish.key).wished for wish in wishes}
        try:
            changes = self.attempt(crash, verb)
        except AccessRefused:
            assert not legal
            return
        if changes is None:
            return
        for change in changes:
            key = (change.grant.reseller_id, change.grant.subscription_id)
            wish = next((w for w in wishes if w.key == key), None)
            assert (wish is not None and wish.allowed == change.allowed) or (not change.allowed and key[1] is not None)
            assert not change.allowed or (wish and self.is_legal(wish, wishes, agreed)), "forged, or R3"
        self.learn(changes, {wish.key for wish in wishes})
        for wish in wishes:
            fresh = wish.seen == len(self.model.box(wish.key).wishes) - (
                self.model.box(wish.key).wished != before[wish.key]
            )
            if not saved[0].conflicts or (fresh and not wish.allowed):
                assert self.model.box(wish.key).wished is wish.allowed, "R6: what was wished is stored"

    def wish_of(self, reseller: int, subscription: int, allowed: bool, seen: str) -> Desired:
        key = (self.cast.reseller_ids[reseller], self.cast.subscription_ids[subscription])
        generation = len(self.model.box(key).wishes)
        number = {"now": generation, "stale": max(generation - 1, 0), "never": 0, "forged": 77}[seen]
        return Desired(*key, allowed, number)

    def is_legal(self, wish: Desired, wishes: list[Desired], agreed: bool) -> bool:
        """Tell whether the rules let the customer give this (R3); taking away is always legal."""
        console = (wish.reseller_id, None)
        if not wish.allowed or self.model.box(wish.key).wished:
            return True
        if console not in self.model.boxes or wish.reseller_id in self.model.ended:
            return False
        if wish.subscription_id is None:
            return True
        if wish.reseller_id not in self.model.sold:
            return False
        on = {w.key: w.allowed for w in wishes}.get(console, self.model.box(console).wished)
        return on and agreed and wish.subscription_id in self.live(reseller=None)

    @rule(reseller=st.integers(0, 3), subscription=st.integers(0, 5), crash=CRASH)
    def remove_now(self, reseller: int, subscription: int, crash: int) -> None:
        key = (self.cast.reseller_ids[reseller], self.cast.subscription_ids[subscription])
        before = self.now()
        changes = self.attempt(
            crash,
            lambda: desired.remove_now(
                actor=self.actor, customer=self.cast.customer, reseller_id=key[0], subscription_id=key[1]
            ),
        )
        if changes is not None:
            ends = {k for k in self.model.boxes if k[0] == key[0] and key[1] in (None, k[1])}
            box = self.model.box(key)
            assert changes or key[0] in self.model.ended or not (box.wished or box.in_force(before))
            self.learn(changes, ends)
            assert key[0] in self.model.ended or not any(self.model.boxes[k].in_force(self.now()) for k in ends)

    @rule(crash=CRASH, really=st.sampled_from([True, False, False]))
    def turn_off_for_all(self, crash: int, really: bool) -> None:
        if not really:
            return
        changes = self.attempt(
            crash, lambda: desired.turn_off_for_all_resellers(actor=self.actor, customer=self.cast.customer)
        )
        if changes is not None:
            self.learn(changes, {key for key, box in self.model.boxes.items() if box.wished})
            assert not any(box.wished for box in self.model.boxes.values()), "R12"

    @rule(reseller=INDEX, subscription=st.integers(0, 5), crash=CRASH)
    def retry(self, reseller: int, subscription: int, crash: int) -> None:
        key = (self.cast.reseller_ids[reseller], self.cast.subscription_ids[subscription])
        changes = self.attempt(
            crash,
            lambda: desired.retry_failed(
                actor=self.actor, customer=self.cast.customer, reseller_id=key[0], subscription_id=key[1]
            ),
        )
        if changes is not None:
            assert len(changes) == (self.model.box(key).failed and self.model.box(key).wished)
            self.learn(changes, {key})

    # What workers and the clock do

    @rule(times=st.integers(0, 5), crash=CRASH)
    def deliver(self, times: int, crash: int) -> None:
        """A nudge is lost (0), delivered, or delivered again and again; the sweep does the same."""
        crashed = False
        for _ in range(times):
            try:
                with crash_after(crash):
                    tasks.apply_due_changes()
            except Crash:
                crashed = True
        if times:
            due = self.model.due(self.now())
            for key in due:
                if not self.waits(key):
                    self.model.settle(key, suspended=self.is_suspended(key[0]))
                else:
                    assert crashed, "due, and a worker has passed it by"

    def waits(self, key: Key) -> bool:
        return AccessChange.objects.filter(
            grant__customer=self.cast.customer,
            grant__reseller=key[0],
            grant__subscription=key[1],
            settled_at__isnull=True,
        ).exists()

    @rule(how=st.sampled_from(["minute", "day", "before", "after"]))
    def time_passes(self, how: str) -> None:
        seconds = {"minute": 60.0, "day": float(DAY)}.get(how, 0.0)
        waiting = [box.waiting[1] for box in self.model.boxes.values() if box.waiting]
        if how in ("before", "after") and waiting:
            until = (min(waiting) - self.now()).total_seconds()
            seconds = max(until + (MARGIN if how == "after" else -MARGIN), 0)
        pass_time(seconds)
        self.shift += timedelta(seconds=seconds)

    @rule(how=st.sampled_from(["after", "day"]))
    def what_waits_comes_true(self, how: str) -> None:
        """The usual case, so that examples get past it."""
        self.time_passes(how)
        self.deliver(1, 0)

    @rule(which=INDEX, box=st.sampled_from([0, 2]))
    def on_or_off_and_into_effect(self, which: int, box: int) -> None:
        key = (self.cast.reseller_ids[which], self.cast.subscription_ids[box])
        self.save_boxes([(which, box, not self.model.box(key).wished, "now")], True, 0)
        self.what_waits_comes_true("day")

    # What happens to people: the rest of it, and what access stands on, is in machine_standing.py

    @rule(which=INDEX, what=st.sampled_from(["admin", "reseller", "role", "suspension", "staffing"]), back=MOSTLY)
    def people_change(self, which: int, what: str, back: bool) -> None:
        """The admin's role, the reseller's standing, the agent's role, standing and customers; mostly back again."""
        self.set_status(which, what, good=False)
        self.everybody_sees_exactly_what_may_be_visible()
        if what == "admin":
            self.save_boxes(
                [(which, 0, not self.model.box((self.cast.reseller_ids[which], None)).wished, "now")], True, 0
            )
        if back:
            self.set_status(which, what, good=True)


@pytest.mark.django_db
def test_R1_to_R13_hold_whatever_happens_in_whatever_order(settings_of_the_product: Settings) -> None:
    machine = type("WithCast", (ResellerAccess,), {"cast": Cast()})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )


@pytest.fixture
def settings_of_the_product(settings: Settings) -> Settings:
    settings.ACCESS_PROPAGATION_BATCH = 2  # so that a crash falls between batches too
    return settings
