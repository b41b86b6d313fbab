"""What an admin's save does: R1, R3 to R7, R12."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from pytest_django import Settings

from accounts.actor import Actor
from accounts.models import AuditEvent, RoleAssignment
from accounts.roles import CUSTOMER_ROLES, RESELLER_ROLES, VENDOR_ROLES, Role
from subscriptions.access import desired, outbox, propagation
from subscriptions.access.desired import Saved, Wish
from subscriptions.access.errors import AccessRefused
from subscriptions.models import AccessChange, AccessGrant
from tests.access.world import (
    DAY,
    World,
    events,
    grant,
    make_person,
    make_reseller,
    may_enter,
    outcomes,
    pass_time,
    propagate,
    sell,
    visible,
    wish,
)


def save(world: World, *wishes: Wish, agreed: bool = True, actor: Actor | None = None) -> Saved:
    return desired.save_reseller_access(
        actor=actor or world.admin,
        customer=world.customer,
        wishes=wishes,
        agreed=[w.reseller_id for w in wishes] if agreed else [],
    )


def console(world: World, allowed: bool) -> Wish:
    return wish(world.customer, world.reseller, allowed)


def own(world: World, allowed: bool) -> Wish:
    return wish(world.customer, world.reseller, allowed, world.own)


def everything() -> tuple[list[object], ...]:
    """All that a save could change."""
    return (
        list(AccessGrant.objects.order_by("id").values()),
        list(AccessChange.objects.order_by("id").values()),
        list(AuditEvent.objects.order_by("id").values()),
    )


def test_R1_access_is_on_by_default_when_the_relation_begins(world: World) -> None:
    assert world.console().allowed
    assert may_enter(world.agent, world.customer)


def test_R1_the_default_can_be_off(world: World, settings: Settings) -> None:
    settings.RESELLER_ACCESS_DEFAULT = False
    other = make_reseller()
    sell(world.customer, other)
    propagate()
    assert not grant(world.customer, other).allowed
    assert not may_enter(make_person(Role.RESELLER_ADMIN, reseller=other), world.customer)


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
    other = make_reseller()
    sell(world.customer, other)
    with pytest.raises(AccessRefused, match="agreed"):
        desired.save_reseller_access(
            actor=world.admin, customer=world.customer, wishes=[own(world, True)], agreed=[other.pk]
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
    people = [make_person(role, customer=world.customer) for role in CUSTOMER_ROLES - {Role.SUPER_ADMIN}]
    people += [make_person(role, reseller=world.reseller) for role in RESELLER_ROLES]
    people += [make_person(role) for role in VENDOR_ROLES]
    people += [make_person(customer=world.customer), world.agent, stranger.admin.user]
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


def test_R6_saving_the_same_changes_nothing_at_all(world: World) -> None:
    before = everything()
    saved = save(world, console(world, True), own(world, False))
    assert saved == Saved()
    assert everything() == before


def test_R6_the_same_form_twice_is_saved_once(world: World) -> None:
    form = [console(world, False)]
    assert len(save(world, *form).changes) == 1
    assert save(world, *form) == Saved()
    assert world.console().generation == 2


def test_R6_the_same_box_twice_in_one_form_is_saved_once(world: World) -> None:
    box = own(world, True)
    assert len(save(world, box, box).changes) == 1
    assert world.opened().generation == 1


@pytest.mark.parametrize("seen", ["now", "before", "never", "forged", "huge"])
@pytest.mark.parametrize("current", [True, False])
@pytest.mark.parametrize("wished", [True, False])
def test_R6_every_combination_of_what_was_shown_what_is_and_what_is_wished(
    world: World, seen: str, current: bool, wished: bool
) -> None:
    """The console has been on, off, and, for `current`, on again: what it was before now is its opposite."""
    save(world, console(world, False))
    if current:
        save(world, console(world, True))
    now = world.console().generation
    number = {"now": now, "before": now - 1, "never": 0, "forged": 77, "huge": 10**12}[seen]
    shown = {"now": current, "before": not current, "never": False}.get(seen, not wished)

    saved = save(world, replace(console(world, wished), seen=number))

    grant = world.console()
    if wished == current:
        assert (saved, grant.generation) == (Saved(), now)
    elif not wished and shown:
        assert (len(saved.changes), grant.generation, grant.allowed) == (1, now + 1, False)
    elif wished and not shown and seen == "now":
        assert (len(saved.changes), grant.generation, grant.allowed) == (1, now + 1, True)
    else:
        assert saved == Saved(conflicts=[grant])
        assert grant.generation == now


def test_R6_a_conflict_gives_nothing_and_still_takes_away(world: World) -> None:
    page = [console(world, True), own(world, True)]
    other = make_reseller()
    sell(world.customer, other)
    propagate()
    taken = wish(world.customer, other, False)
    save(world, console(world, False))  # the other admin

    saved = save(world, *page, taken)

    assert saved.conflicts == [world.console()]
    assert [change.grant for change in saved.changes] == [grant(world.customer, other)]
    assert not AccessGrant.objects.filter(subscription=world.own).exists()


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


def test_R12_turn_off_for_all_ends_everything_in_one_action(world: World, stranger: World) -> None:
    other = make_reseller()
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
    other = make_reseller()
    agent = make_person(Role.RESELLER_ADMIN, reseller=other)
    sell(world.customer, other)
    propagate()
    save(world, console(world, False))
    propagate()
    assert (may_enter(world.agent, world.customer), may_enter(agent, world.customer)) == (False, True)


@pytest.mark.parametrize("forged", ["reseller", "nobody", "subscription", "sold", "sold_by_another", "cancelled"])
def test_forged_ids_are_refused_and_change_nothing(world: World, stranger: World, forged: str) -> None:
    cancelled = sell(world.customer, None, "Google-Vault")
    from_other = sell(world.customer, make_reseller())
    type(cancelled).objects.filter(pk=cancelled.pk).update(status="CANCELLED", cancelled_at=cancelled.ordered_at)
    box = {
        "reseller": Wish(stranger.reseller.pk, None, True, 0),
        "nobody": Wish(10**12, None, True, 0),
        "subscription": Wish(world.reseller.pk, stranger.own.pk, True, 0),
        "sold": Wish(world.reseller.pk, world.sold.pk, True, 0),
        "sold_by_another": Wish(world.reseller.pk, from_other.pk, True, 0),
        "cancelled": Wish(world.reseller.pk, cancelled.pk, True, 0),
    }[forged]
    before = everything()
    with pytest.raises(AccessRefused) as refused:
        save(world, box)
    assert (refused.value.reseller_id, refused.value.subscription_id) == box.key
    assert everything() == before
    assert save(world, replace(box, allowed=False)) == Saved()
    assert everything() == before


def test_another_customers_boxes_do_not_open_or_close(world: World, stranger: World) -> None:
    """The admin of one customer sends the boxes of another one's page."""
    saved = save(world, wish(stranger.customer, stranger.reseller, False))
    assert saved == Saved()
    assert desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=stranger.reseller.pk) == []
    assert may_enter(stranger.agent, stranger.customer)


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
