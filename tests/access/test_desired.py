"""What an admin's save does: R1, R3 to R7, R12."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from pytest_django import Settings

from accounts.actor import Actor
from accounts.models import AuditEvent, RoleAssignment
from accounts.organisations import VENDOR
from accounts.roles import CUSTOMER_ROLES, RESELLER_ROLES, VENDOR_ROLES, Role
from subscriptions.access import desired, outbox, propagation
from subscriptions.access.errors import AccessRefused
from subscriptions.models import AccessGrant
from tests.access.boxes import console, everything, own, save
from tests.access.world import DAY, World, grant, may_enter, pass_time, propagate, sell, visible
from tests.factories import put_person, put_reseller


def test_R1_access_is_on_by_default_when_the_relation_begins(world: World) -> None:
    assert world.console().allowed
    assert may_enter(world.agent, world.customer)


def test_R1_the_default_can_be_off(world: World, settings: Settings) -> None:
    settings.RESELLER_ACCESS_DEFAULT = False
    other = put_reseller()
    sell(world.customer, other)
    propagate()
    assert not grant(world.customer, other).allowed
    assert not may_enter(put_person(other, Role.RESELLER_ADMIN), world.customer)


def test_R2_off_closes_the_console_and_leaves_what_was_sold(world: World) -> None:
    save(world, console(world, False))
    propagate()
    assert not may_enter(world.agent, world.customer)
    assert visible(world.agent, world.customer) == set()
    assert list(world.reseller.subscriptions.all()) == [world.sold]


def test_R3_a_subscription_from_the_vendor_is_closed_until_its_box_is_ticked(world: World) -> None:
    assert visible(world.agent, world.customer) == {world.sold.pk}
    save(world, own(world, True))
    propagate()
    assert visible(world.agent, world.customer) == {world.sold.pk, world.own.pk}


def test_R3_a_later_purchase_is_never_switched_on(world: World) -> None:
    save(world, own(world, True))
    propagate()
    later = sell(world.customer, None, "Google-Vault")
    propagate()
    assert later.pk not in visible(world.agent, world.customer)


def test_R3_without_the_agreement_nothing_is_saved(world: World) -> None:
    before = everything()
    with pytest.raises(AccessRefused, match="agreed"):
        save(world, own(world, True), agreed=False)
    assert everything() == before


def test_R3_the_agreement_of_another_reseller_does_not_count(world: World) -> None:
    other = put_reseller()
    sell(world.customer, other)
    with pytest.raises(AccessRefused, match="agreed"):
        desired.save_reseller_access(
            actor=world.admin, customer=world.customer, desired=[own(world, True)], agreed=[other.pk]
        )


def test_R3_the_agreement_is_recorded(world: World) -> None:
    [change] = save(world, own(world, True)).changes
    change.refresh_from_db()
    assert change.reseller_agreed
    assert change.requested_by == world.admin.user
    event = AuditEvent.objects.get(access_change_id=change.pk)
    assert event.new_value["reseller_agreed"] is True
    assert event.new_value["SKU_NAME"] == "Google Voice Standard"


def test_R3_needs_the_console_and_both_may_be_given_at_once(world: World) -> None:
    save(world, console(world, False))
    propagate()
    with pytest.raises(AccessRefused, match="First allow"):
        save(world, own(world, True))
    save(world, console(world, True), own(world, True))
    propagate()
    assert visible(world.agent, world.customer) == {world.sold.pk, world.own.pk}


def test_R3_cannot_be_given_while_the_console_is_taken_away_in_the_same_form(world: World) -> None:
    before = everything()
    with pytest.raises(AccessRefused, match="First allow"):
        save(world, console(world, False), own(world, True))
    assert everything() == before


def test_R4_the_console_takes_its_subscriptions_along_and_does_not_bring_them_back(world: World) -> None:
    save(world, own(world, True))
    propagate()
    assert len(save(world, console(world, False)).changes) == 2
    propagate()
    assert not world.opened().allowed
    save(world, console(world, True))
    propagate()
    assert visible(world.agent, world.customer) == {world.sold.pk}


@pytest.mark.parametrize("how", ["save", "remove_now", "turn_off_for_all_resellers"])
def test_R4_a_subscription_that_was_to_end_later_ends_with_its_console(world: World, how: str) -> None:
    """Taken away with a late due time, then the console with an early one and given back in between."""
    save(world, own(world, True))
    propagate()
    save(world, own(world, False))
    late = world.opened()
    AccessGrant.objects.filter(pk=late.pk).update(effective_until=late.effective_until + timedelta(days=2))
    late.changes.filter(settled_at=None).update(due_at=late.effective_until + timedelta(days=2))
    if how == "save":
        save(world, console(world, False))
    elif how == "remove_now":
        desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    else:
        desired.turn_off_for_all_resellers(actor=world.admin, customer=world.customer)
    propagate()
    save(world, console(world, True))
    pass_time(DAY - 60)
    propagation.apply_due_changes()
    assert may_enter(world.agent, world.customer)
    assert visible(world.agent, world.customer) == {world.sold.pk}


def test_R5_only_a_super_admin_of_this_customer_may_change_it(world: World, stranger: World) -> None:
    people = [put_person(world.customer, role) for role in CUSTOMER_ROLES - {Role.SUPER_ADMIN}]
    people += [put_person(world.reseller, role) for role in RESELLER_ROLES]
    people += [put_person(VENDOR, role) for role in VENDOR_ROLES]
    people += [put_person(world.customer), world.agent, stranger.admin.user]
    before = everything()
    for person in people:
        actor = Actor(person)
        everywhere: dict[str, Any] = {"actor": actor, "customer": world.customer}
        here: dict[str, Any] = everywhere | {"reseller_id": world.reseller.pk}
        verbs: list[Callable[[], object]] = [
            partial(save, world, console(world, False), actor=actor),
            partial(desired.turn_off_for_all_resellers, **everywhere),
            partial(desired.remove_now, **here),
            partial(desired.retry_failed, **here, subscription_id=None),
        ]
        for verb in verbs:
            with pytest.raises(PermissionDenied):
                verb()
    assert everything() == before


@pytest.mark.parametrize("loss", ["role", "suspended"])
def test_R5_an_admin_who_lost_the_right_since_the_request_began_is_refused(world: World, loss: str) -> None:
    assert Role.SUPER_ADMIN in world.admin.user.roles  # as the request has read it
    if loss == "role":
        RoleAssignment.objects.filter(user=world.admin.user).delete()
    else:
        type(world.admin.user).objects.filter(pk=world.admin.user.pk).update(is_active=False)
    with pytest.raises(PermissionDenied):
        save(world, console(world, False))


def test_R7_a_difference_is_one_generation_one_change_one_event(world: World, settings: Settings) -> None:
    count = AuditEvent.objects.count()
    [change] = save(world, console(world, False)).changes
    change.refresh_from_db()
    now = world.console()
    assert (now.generation, now.allowed, now.observed_generation) == (2, False, 1)
    assert (change.generation, change.allowed, change.settled_at) == (2, False, None)
    assert (
        change.requested_at < change.due_at <= change.requested_at + timedelta(seconds=settings.ACCESS_PROPAGATION_MAX)
    )
    assert now.effective_until == change.due_at
    event = AuditEvent.objects.get(access_change_id=change.pk)
    assert AuditEvent.objects.count() == count + 1
    assert (event.name, event.customer_id, event.subject) == (
        "CHANGE_RESELLER_ACCESS",
        world.customer.pk,
        world.reseller.name,
    )
    assert (event.actor_email, event.ip_address) == (world.admin.user.email, "192.0.2.7")
    assert (event.old_value["allowed"], event.new_value["allowed"]) == (True, False)


@pytest.mark.parametrize("median", [0, 300, 10**9])
def test_R7_the_delay_stays_between_its_limits(world: World, settings: Settings, median: int) -> None:
    settings.ACCESS_PROPAGATION_MEDIAN = median
    settings.ACCESS_PROPAGATION_MIN = 2
    settings.ACCESS_PROPAGATION_MAX = 600
    settings.ACCESS_SWEEP_INTERVAL = 10
    # Two sweeps lie up to one and a half intervals apart, and the worker may be at something else for a moment.
    latest = timedelta(seconds=600 - 15 - outbox.WAITING_FOR_A_WORKER)
    for _ in range(10):
        [change] = save(world, console(world, not world.console().allowed)).changes
        assert timedelta(seconds=2) <= change.due_at - change.requested_at <= latest
