"""R20: a console that is open only when needed, and the hours in which an agent is inside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.models import Activation, AuditEvent
from accounts.models.activations import Approval
from accounts.permissions import Permission
from accounts.roles import AGENT_PERMISSIONS, CASE_PERMISSIONS, Role
from subscriptions.access import propagation
from subscriptions.access.activating import (
    hours_to_choose,
    lasting_or_waiting,
)
from subscriptions.lifecycle import cancel_subscription
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing
from support.scope import open_relations
from tests.access.activations import HOUR, activated, approved_by, colleague, end, more, put_on_request
from tests.access.boxes import console, save
from tests.access.narrowing import may, open_as_far_as, settle, until
from tests.access.world import World, assign, may_enter, pass_time, propagate, sell, visible
from tests.factories import fresh, put_person


def test_R20_on_request_nobody_is_inside_and_cases_are_closed_too(world: World) -> None:
    assert may_enter(world.agent, world.customer)
    put_on_request(world)
    assert may(world.agent, world.customer) == set()
    assert fresh(world.agent).has_perm(Permission.KNOW_CUSTOMER, world.customer)
    assert not open_relations(fresh(world.agent)).exists()
    assert visible(world.agent, world.customer) == set()


def test_R20_the_customer_can_leave_cases_standing(world: World) -> None:
    put_on_request(world, Standing.CASES)
    assert may(world.agent, world.customer) == CASE_PERMISSIONS | {Permission.VIEW_CONSOLE}
    assert open_relations(fresh(world.agent)).exists()
    assert visible(world.agent, world.customer) == set()


def test_R20_an_activation_opens_what_the_level_opens_for_its_hours(world: World) -> None:
    put_on_request(world, level=Level.DIRECTORY)
    made = activated(world)
    assert Permission.MANAGE_USERS in may(world.agent, world.customer)
    assert Permission.ASSIGN_LICENCES not in may(world.agent, world.customer)
    assert open_relations(fresh(world.agent)).exists()
    assert until(made.effective_until) == pytest.approx(2 * 3600, abs=5)
    pass_time(2 * 3600 - 10)
    assert may_enter(world.agent, world.customer)
    pass_time(11)
    assert may(world.agent, world.customer) == set()
    assert not open_relations(fresh(world.agent)).exists()


def test_R20_it_opens_for_the_agent_alone(world: World) -> None:
    put_on_request(world)
    other = put_person(world.reseller, Role.RESELLER_AGENT)
    assign(other, world.customer)
    activated(world)
    assert may_enter(world.agent, world.customer)
    assert not may_enter(other, world.customer)


def test_R20_two_clicks_are_one_activation(world: World) -> None:
    put_on_request(world)
    assert activated(world).pk == activated(world, reason="Another one").pk
    assert Activation.objects.count() == 1
    assert AuditEvent.objects.filter(name="ACTIVATE_RESELLER_ACCESS").count() == 1


@pytest.mark.parametrize(
    ("wanted", "field", "says"),
    [
        ({"lasts": timedelta(0)}, "lasts", "Choose one of the durations, 4 hours at most"),
        ({"lasts": 8 * HOUR}, "lasts", "4 hours at most"),
        ({"lasts": -HOUR}, "lasts", "at most"),
        ({"reason": "   \n "}, "reason", "Give a reason in words"),
        ({"reason": "x" * 10_000}, "reason", "at most 300 characters"),
        ({"case_number": "9" * 41}, "case_number", "at most 40 characters"),
    ],
)
def test_R20_bad_input_names_its_field(world: World, wanted: dict[str, Any], field: str, says: str) -> None:
    put_on_request(world)
    with pytest.raises(Refused, match=says) as refused:
        activated(world, **wanted)
    assert refused.value.field == field
    assert not Activation.objects.exists()


def test_R20_the_customer_sets_the_longest(world: World) -> None:
    put_on_request(world)
    approved_by(world, Approval.AT_ONCE, longest=8 * HOUR)
    assert hours_to_choose(world.customer) == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR]
    assert until(activated(world, lasts=8 * HOUR).effective_until) == pytest.approx(8 * 3600, abs=5)


def test_R20_there_is_nothing_to_activate_where_it_is_open_or_closed(world: World) -> None:
    with pytest.raises(Refused, match="open at all times"):
        activated(world)
    save(world, console(world, False))
    propagate()
    with pytest.raises(Refused, match="not in force"):
        activated(world)
    with pytest.raises(Refused, match="do not work for this customer"):
        activated(world, put_person(world.reseller, Role.RESELLER_AGENT))


@pytest.mark.parametrize("who", ["agent", "admin", "colleague"])
def test_R20_either_side_ends_it_at_any_time(world: World, who: str) -> None:
    put_on_request(world)
    made = activated(world)
    actors: dict[str, Actor] = {
        "agent": Actor(world.agent),
        "admin": world.admin,
        "colleague": Actor(colleague(world)),
    }
    stranger = put_person(world.reseller, Role.RESELLER_AGENT)
    with pytest.raises(PermissionDenied):
        end(world, made, Actor(stranger))
    assert end(world, made, actors[who])
    assert not may_enter(world.agent, world.customer)
    assert not end(world, made, actors[who])
    [ended] = AuditEvent.objects.filter(name="END_ACTIVATION")
    assert ended.activation_id == made.pk
    assert ended.actor_email == actors[who].user.email


def test_R20_an_activation_counts_only_in_the_window_in_which_it_was_made(world: World) -> None:
    put_on_request(world)
    activated(world)
    save(world, console(world, False))
    pass_time(3600)
    propagate_now(world)
    assert not may_enter(world.agent, world.customer)
    open_as_far_as(world, standing=Standing.NOTHING)
    propagate_now(world)
    assert Activation.objects.get().effective_until > database_now()
    assert not may_enter(world.agent, world.customer), "the old activation lives in the new window"
    assert lasting_or_waiting(world.agent, world.console()) is None


def propagate_now(world: World) -> None:
    """Let the waiting change be due at this instant, and a worker apply it."""
    [waiting] = world.console().changes.filter(settled_at=None)
    left = until(waiting.due_at)
    if left > 0:
        # Everything but the activation: its hours go on.
        before = list(Activation.objects.values_list("pk", "effective_until"))
        pass_time(left + 1)
        for pk, effective_until in before:
            Activation.objects.filter(pk=pk).update(effective_until=effective_until)
    propagation.apply_due_changes()


def test_R20_a_narrower_level_holds_inside_from_its_moment(world: World) -> None:
    put_on_request(world)
    approved_by(world, Approval.AT_ONCE, longest=8 * HOUR)
    activated(world, lasts=8 * HOUR)
    change = open_as_far_as(world, Level.VIEW, standing=Standing.NOTHING)
    assert may(world.agent, world.customer) == AGENT_PERMISSIONS
    pass_time(until(change.due_at) + 1)
    assert Permission.VIEW_USERS in may(world.agent, world.customer)
    assert Permission.MANAGE_USERS not in may(world.agent, world.customer)


def test_R20_becoming_on_request_comes_true_by_the_clock_without_a_worker(world: World) -> None:
    change = open_as_far_as(world, standing=Standing.NOTHING)
    assert not change.gives
    assert may_enter(world.agent, world.customer)
    pass_time(until(change.due_at) + 1)
    assert not may_enter(world.agent, world.customer)


def test_R20_becoming_open_at_all_times_waits_for_a_worker_and_keeps_the_window(world: World) -> None:
    put_on_request(world)
    began = world.console().effective_from
    change = open_as_far_as(world)
    assert change.gives
    pass_time(until(change.due_at) + 1)
    assert not may_enter(world.agent, world.customer)
    settle()
    assert may_enter(world.agent, world.customer)
    moved = world.console().effective_from
    assert began is not None
    assert moved is not None
    assert moved < began  # only the clock of the test moved it


def test_R20_more_time_goes_on_where_the_running_one_ends_with_its_number(world: World) -> None:
    put_on_request(world)
    made = activated(world)
    with pytest.raises(Refused, match="last ten minutes"):
        more(world)
    pass_time(2 * 3600 - 300)
    added = more(world, 4 * HOUR)
    made.refresh_from_db()
    assert added.number == made.number
    assert added.effective_from == made.effective_until
    assert more(world).pk == added.pk
    pass_time(400)
    assert may_enter(world.agent, world.customer)
    assert end(world, made)
    assert not may_enter(world.agent, world.customer)


def test_R20_ending_it_before_more_time_begins_ends_that_too(world: World) -> None:
    put_on_request(world)
    made = activated(world)
    pass_time(2 * 3600 - 300)
    more(world, 4 * HOUR)
    assert end(world, made, Actor(world.agent))
    pass_time(3600)
    assert not may_enter(world.agent, world.customer)
    assert activated(world).number != made.number


def test_R20_nobody_is_inside_for_more_than_24_hours_on_end(world: World) -> None:
    put_on_request(world)
    approved_by(world, Approval.AT_ONCE, longest=8 * HOUR)
    activated(world, lasts=8 * HOUR)
    pass_time(8 * 3600 - 60)
    for _ in range(2):
        more(world, 8 * HOUR)
        pass_time(8 * 3600)
    with pytest.raises(Refused, match="24 hours on end") as refused:
        more(world, HOUR)
    assert refused.value.field == "lasts"


@pytest.mark.parametrize("standing", [Standing.NOTHING, Standing.CASES])
def test_R1_a_relation_that_begins_again_is_on_request_as_it_was(world: World, standing: str) -> None:
    put_on_request(world, standing)
    cancel_subscription(actor=None, subscription=world.sold)
    sell(world.customer, world.reseller)
    assign(world.agent, world.customer)
    propagate()
    assert world.console().effective_standing == standing
    cases = CASE_PERMISSIONS | {Permission.VIEW_CONSOLE}
    assert may(world.agent, world.customer) == (cases if standing == Standing.CASES else set())


def test_R11_a_choice_of_a_later_release_opens_nothing(world: World) -> None:
    grants = type(world.console()).objects.filter(pk=world.console().pk)
    grants.update(effective_standing="weekends")
    assert may(world.agent, world.customer) == set()
    assert not open_relations(fresh(world.agent)).exists()
