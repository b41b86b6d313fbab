"""Use over time: right at the borders of months, in the reader's time zone, with the seats of each moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models.audit_event import ActorKind
from subscriptions.licence_use import MONTHS, use_over_time
from subscriptions.models import Licence, Order, Subscription
from subscriptions.models.order import OrderKind
from tests.access.world import World
from tests.subscriptions.licence_world import make_people

PARIS = "Europe/Paris"


def first_of_month(back: int, zone: str = "UTC") -> datetime:
    """The instant at which a month began in a time zone; back: how many months ago."""
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    number = today.year * 12 + today.month - 1 - back
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def add(world: World, assigned: datetime, revoked: datetime | None = None) -> None:
    person = make_people(world.customer, 1).get()
    Licence.objects.create(
        customer=world.customer,
        subscription=world.sold,
        user=person,
        product=world.sold.sku.product,
        assigned_at=assigned,
        revoked_at=revoked,
    )


def numbers(world: World, zone: str = "UTC") -> list[int]:
    return [month.in_use for month in use_over_time(world.sold, zone)]


def seats_over_time(world: World) -> list[int | None]:
    return [month.seats for month in use_over_time(Subscription.objects.get(pk=world.sold.pk), "UTC")]


def ordered(world: World, at: datetime, seats: int | None) -> None:
    Order.objects.create(
        subscription=world.sold, kind=OrderKind.SEATS_CHANGED, at=at, actor_kind=ActorKind.SYSTEM, seats=seats
    )


@pytest.fixture
def without_orders(world: World) -> World:
    Order.objects.filter(subscription=world.sold).delete()
    return world


def test_it_has_the_last_twelve_months_up_to_now(world: World) -> None:
    months = [month.month for month in use_over_time(world.sold, "UTC")]
    assert months == [first_of_month(back).date() for back in reversed(range(MONTHS))]


def test_a_licence_counts_at_the_end_of_each_month_in_which_it_was_held(world: World) -> None:
    add(world, first_of_month(3), first_of_month(1) + timedelta(days=1))
    assert numbers(world)[-5:] == [0, 1, 1, 0, 0]


def test_one_assigned_and_revoked_within_a_month_shows_in_none(world: World) -> None:
    add(world, first_of_month(2) + timedelta(days=1), first_of_month(2) + timedelta(days=2))
    assert sum(numbers(world)) == 0


def test_the_border_belongs_to_the_month_that_begins(world: World) -> None:
    """Assigned at midnight of the first: not in the month before. Revoked then: still held at its end."""
    add(world, first_of_month(2))
    assert numbers(world)[-4:] == [0, 1, 1, 1]
    add(world, first_of_month(2) - timedelta(microseconds=1))
    assert numbers(world)[-4:] == [1, 2, 2, 2]
    add(world, first_of_month(5), first_of_month(2))
    assert numbers(world)[-4:] == [2, 2, 2, 2]


def test_the_running_month_ends_now(world: World) -> None:
    add(world, timezone.now() - timedelta(seconds=5))
    add(world, timezone.now() + timedelta(days=40))
    assert numbers(world)[-1] == 1


def test_a_month_ends_in_the_time_zone_of_the_reader(world: World) -> None:
    """Half an hour after midnight in Paris it is still the day before in UTC, in summer and in winter."""
    begun = first_of_month(3, PARIS).astimezone(ZoneInfo(PARIS)).date()
    before = (begun - timedelta(days=1)).replace(day=1)
    add(world, first_of_month(3, PARIS) + timedelta(minutes=30))
    in_paris = {month.month: month.in_use for month in use_over_time(world.sold, PARIS)}
    in_utc = {month.month: month.in_use for month in use_over_time(world.sold, "UTC")}
    assert (in_paris[before], in_paris[begun]) == (0, 1)
    assert (in_utc[before], in_utc[begun]) == (1, 1)
    assert list(in_paris)[-2] == first_of_month(1, PARIS).astimezone(ZoneInfo(PARIS)).date()


def test_licences_of_others_are_not_counted(world: World, stranger: World) -> None:
    add(stranger, first_of_month(3))
    assert sum(numbers(world)) == 0


def test_seats_follow_the_order_history(without_orders: World) -> None:
    world = without_orders
    ordered(world, first_of_month(4) + timedelta(days=3), 5)
    ordered(world, first_of_month(2) - timedelta(seconds=1), 8)
    ordered(world, first_of_month(2), 9)
    assert seats_over_time(world)[-6:] == [None, 5, 8, 9, 9, 10]


def test_without_history_the_seats_of_now_count_since_the_order(without_orders: World) -> None:
    world = without_orders
    Subscription.objects.filter(pk=world.sold.pk).update(ordered_at=first_of_month(2) + timedelta(days=3))
    assert seats_over_time(world)[-4:] == [None, 10, 10, 10]


def test_it_is_one_query(world: World) -> None:
    add(world, first_of_month(2))
    with CaptureQueriesContext(connection) as queries:
        found = use_over_time(world.sold, PARIS)
    assert len(queries) == 1
    assert isinstance(found[0].month, date)
