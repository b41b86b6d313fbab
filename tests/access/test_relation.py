"""Access begins and ends with the relation: R1, R13."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.models import CustomerAgent, Reseller, RoleAssignment, User
from accounts.roles import Role
from subscriptions import lifecycle
from subscriptions.access import desired, propagation
from subscriptions.access.customers_page import customers_page
from subscriptions.access.errors import AccessRefused
from subscriptions.access.scope import relations_of
from subscriptions.models import AccessChange
from tests.access.boxes import console, own, save
from tests.access.world import World, assign, grant, may_enter, outcomes, propagate, sell, visible, wish
from tests.factories import fresh, put_person, put_reseller

LOSSES: dict[str, Callable[[World], object]] = {
    "reseller suspended": lambda w: Reseller.objects.filter(pk=w.reseller.pk).update(suspended_at=Now()),
    "agent suspended": lambda w: User.objects.filter(pk=w.agent.pk).update(is_active=False),
    "role removed": lambda w: RoleAssignment.objects.filter(user=w.agent).delete(),
    "role changed": lambda w: RoleAssignment.objects.filter(user=w.agent).update(role=Role.SUPPORT_AGENT),
    "customer unassigned": lambda w: CustomerAgent.objects.filter(user=w.agent).delete(),
    "subscription cancelled": lambda w: lifecycle.cancel_subscription(actor=None, subscription=w.sold),
    "subscription transferred": lambda w: lifecycle.transfer_subscription(
        actor=None, subscription=w.sold, reseller=put_reseller()
    ),
    "removed now": lambda w: desired.remove_now(actor=w.admin, customer=w.customer, reseller_id=w.reseller.pk),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_R13_access_is_gone_with_the_next_request(world: World, stranger: World, loss: str) -> None:
    save(world, own(world, True))
    propagate()
    assert visible(world.agent, world.customer) == {world.sold.pk, world.own.pk}
    LOSSES[loss](world)
    assert not may_enter(world.agent, world.customer)
    assert visible(world.agent, world.customer) == set()
    known = {"removed now": 1}.get(loss, 0)
    assert (relations_of(fresh(world.agent)).count(), customers_page(fresh(world.agent)).total) == (known, known)
    assert may_enter(stranger.agent, stranger.customer)


def test_R13_a_transferred_subscription_shows_only_to_its_new_reseller(world: World) -> None:
    """Bought from the vendor and opened, then moved to another reseller."""
    other = put_reseller()
    agent = put_person(other, Role.RESELLER_ADMIN)
    save(world, own(world, True))
    propagate()
    lifecycle.transfer_subscription(actor=None, subscription=world.own, reseller=other)
    assert visible(world.agent, world.customer) == {world.sold.pk}
    propagate()
    assert visible(world.agent, world.customer) == {world.sold.pk}
    assert visible(agent, world.customer) == {world.own.pk}


def test_R13_one_of_two_subscriptions_keeps_the_relation(world: World) -> None:
    sell(world.customer, world.reseller, "Google-Vault")
    lifecycle.cancel_subscription(actor=None, subscription=world.sold)
    assert may_enter(world.agent, world.customer)
    assert world.console().ended_at is None


def test_R13_a_cancelled_subscription_is_not_in_the_console_any_more(world: World) -> None:
    kept = sell(world.customer, world.reseller, "Google-Vault")
    save(world, own(world, True))
    propagate()
    for gone in (world.sold, world.own):
        lifecycle.cancel_subscription(actor=None, subscription=gone)
    assert visible(world.agent, world.customer) == {kept.pk}
    assert not world.opened().allowed


def test_R13_cancelling_twice_ends_once(world: World) -> None:
    for _ in range(2):
        lifecycle.cancel_subscription(actor=None, subscription=world.sold)
    assert world.console().generation == 2


def test_R13_a_subscription_that_was_still_closing_does_not_come_back_with_a_new_relation(world: World) -> None:
    save(world, own(world, True))
    propagate()
    save(world, own(world, False))  # visible until its due time
    lifecycle.cancel_subscription(actor=None, subscription=world.sold)
    sold = sell(world.customer, world.reseller)
    assign(world.agent, world.customer)
    propagation.apply_due_changes()
    assert visible(world.agent, world.customer) == {sold.pk}


def test_R1_selling_again_opens_access_again(world: World) -> None:
    lifecycle.cancel_subscription(actor=None, subscription=world.sold)
    propagate()
    sell(world.customer, world.reseller)
    assign(world.agent, world.customer)
    propagation.apply_due_changes()
    assert may_enter(world.agent, world.customer)
    assert outcomes(world.console()) == ["applied", "applied", "applied"]


@pytest.mark.parametrize("admin", ["stays", "deleted"])
def test_R1_selling_again_opens_nothing_where_the_customer_had_refused(world: World, admin: str) -> None:
    save(world, console(world, False))
    seller = Actor(put_person(world.reseller, Role.RESELLER_ADMIN))
    lifecycle.cancel_subscription(actor=seller, subscription=world.sold)
    if admin == "deleted":
        world.admin.user.delete()
    sell(world.customer, world.reseller)
    propagate()
    assert not may_enter(world.agent, world.customer)
    assert (world.console().ended_at, world.console().allowed) == (None, False)


def test_R1_a_second_subscription_leaves_the_switch_alone(world: World) -> None:
    save(world, console(world, False))
    propagate()
    sell(world.customer, world.reseller, "Google-Vault")
    propagate()
    assert not may_enter(world.agent, world.customer)


def test_R13_an_ended_relation_cannot_be_opened(world: World) -> None:
    lifecycle.cancel_subscription(actor=None, subscription=world.sold)
    with pytest.raises(AccessRefused):
        save(world, wish(world.customer, world.reseller, True))
    assert (
        desired.retry_failed(
            actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk, subscription_id=None
        )
        == []
    )


def test_R13_giving_to_a_suspended_reseller_fails_with_its_reason(world: World) -> None:
    save(world, console(world, False))
    propagate()
    LOSSES["reseller suspended"](world)
    save(world, console(world, True))
    propagate()
    last = AccessChange.objects.get(grant=world.console(), generation=3)
    assert (last.outcome, last.failure_reason) == ("failed", "reseller_suspended")
    Reseller.objects.update(suspended_at=None)
    assert not may_enter(world.agent, world.customer)


def test_R13_a_new_relation_of_another_customer_opens_only_there(world: World, stranger: World) -> None:
    sell(stranger.customer, world.reseller)
    propagate()
    assert not may_enter(world.agent, stranger.customer)  # not assigned to it
    assert may_enter(put_person(world.reseller, Role.RESELLER_ADMIN), stranger.customer)
    assert grant(stranger.customer, world.reseller).allowed
