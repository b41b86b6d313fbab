"""Who orders and changes: the customer's super admins what came from the vendor, the seller's people what it sold."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actor import Actor
from accounts.directory.people import suspend_user, unassign_role
from accounts.models import User
from accounts.organisations import suspend_reseller
from accounts.roles import Role
from subscriptions import lifecycle
from subscriptions.access.desired import save_reseller_access
from subscriptions.models import Subscription
from subscriptions.models.subscription import Plan, RenewalType
from tests.access.world import World, assign, may_enter, propagate, wish
from tests.factories import put_person
from tests.subscriptions.lifecycle_world import VAULT, history, now, offer, on_plan

ANNUAL = Plan.ANNUAL_YEARLY_PAY
STEPS: dict[str, Any] = {
    "seats": lambda actor, s: lifecycle.change_seats(actor=actor, subscription=s, seats=30),
    "renewal": lambda actor, s: lifecycle.change_renewal(actor=actor, subscription=s, renewal=RenewalType.CANCEL),
    "cancel": lambda actor, s: lifecycle.cancel_subscription(actor=actor, subscription=s),
}


def may(person: User, subscription: Subscription, step: str) -> bool:
    """Whether a verb lets this person through; a refused one writes nothing."""
    lines = history(subscription)
    try:
        STEPS[step](Actor(person), subscription)
    except PermissionDenied:
        assert history(subscription) == lines
        return False
    assert len(history(subscription)) == len(lines) + 1
    return True


def may_order(person: User, world: World, reseller: Any) -> bool:
    before = Subscription.objects.count()
    try:
        lifecycle.order_subscription(
            actor=Actor(person), customer=world.customer, reseller=reseller, offer=offer(sku=VAULT)
        )
    except PermissionDenied:
        assert Subscription.objects.count() == before
        return False
    return True


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("who", ["super admin", "auditor", "user admin", "nobody", "stranger", "agent", "suspended"])
def test_B2_only_super_admins_change_what_was_bought_from_the_vendor(
    world: World, stranger: World, who: str, step: str
) -> None:
    people = {
        "super admin": world.admin.user,
        "auditor": put_person(world.customer, Role.AUDITOR),
        "user admin": put_person(world.customer, Role.USER_MANAGEMENT_ADMIN),
        "nobody": put_person(world.customer),
        "stranger": stranger.admin.user,
        "agent": world.agent,
        "suspended": (other := put_person(world.customer, Role.SUPER_ADMIN)),
    }
    suspend_user(actor=None, person=other)
    own = on_plan(world.customer, None, ANNUAL)
    assert may_enter(world.agent, world.customer), "the agent is denied although the console is open to it"
    assert may(people[who], own, step) == (who == "super admin")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "who",
    [
        "admin",
        "agent",
        "indirect admin",
        "indirect admin who is an agent elsewhere",
        "unassigned agent",
        "support agent",
        "super admin",
        "admin of another reseller",
    ],
)
def test_B3_only_the_sellers_people_change_what_it_sold(world: World, stranger: World, who: str, step: str) -> None:
    both = put_person(world.reseller, Role.INDIRECT_RESELLER_ADMIN, Role.RESELLER_AGENT)
    people = {
        "admin": put_person(world.reseller, Role.RESELLER_ADMIN),
        "agent": world.agent,
        "indirect admin": put_person(world.reseller, Role.INDIRECT_RESELLER_ADMIN),
        "indirect admin who is an agent elsewhere": both,
        "unassigned agent": put_person(world.reseller, Role.RESELLER_AGENT),
        "support agent": put_person(world.reseller, Role.SUPPORT_AGENT),
        "super admin": world.admin.user,
        "admin of another reseller": put_person(stranger.reseller, Role.RESELLER_ADMIN),
    }
    sold = on_plan(world.customer, world.reseller, ANNUAL)
    assert may(people[who], sold, step) == (who in {"admin", "agent"})


def test_B3_another_reseller_of_the_same_customer_is_a_stranger_to_what_was_sold(world: World, stranger: World) -> None:
    sold = on_plan(world.customer, world.reseller, ANNUAL)
    on_plan(world.customer, stranger.reseller, ANNUAL)
    rival = put_person(stranger.reseller, Role.RESELLER_ADMIN)
    assert not may(rival, sold, "seats")
    assert may_order(rival, world, stranger.reseller)
    assert not may_order(rival, world, world.reseller)


def test_B3_whatever_the_access_switch_says(world: World) -> None:
    sold = on_plan(world.customer, world.reseller, ANNUAL)
    save_reseller_access(
        actor=world.admin, customer=world.customer, desired=[wish(world.customer, world.reseller, False)]
    )
    propagate()
    assert not may_enter(world.agent, world.customer)
    assert may(world.agent, sold, "seats")
    assert may_order(world.agent, world, world.reseller)


@pytest.mark.parametrize("loss", ["role", "person suspended", "reseller suspended", "not assigned any more"])
def test_R13_whoever_lost_its_work_changes_nothing_with_the_next_request(world: World, loss: str) -> None:
    """Asked in the transaction: the person in the actor is the one that the page loaded before."""
    sold = on_plan(world.customer, world.reseller, ANNUAL)
    held = User.objects.get(pk=world.agent.pk)
    assert held.roles
    assert may(held, sold, "renewal")
    if loss == "role":
        unassign_role(actor=None, person=world.agent, role=Role.RESELLER_AGENT)
    elif loss == "person suspended":
        suspend_user(actor=None, person=world.agent)
    elif loss == "reseller suspended":
        suspend_reseller(actor=None, reseller=world.reseller)
    else:
        held.customeragent_set.all().delete()
    assert not may(held, sold, "seats")


def test_P4_an_indirect_admin_does_not_order_and_an_agent_only_for_its_customers(world: World, stranger: World) -> None:
    indirect = put_person(world.reseller, Role.INDIRECT_RESELLER_ADMIN)
    agent = put_person(world.reseller, Role.RESELLER_AGENT)
    assert not may_order(indirect, world, world.reseller)
    assert not may_order(agent, world, world.reseller)
    assign(agent, world.customer)
    assert may_order(agent, world, world.reseller)
    # Without a relation there is nothing to order in, no matter who asks.
    assert not may_order(put_person(world.reseller, Role.RESELLER_ADMIN), stranger, world.reseller)


def test_the_system_and_the_vendor_may_always(world: World) -> None:
    sold = on_plan(world.customer, world.reseller, ANNUAL)
    lifecycle.change_seats(actor=None, subscription=sold, seats=11)
    assert now(sold).seats == 11
