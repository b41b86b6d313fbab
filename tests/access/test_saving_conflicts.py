"""A form that was sent twice, is out of date or names what is not its own (R6)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from subscriptions.access import desired
from subscriptions.access.comparison import Desired
from subscriptions.access.desired import Saved
from subscriptions.access.errors import AccessRefused
from subscriptions.models import AccessGrant
from tests.access.boxes import console, everything, own, save
from tests.access.world import World, grant, may_enter, propagate, sell, wish
from tests.factories import put_reseller


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
    other = put_reseller()
    sell(world.customer, other)
    propagate()
    taken = wish(world.customer, other, False)
    save(world, console(world, False))  # the other admin

    saved = save(world, *page, taken)

    assert saved.conflicts == [world.console()]
    assert [change.grant for change in saved.changes] == [grant(world.customer, other)]
    assert not AccessGrant.objects.filter(subscription=world.own).exists()


@pytest.mark.parametrize("forged", ["reseller", "nobody", "subscription", "sold", "sold_by_another", "cancelled"])
def test_forged_ids_are_refused_and_change_nothing(world: World, stranger: World, forged: str) -> None:
    cancelled = sell(world.customer, None, "Google-Vault")
    from_other = sell(world.customer, put_reseller())
    type(cancelled).objects.filter(pk=cancelled.pk).update(status="CANCELLED", cancelled_at=cancelled.ordered_at)
    box = {
        "reseller": Desired(stranger.reseller.pk, None, True, 0),
        "nobody": Desired(10**12, None, True, 0),
        "subscription": Desired(world.reseller.pk, stranger.own.pk, True, 0),
        "sold": Desired(world.reseller.pk, world.sold.pk, True, 0),
        "sold_by_another": Desired(world.reseller.pk, from_other.pk, True, 0),
        "cancelled": Desired(world.reseller.pk, cancelled.pk, True, 0),
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
