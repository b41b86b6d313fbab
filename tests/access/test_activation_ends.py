"""R20: an activation dies with the agent's work and does not come back with it; two people at the same instant."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from time import sleep

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record_audit
from accounts.console_sessions.activations import end_activation, lock_agent
from accounts.directory.people import assign_role, suspend_user, unassign_role, unsuspend_user
from accounts.errors import Refused
from accounts.models import Activation, AuditEvent, Team, User
from accounts.models.activations import ActivationEnd, ActivationStatus, Approval
from accounts.models.event_names import EventName
from accounts.organisations import suspend_reseller, unsuspend_reseller
from accounts.roles import Role
from accounts.staffing import (
    add_member,
    assign_customers_to_agent,
    assign_customers_to_team,
    create_team,
    delete_team,
    remove_member,
    unassign_customers_from_agent,
    unassign_customers_from_team,
)
from accounts.unstaffing import end_staffing
from subscriptions.access.activating import approve_activation
from subscriptions.access.reconcile import Kind, check, repair
from tests.access.activations import activated, approved_by, put_on_request
from tests.access.world import World, make_world, may_enter
from tests.factories import make_team
from tests.races import at_once, second_waits_for_first

Change = Callable[[World], object]


def own_team(world: World) -> Team:
    """The agent works for the customer through a team only."""
    unassign_customers_from_agent(actor=None, agent=world.agent, customers=[world.customer])
    return make_team(world.reseller, world.agent, customers=[world.customer])


def the_team(world: World) -> Team:
    return Team.objects.get(reseller=world.reseller)


def new_team(world: World) -> None:
    team = create_team(actor=None, reseller=world.reseller, name="Another")
    add_member(actor=None, team=team, agent=world.agent)
    assign_customers_to_team(actor=None, team=team, customers=[world.customer])


def assigned(world: World) -> object:
    return assign_customers_to_agent(actor=None, agent=world.agent, customers=[world.customer])


WAYS: dict[str, tuple[Change | None, Change, Change]] = {
    "assignment": (
        None,
        lambda w: unassign_customers_from_agent(actor=None, agent=w.agent, customers=[w.customer]),
        assigned,
    ),
    "membership": (
        own_team,
        lambda w: remove_member(actor=None, team=the_team(w), agent=w.agent),
        lambda w: add_member(actor=None, team=the_team(w), agent=w.agent),
    ),
    "customer of the team": (
        own_team,
        lambda w: unassign_customers_from_team(actor=None, team=the_team(w), customers=[w.customer]),
        lambda w: assign_customers_to_team(actor=None, team=the_team(w), customers=[w.customer]),
    ),
    "team": (own_team, lambda w: delete_team(actor=None, team=the_team(w)), new_team),
    "role": (
        None,
        lambda w: unassign_role(actor=None, person=w.agent, role=Role.RESELLER_AGENT),
        lambda w: assign_role(actor=None, person=w.agent, role=Role.RESELLER_AGENT),
    ),
    "suspension": (
        None,
        lambda w: suspend_user(actor=None, person=w.agent),
        lambda w: unsuspend_user(actor=None, person=w.agent),
    ),
    "suspension of the reseller": (
        None,
        lambda w: suspend_reseller(actor=None, reseller=w.reseller),
        lambda w: unsuspend_reseller(actor=None, reseller=w.reseller),
    ),
    "staffing": (
        None,
        lambda w: end_staffing(actor=None, customer=w.customer, reseller=w.reseller),
        assigned,
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("waits", [False, True], ids=["running", "waiting"])
def test_R20_an_activation_ends_with_the_work_and_does_not_come_back(world: World, way: str, waits: bool) -> None:
    before, taken, given_again = WAYS[way]
    if before:
        before(world)
    put_on_request(world)
    approved_by(world, Approval.CUSTOMER if waits else Approval.AT_ONCE)
    made = activated(world)
    taken(world)
    assert not may_enter(world.agent, world.customer)
    given_again(world)
    assert not may_enter(world.agent, world.customer), "it came back with the work"
    made.refresh_from_db()
    assert made.ended_because == ActivationEnd.WORK_ENDED
    assert made.status == (ActivationStatus.WITHDRAWN if waits else ActivationStatus.BEGUN)
    [event] = AuditEvent.objects.filter(name=EventName.END_ACTIVATION)
    assert (event.activation_id, event.customer_id, event.actor_email) == (made.pk, world.customer.pk, "")
    if waits:
        with pytest.raises(Refused, match="withdrawn"):
            approve_activation(actor=world.admin, customer=world.customer, activation_id=made.pk)


def test_R20_work_that_goes_on_in_another_way_ends_nothing(world: World) -> None:
    make_team(world.reseller, world.agent, customers=[world.customer])
    put_on_request(world)
    activated(world)
    unassign_customers_from_agent(actor=None, agent=world.agent, customers=[world.customer])
    assert may_enter(world.agent, world.customer)


def test_R20_an_activation_whose_end_was_not_written_down_is_found_and_repaired(world: World) -> None:
    put_on_request(world)
    activated(world)
    User.objects.filter(pk=world.agent.pk).update(is_active=False)
    [finding] = check()
    assert (finding.kind, finding.count) == (Kind.ACTIVATION, 1)
    assert repair()[Kind.ACTIVATION] == 1
    User.objects.filter(pk=world.agent.pk).update(is_active=True)
    assert not may_enter(world.agent, world.customer)
    assert not check()


def test_R20_what_is_done_inside_carries_the_number(world: World) -> None:
    put_on_request(world)
    made = activated(world)
    actor = Actor(world.agent, activation_id=made.number)
    event = record_audit(EventName.CREATE_GROUP, actor=actor, customer=world.customer, subject="A group")
    assert AuditEvent.objects.get(pk=event.pk).activation_id == made.pk


@pytest.mark.django_db(transaction=True)
def test_R20_two_clicks_at_the_same_instant_are_one_activation() -> None:
    world = make_world()
    put_on_request(world)
    assert at_once(lambda: activated(world), lambda: activated(world)) == [None, None]
    assert Activation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["work ends", "activates"])
def test_R20_work_that_is_taken_while_it_is_activated_never_comes_back(first: str) -> None:
    world = make_world()
    put_on_request(world)

    def take() -> None:
        unassign_customers_from_agent(actor=None, agent=world.agent, customers=[world.customer])

    def activate() -> None:
        if first == "activates":
            activated(world)
            return
        with pytest.raises(Refused, match="do not work for this customer"):
            activated(world)

    verbs = (take, activate) if first == "work ends" else (activate, take)
    second_waits_for_first(*verbs)
    assigned(world)
    assert not may_enter(world.agent, world.customer)


@pytest.mark.django_db(transaction=True)
def test_R20_approved_while_its_agent_takes_it_back() -> None:
    world = make_world()
    put_on_request(world)
    approved_by(world, Approval.CUSTOMER)
    made = activated(world)

    def approve() -> None:
        with pytest.raises(Refused, match="withdrawn"):
            approve_activation(actor=world.admin, customer=world.customer, activation_id=made.pk)

    second_waits_for_first(
        lambda: end_activation(actor=Actor(world.agent), customer=world.customer, number=made.pk), approve
    )
    assert not may_enter(world.agent, world.customer)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["work ends", "approves"])
def test_R20_approved_while_the_work_is_taken_opens_nothing_and_neither_is_refused_as_busy(first: str) -> None:
    world = make_world()
    put_on_request(world)
    approved_by(world, Approval.CUSTOMER)
    made = activated(world)

    def take() -> None:
        # The agent's row, then the activation: an approval that held the activation already would wait in a circle.
        with transaction.atomic():
            lock_agent(world.agent)
            sleep(0.5)
            unassign_customers_from_agent(actor=None, agent=world.agent, customers=[world.customer])

    def approve() -> None:
        with suppress(Refused):
            approve_activation(actor=world.admin, customer=world.customer, activation_id=made.pk)

    assert at_once(*((take, approve) if first == "work ends" else (approve, take))) == [None, None]
    assigned(world)
    assert not may_enter(world.agent, world.customer)


def test_R20_a_stranger_ends_nothing(world: World, stranger: World) -> None:
    put_on_request(world)
    made = activated(world)
    for actor in (stranger.admin, Actor(stranger.agent)):
        for customer in (world.customer, stranger.customer):
            with pytest.raises(PermissionDenied):
                end_activation(actor=actor, customer=customer, number=made.pk)
    assert may_enter(world.agent, world.customer)
