"""Turning access off: for all resellers, and now (R8, R12); and wishing again what failed (R9)."""

from __future__ import annotations

from functools import partial

from accounts.roles import Role
from subscriptions.access import desired
from subscriptions.models import AccessGrant
from tests.access.boxes import console, own, save
from tests.access.world import World, events, may_enter, outcomes, propagate, sell, visible
from tests.factories import put_person, put_reseller


def test_R12_turn_off_for_all_ends_everything_in_one_action(world: World, stranger: World) -> None:
    other = put_reseller()
    sell(world.customer, other)
    save(world, own(world, True))
    propagate()
    changes = desired.turn_off_for_all_resellers(actor=world.admin, customer=world.customer)
    assert len(changes) == 3
    propagate()
    assert not AccessGrant.objects.filter(customer=world.customer, allowed=True).exists()
    assert not may_enter(world.agent, world.customer)
    assert desired.turn_off_for_all_resellers(actor=world.admin, customer=world.customer) == []
    assert may_enter(stranger.agent, stranger.customer)


def test_R12_resellers_are_decided_about_one_by_one(world: World) -> None:
    other = put_reseller()
    agent = put_person(other, Role.RESELLER_ADMIN)
    sell(world.customer, other)
    propagate()
    save(world, console(world, False))
    propagate()
    assert (may_enter(world.agent, world.customer), may_enter(agent, world.customer)) == (False, True)


def test_R8_remove_now_ends_a_present_access_this_instant(world: World) -> None:
    [change] = desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    assert change.due_at == change.requested_at
    assert not may_enter(world.agent, world.customer)
    assert outcomes(world.console()) == ["applied", None]


def test_R8_remove_now_ends_a_pending_access_and_one_that_ends_later(world: World) -> None:
    save(world, console(world, False))
    [change] = desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    assert not may_enter(world.agent, world.customer)
    assert outcomes(world.console()) == ["applied", "superseded", None]
    save(world, console(world, True))
    [again] = desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    propagate()
    assert outcomes(world.console()) == ["applied", "superseded", "applied", "superseded", "applied"]
    assert events([change, again]) == ["CHANGE_RESELLER_ACCESS", "RESELLER_ACCESS_APPLIED"] * 2
    assert desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk) == []


def test_R8_remove_now_of_one_subscription_leaves_the_console(world: World) -> None:
    save(world, own(world, True))
    propagate()
    desired.remove_now(
        actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk, subscription_id=world.own.pk
    )
    assert visible(world.agent, world.customer) == {world.sold.pk}


def test_R9_what_failed_can_be_wished_again(world: World) -> None:
    save(world, console(world, False))
    propagate()
    world.reseller.suspended_at = world.console().began_at
    world.reseller.save(update_fields=["suspended_at"])
    save(world, console(world, True))
    propagate()
    assert outcomes(world.console())[-1] == "failed"
    world.reseller.suspended_at = None
    world.reseller.save(update_fields=["suspended_at"])
    assert not may_enter(world.agent, world.customer)
    retry = partial(
        desired.retry_failed,
        actor=world.admin,
        customer=world.customer,
        reseller_id=world.reseller.pk,
        subscription_id=None,
    )
    [again] = retry()
    assert retry() == []
    propagate()
    assert may_enter(world.agent, world.customer)
    assert events([again]) == ["CHANGE_RESELLER_ACCESS", "RESELLER_ACCESS_APPLIED"]
