"""Two verbs about one customer at the same instant: the second waits for the first, and sees what it did."""

from __future__ import annotations

import pytest

from subscriptions.access.relation import sold_to
from subscriptions.lifecycle import cancel_subscription, transfer_subscription
from subscriptions.models import AccessGrant
from tests.access.world import World, grant, make_world, may_enter, sell
from tests.factories import put_reseller
from tests.races import second_waits_for_first

pytestmark = pytest.mark.django_db(transaction=True)


def assert_relation_follows_subscriptions(world: World, access: AccessGrant) -> None:
    """R13: a relation lives exactly as long as there is a live subscription."""
    lives = sold_to(access.customer, access.reseller)
    assert (access.ended_at is None) == lives
    assert access.allowed == lives
    assert may_enter(world.agent, world.customer) == lives


def test_R13_cancelling_the_last_subscription_while_another_is_ordered_keeps_the_relation() -> None:
    world = make_world()
    second_waits_for_first(
        lambda: sell(world.customer, world.reseller),
        lambda: cancel_subscription(actor=None, subscription=world.sold),
    )
    assert sold_to(world.customer, world.reseller)
    assert_relation_follows_subscriptions(world, grant(world.customer, world.reseller))


def test_R13_two_last_subscriptions_cancelled_at_once_end_the_relation() -> None:
    world = make_world()
    other = sell(world.customer, world.reseller)
    second_waits_for_first(
        lambda: cancel_subscription(actor=None, subscription=world.sold),
        lambda: cancel_subscription(actor=None, subscription=other),
    )
    assert not sold_to(world.customer, world.reseller)
    assert_relation_follows_subscriptions(world, grant(world.customer, world.reseller))


def test_R13_the_last_one_transferred_while_the_other_is_cancelled_ends_the_relation() -> None:
    world = make_world()
    other, rival = sell(world.customer, world.reseller), put_reseller("Rival")
    second_waits_for_first(
        lambda: transfer_subscription(actor=None, subscription=other, reseller=rival),
        lambda: cancel_subscription(actor=None, subscription=world.sold),
    )
    assert_relation_follows_subscriptions(world, grant(world.customer, world.reseller))
    assert sold_to(world.customer, rival)
    assert grant(world.customer, rival).ended_at is None
