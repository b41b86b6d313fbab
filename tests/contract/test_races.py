"""Two verbs about one customer at the same instant: the second waits for the first, and sees what it did."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from subscriptions.access.relation import sold_to
from subscriptions.lifecycle import cancel_subscription, transfer_subscription
from subscriptions.models import AccessGrant
from tests.access.world import World, grant, make_reseller, make_world, may_enter, sell

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 3  # seconds


def second_waits_for_first(first: Callable[[], object], second: Callable[[], object]) -> None:
    """Start `second` while the transaction of `first` is open, and commit that when `second` waits for a lock."""
    done_but_open = Event()

    def run_first() -> None:
        with transaction.atomic():
            first()
            done_but_open.set()
            wait_until_somebody_waits()
        connection.close()

    def run_second() -> None:
        assert done_but_open.wait(10 * PATIENCE)
        try:
            second()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for running in [pool.submit(run_first), pool.submit(run_second)]:
            running.result(timeout=10 * PATIENCE)


def wait_until_somebody_waits() -> None:
    """Give the other verb the time to get as far as it can; that it waits is not asked, only what comes of it."""
    deadline = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            # Not pg_stat_activity: it says the same until the end of the transaction that asks.
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)


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
    other, rival = sell(world.customer, world.reseller), make_reseller("Rival")
    second_waits_for_first(
        lambda: transfer_subscription(actor=None, subscription=other, reseller=rival),
        lambda: cancel_subscription(actor=None, subscription=world.sold),
    )
    assert_relation_follows_subscriptions(world, grant(world.customer, world.reseller))
    assert sold_to(world.customer, rival)
    assert grant(world.customer, rival).ended_at is None
