"""Less than everything: levels and ends (R16, R18), and how they go with windows, revocations and relations."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from accounts.clock import database_now
from accounts.models import AuditEvent
from accounts.permissions import Permission
from accounts.roles import AGENT_PERMISSIONS
from subscriptions import lifecycle
from subscriptions.access import desired, propagation
from subscriptions.access.errors import EndRefused
from subscriptions.access.extent import Extent
from subscriptions.access.levels import OPENS
from subscriptions.access.outbox import Step, queue
from subscriptions.access.overview import overview_of
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.level import Level
from support.scope import open_relations
from tests.access.boxes import console, everything, own, save
from tests.access.narrowing import may, open_as_far_as, settle, sweep, until
from tests.access.world import DAY, World, events, make_world, may_enter, outcomes, pass_time, propagate, sell, visible
from tests.factories import fresh


def test_R18_a_narrower_level_comes_true_by_the_clock_without_any_worker(world: World) -> None:
    began = world.console().effective_from
    change = open_as_far_as(world, Level.VIEW)
    pass_time(until(change.due_at) - 5)
    assert may(world.agent, world.customer) == AGENT_PERMISSIONS
    pass_time(5)
    assert may(world.agent, world.customer) == OPENS[Level.VIEW]
    assert sweep() == 1
    assert may(world.agent, world.customer) == OPENS[Level.VIEW]
    assert outcomes(world.console())[-1] == "applied"
    assert (began is not None, world.console().effective_level) == (True, "view")


def test_R10_R18_a_wider_level_waits_for_a_worker_and_keeps_the_beginning_of_the_window(world: World) -> None:
    open_as_far_as(world, Level.VIEW)
    settle()
    change = open_as_far_as(world, Level.DIRECTORY)
    pass_time(until(change.due_at) + 60)
    assert may(world.agent, world.customer) == OPENS[Level.VIEW]
    began = world.console().effective_from
    assert sweep() == 1
    assert may(world.agent, world.customer) == OPENS[Level.DIRECTORY]
    assert world.console().effective_from == began


def test_R18_between_levels_of_which_neither_contains_the_other_stays_what_both_open(world: World) -> None:
    open_as_far_as(world, Level.LICENCES)
    settle()
    change = open_as_far_as(world, Level.HELP_DESK)
    assert change.gives
    pass_time(until(change.due_at) + 1)
    assert may(world.agent, world.customer) == OPENS[Level.VIEW]
    sweep()
    assert may(world.agent, world.customer) == OPENS[Level.HELP_DESK]


def test_R18_narrowings_that_overlap_leave_what_all_of_them_leave_at_the_nearest_moment(world: World) -> None:
    first = open_as_far_as(world, Level.DIRECTORY)
    second = open_as_far_as(world, Level.LICENCES)
    grant = world.console()
    assert grant.narrows_at == min(first.due_at, second.due_at)
    assert grant.narrow_level == "view"
    third = open_as_far_as(world)
    assert (world.console().narrows_at, world.console().narrow_level) == (grant.narrows_at, "view")
    pass_time(until(grant.narrows_at))
    assert may(world.agent, world.customer) == OPENS[Level.VIEW]
    pass_time(max(0, until(third.due_at)) + 1)
    sweep()
    assert may(world.agent, world.customer) == AGENT_PERMISSIONS


def test_R18_a_narrowing_that_came_true_unseen_ends_as_applied_and_holds(world: World) -> None:
    open_as_far_as(world, Level.CASES)
    pass_time(DAY)
    open_as_far_as(world, Level.DIRECTORY)
    assert outcomes(world.console())[-2:] == ["applied", None]
    assert may(world.agent, world.customer) == OPENS[Level.CASES]


def test_R16_an_end_comes_true_by_the_clock_and_a_sweep_records_it(world: World) -> None:
    save(world, console(world, False))
    settle()
    change = open_as_far_as(world, end=timedelta(hours=8))
    ends = world.console().ends_at
    assert ends == change.due_at + timedelta(hours=8)
    pass_time(until(change.due_at))
    sweep()
    pass_time(until(world.console().ends_at) - 5)
    sweep()
    assert may_enter(world.agent, world.customer)
    pass_time(5)
    assert not may_enter(world.agent, world.customer)
    assert world.console().allowed
    [box] = [section.console for section in overview_of(world.customer).sections]
    assert (box.allowed, box.ticked, box.status) == (False, False, "closed")
    assert sweep() == 1
    grant = world.console()
    assert (grant.allowed, grant.ends_at, grant.generation) == (False, None, box.generation)
    assert outcomes(grant)[-2:] == ["applied", "ended"]
    assert events([grant.changes.get(generation=grant.generation)]) == [
        "CHANGE_RESELLER_ACCESS",
        "RESELLER_ACCESS_ENDED",
    ]
    assert sweep() == 0


def test_R16_a_nearer_end_holds_as_saved_and_a_later_one_waits_for_a_worker(world: World) -> None:
    soon, later = (database_now() + timedelta(days=days) for days in (3, 9))
    change = open_as_far_as(world, end=soon)
    assert (change.outcome, change.due_at <= database_now()) == ("applied", True)
    assert events([change]) == ["CHANGE_RESELLER_ACCESS", "RESELLER_ACCESS_APPLIED"]
    assert world.console().effective_until == soon
    began = world.console().effective_from
    change = open_as_far_as(world, end=later)
    assert (change.outcome, change.gives, world.console().effective_until) == (None, True, soon)
    propagate()
    grant = world.console()
    assert grant.effective_until == later - timedelta(days=1)  # a day has passed
    assert began is not None
    assert grant.effective_from == began - timedelta(days=1)


def test_R16_an_end_is_no_revocation_and_a_revocation_wins_where_it_is_nearer(world: World) -> None:
    open_as_far_as(world, end=database_now() + timedelta(days=3))
    [box] = [section.console for section in overview_of(world.customer).sections]
    assert (box.status, box.ends_at) == ("open", world.console().effective_until)
    [change] = save(world, console(world, False)).changes
    grant = world.console()
    assert grant.effective_until == change.due_at
    [box] = [section.console for section in overview_of(world.customer).sections]
    assert (box.status, box.ends_at) == ("closing", None)
    pass_time(until(change.due_at))
    assert not may_enter(world.agent, world.customer)


def test_R16_what_is_given_too_late_fails_with_its_reason_and_is_off(world: World) -> None:
    save(world, console(world, False))
    settle()
    open_as_far_as(world, end=database_now() + timedelta(seconds=1))
    settle()
    last = world.console().changes.order_by("-generation").first()
    assert last is not None
    assert [c.failure_reason for c in world.console().changes.filter(outcome="failed")] == ["end_passed"]
    assert not may_enter(world.agent, world.customer)
    sweep()
    assert not world.console().allowed
    assert not may_enter(world.agent, world.customer)


def test_R4_R16_what_was_opened_in_a_console_ends_with_it_and_no_later_end_brings_it_back(world: World) -> None:
    save(world, own(world, True))
    propagate()
    open_as_far_as(world, end=database_now() + timedelta(hours=1))
    assert world.own.pk in visible(world.agent, world.customer)
    change = open_as_far_as(world, end=database_now() + timedelta(days=30))
    pass_time(max(until(change.due_at), 3600) + 1)
    assert visible(world.agent, world.customer) == set()
    sweep()
    sweep()
    assert visible(world.agent, world.customer) == {world.sold.pk}
    assert not world.opened().allowed
    assert outcomes(world.opened())[-1] == "ended"


def test_R16_who_ticks_a_box_that_has_just_ended_gives_access_anew(world: World) -> None:
    open_as_far_as(world, end=database_now() + timedelta(hours=1))
    pass_time(3601)
    [box] = [section.console for section in overview_of(world.customer).sections]
    ticked = replace(console(world, True), seen=box.generation)
    saved = save(world, ticked)
    assert (saved.conflicts, len(saved.changes)) == ([], 1)
    assert outcomes(world.console())[-2:] == ["ended", None]
    settle()
    assert may_enter(world.agent, world.customer)
    assert world.console().ends_at is None


def test_R16_a_page_from_before_the_end_is_a_conflict(world: World) -> None:
    open_as_far_as(world, end=database_now() + timedelta(hours=1))
    shown = console(world, True)
    pass_time(3601)
    saved = save(world, replace(shown, extent=Extent()))
    assert (saved.changes, len(saved.conflicts)) == ([], 1)


@pytest.mark.parametrize("seconds", [0, -1, -DAY])
def test_R16_an_end_in_the_past_is_refused_and_nothing_is_saved(world: World, seconds: float) -> None:
    before = everything()
    with pytest.raises(EndRefused, match="still to come"):
        open_as_far_as(world, end=database_now() + timedelta(seconds=seconds))
    assert everything() == before


def test_R6_a_preview_says_the_same_and_writes_nothing(world: World) -> None:
    open_as_far_as(world, end=database_now() + timedelta(hours=1))
    pass_time(3601)
    [box] = [section.console for section in overview_of(world.customer).sections]
    ticked = replace(console(world, True), seen=box.generation, extent=Extent(Level.VIEW))
    before = everything()
    preview = desired.preview_reseller_access(actor=world.admin, customer=world.customer, desired=[ticked])
    assert [(step.allowed, step.extent) for step in preview.steps] == [(True, Extent(Level.VIEW))]
    assert everything() == before


def test_R18_a_level_of_a_later_release_opens_nothing(world: World) -> None:
    AccessGrant.objects.filter(pk=world.console().pk).update(effective_level="of_later")
    assert may(world.agent, world.customer) == set()
    assert not open_relations(fresh(world.agent)).exists()
    assert visible(world.agent, world.customer) == set()


def test_R18_with_cases_alone_nothing_else_is_seen(world: World) -> None:
    open_as_far_as(world, Level.CASES)
    settle()
    assert may(world.agent, world.customer) == {
        Permission.VIEW_CONSOLE,
        Permission.VIEW_CASES,
        Permission.FILE_CASES,
    }
    assert visible(world.agent, world.customer) == set()
    assert open_relations(fresh(world.agent)).exists()


def test_R1_a_relation_that_begins_again_is_never_wider_than_the_last_decision(world: World) -> None:
    ends = database_now() + timedelta(days=30)
    open_as_far_as(world, Level.VIEW, ends)
    settle()
    lifecycle.cancel_subscription(actor=None, subscription=world.sold)
    assert not may_enter(world.agent, world.customer)
    sell(world.customer, world.reseller)
    propagation.apply_due_changes()
    grant = world.console()
    assert (grant.allowed, grant.level, grant.effective_level) == (True, "view", "view")
    assert grant.effective_until == grant.ends_at == ends - timedelta(days=1)


def test_R1_an_end_that_has_passed_counts_as_off_for_a_relation_that_begins_again(world: World) -> None:
    open_as_far_as(world, end=database_now() + timedelta(hours=1))
    lifecycle.cancel_subscription(actor=None, subscription=world.sold)
    pass_time(3601)
    sell(world.customer, world.reseller)
    propagation.apply_due_changes()
    assert not world.console().allowed
    assert not may_enter(world.agent, world.customer)


def test_A3_the_audit_log_says_level_and_end_where_they_narrow(world: World) -> None:
    ends = (database_now() + timedelta(days=30)).replace(microsecond=0)
    open_as_far_as(world, Level.VIEW, ends)
    asked = AuditEvent.objects.filter(name="CHANGE_RESELLER_ACCESS").latest("id")
    assert asked.old_value == {"allowed": True}
    assert {k: v for k, v in asked.new_value.items() if k != "due_at"} == {
        "allowed": True,
        "level": "view",
        "access_ends_at": ends.isoformat(),
    }


def test_R4_R16_a_worker_gives_a_later_end_only_when_what_was_opened_has_ended(world: World) -> None:
    save(world, own(world, True))
    propagate()
    open_as_far_as(world, end=database_now() + timedelta(hours=1))
    change = open_as_far_as(world, end=database_now() + timedelta(days=30))
    pass_time(max(until(change.due_at), 3600) + 1)
    assert propagation.apply_due_changes() == 0
    assert visible(world.agent, world.customer) == set()
    assert sweep() == 2
    assert visible(world.agent, world.customer) == {world.sold.pk}


def test_R10_R16_a_revocation_after_the_end_still_parts_the_windows(world: World) -> None:
    ends = database_now() + timedelta(hours=1)
    open_as_far_as(world, end=ends)
    began = world.console().effective_from
    queue([Step(world.console(), False, ends + timedelta(hours=1))], actor=None, now=database_now())
    [box] = [section.console for section in overview_of(world.customer).sections]
    assert (box.status, world.console().effective_until) == ("closing", ends)
    queue([Step(world.console(), True, database_now(), extent=Extent())], actor=None, now=database_now())
    assert propagation.apply_due_changes() == 1
    assert may_enter(world.agent, world.customer)
    assert began is not None
    assert world.console().effective_from > began


@pytest.mark.parametrize("is_recorded", [True, False])
def test_R3_R16_what_is_opened_after_the_end_stays_open(world: World, is_recorded: bool) -> None:
    save(world, own(world, True))
    propagate()
    open_as_far_as(world, end=database_now() + timedelta(hours=1))
    if not is_recorded:
        open_as_far_as(world, end=database_now() + timedelta(days=30))
        AccessChange.objects.filter(settled_at=None).update(next_attempt_at=database_now() + timedelta(hours=2))
    pass_time(3601)
    assert sweep() == 1
    save(world, *([console(world, True)] if is_recorded else []), own(world, True))
    settle()
    sweep()
    assert world.opened().allowed
    assert visible(world.agent, world.customer) == {world.sold.pk, world.own.pk}


def test_R9_R16_an_end_that_cannot_be_written_down_holds_up_nothing_else(world: World, stranger: World) -> None:
    late = make_world()
    save(late, console(late, False))
    settle()
    for one in (world, stranger):
        open_as_far_as(one, end=database_now() + timedelta(hours=1))
    save(late, console(late, True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE accounts_auditevent ADD CONSTRAINT refused_by_the_test"
            " CHECK (customer_id <> %s OR name <> 'RESELLER_ACCESS_ENDED') NOT VALID",
            [world.customer.pk],
        )
    settle()
    assert not stranger.console().allowed
    assert may_enter(late.agent, late.customer)
    assert world.console().allowed
    assert not may_enter(world.agent, world.customer)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditevent DROP CONSTRAINT refused_by_the_test")
    assert sweep() == 1
    assert not world.console().allowed
