"""R20: who approves an activation, who does not, and what waited for too long."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actor import Actor
from accounts.directory.passwords import reset_password
from accounts.errors import Refused
from accounts.models import AuditEvent
from accounts.models.activations import ActivationStatus, Approval
from accounts.roles import Role
from subscriptions.access.activating import (
    reject_activation,
)
from tests.access.activations import activated, approve, approved_by, colleague, end, more, put_on_request
from tests.access.narrowing import until
from tests.access.world import World, may_enter, pass_time
from tests.factories import fresh


def test_R20_waiting_for_the_customer_opens_nothing_until_it_is_approved(world: World) -> None:
    put_on_request(world)
    approved_by(world, Approval.CUSTOMER)
    made = activated(world)
    assert made.status == ActivationStatus.WAITING
    assert not may_enter(world.agent, world.customer)
    with pytest.raises(PermissionDenied):
        approve(world, made, Actor(world.agent))
    with pytest.raises(PermissionDenied):
        approve(world, made, Actor(colleague(world)))
    pass_time(3600)
    begun = approve(world, made)
    assert until(begun.effective_until) == pytest.approx(2 * 3600, abs=5)
    assert may_enter(world.agent, world.customer)
    assert approve(world, made).pk == made.pk
    assert AuditEvent.objects.filter(name="APPROVE_ACTIVATION", activation_id=made.pk).count() == 1


def test_R20_another_reseller_admin_approves_and_nobody_their_own(world: World) -> None:
    put_on_request(world)
    approved_by(world, Approval.RESELLER)
    itself, other = colleague(world), colleague(world)
    made = activated(world, itself)
    for actor in (Actor(itself), world.admin, Actor(world.agent), Actor(colleague(world, Role.SUPPORT_AGENT))):
        with pytest.raises(PermissionDenied):
            approve(world, made, actor)
    approve(world, made, Actor(other))
    assert may_enter(itself, world.customer)


def test_R20_an_admin_who_holds_the_agents_account_approves_nothing_of_theirs(world: World) -> None:
    put_on_request(world)
    approved_by(world, Approval.RESELLER)
    agent, admin, other = world.agent, colleague(world), colleague(world)
    reset_password(actor=Actor(admin), person=agent)
    made = activated(world, fresh(agent))
    with pytest.raises(PermissionDenied, match="reset this agent"):
        approve(world, made, Actor(admin))
    approve(world, made, Actor(other))


def test_R20_rejected_with_a_reason_and_then_asked_for_again(world: World) -> None:
    put_on_request(world)
    approved_by(world, Approval.CUSTOMER)
    made = activated(world)
    with pytest.raises(Refused, match="Give a reason"):
        reject_activation(actor=world.admin, customer=world.customer, activation_id=made.pk, reason=" ")
    reject_activation(actor=world.admin, customer=world.customer, activation_id=made.pk, reason="Not today")
    with pytest.raises(Refused, match="rejected already"):
        approve(world, made)
    assert activated(world).pk != made.pk


def test_R20_what_was_withdrawn_or_has_waited_too_long_cannot_be_approved(world: World) -> None:
    put_on_request(world)
    approved_by(world, Approval.CUSTOMER)
    first = activated(world)
    assert end(world, first, Actor(world.agent))
    with pytest.raises(Refused, match="withdrawn"):
        approve(world, first)
    second = activated(world)
    pass_time(24 * 3600 + 1)
    with pytest.raises(Refused, match="too long"):
        approve(world, second)
    assert activated(world).status == ActivationStatus.WAITING


def test_R20_more_time_that_is_approved_too_late_has_hours_of_its_own(world: World) -> None:
    put_on_request(world)
    made = activated(world)
    pass_time(2 * 3600 - 300)
    approved_by(world, Approval.CUSTOMER)
    added = more(world)
    assert added.status == ActivationStatus.WAITING
    pass_time(3600)
    assert not may_enter(world.agent, world.customer)
    begun = approve(world, added)
    assert begun.number == begun.pk != made.pk
    assert until(begun.effective_until) == pytest.approx(3600, abs=5)
