"""What may be ordered, and how seats change (B5)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.roles import Role
from subscriptions import lifecycle
from subscriptions.lifecycle.terms import MOST_SEATS
from subscriptions.models import Licence
from subscriptions.models.subscription import COMMITMENT_PLANS, Plan
from tests.access.world import World
from tests.factories import put_person
from tests.subscriptions.lifecycle_world import (
    FREE,
    history,
    now,
    offer,
    on_plan,
    refusal,
    use,
)

ANNUAL = Plan.ANNUAL_MONTHLY_PAY


@pytest.fixture
def seller(world: World) -> Actor:
    return Actor(put_person(world.reseller, Role.RESELLER_ADMIN))


@pytest.mark.parametrize(
    ("plan", "seats", "says"),
    [
        (Plan.TRIAL, 11, "at most 10 seats"),
        (Plan.TRIAL, 0, "between 1 and"),
        (Plan.FLEXIBLE, None, "how many seats"),
        (Plan.FLEXIBLE, 0, "between 1 and 1,000,000"),
        (ANNUAL, MOST_SEATS + 1, "between 1 and 1,000,000"),
        (Plan.FREE, None, "not free"),
    ],
)
def test_B5_an_order_that_no_plan_allows_is_refused(world: World, plan: Plan, seats: int | None, says: str) -> None:
    with pytest.raises(Refused, match=says):
        lifecycle.order_subscription(
            actor=world.admin, customer=world.customer, reseller=None, offer=offer(plan, seats)
        )


@pytest.mark.parametrize(
    ("plan", "seats", "number", "maximum", "lasts"),
    [
        (Plan.TRIAL, 10, None, 10, 30),
        (Plan.TRIAL, None, None, 10, 30),
        (Plan.FLEXIBLE, 1, None, 1, None),
        (ANNUAL, MOST_SEATS, MOST_SEATS, None, 365),
        (Plan.ANNUAL_YEARLY_PAY, 7, 7, None, 365),
    ],
)
def test_B5_an_order_begins_its_plan(
    world: World, plan: Plan, seats: int | None, number: int | None, maximum: int | None, lasts: int | None
) -> None:
    bought = lifecycle.order_subscription(
        actor=world.admin, customer=world.customer, reseller=None, offer=offer(plan, seats)
    )
    assert (bought.number_of_seats, bought.maximum_number_of_seats) == (number, maximum)
    bought = now(bought)
    days = (bought.ends_at - bought.ordered_at).total_seconds() / 86400 if bought.ends_at else None
    assert days == (pytest.approx(lasts, abs=0.001) if lasts else None)
    assert (bought.renewal_type is not None) == (plan in COMMITMENT_PLANS)


def test_B5_what_is_free_has_no_plan_but_free_and_no_seats(world: World) -> None:
    for wrong in (offer(Plan.FLEXIBLE, 5, FREE), offer(Plan.FREE, 5, FREE)):
        with pytest.raises(Refused, match="free"):
            lifecycle.order_subscription(actor=None, customer=world.customer, reseller=None, offer=wrong)
    free = lifecycle.order_subscription(
        actor=None, customer=world.customer, reseller=None, offer=offer(Plan.FREE, None, FREE)
    )
    assert free.seats is None
    assert "no seats to change" in refusal(lifecycle.change_seats, actor=None, subscription=free, seats=5)
    assert "no other plan" in refusal(lifecycle.change_plan, actor=None, subscription=free, plan=Plan.FLEXIBLE)


def test_B5_a_second_live_one_of_a_sku_from_the_same_seller_is_refused(world: World, seller: Actor) -> None:
    sold: dict[str, Any] = {"actor": seller, "customer": world.customer, "reseller": world.reseller}
    first = lifecycle.order_subscription(**sold, offer=offer())
    with pytest.raises(Refused, match="Change its seats") as refused:
        lifecycle.order_subscription(**sold, offer=offer(ANNUAL, 3))
    assert refused.value.field == "sku"
    # From another seller, another SKU of the product, and once the first is cancelled: each is a decision of its own.
    lifecycle.order_subscription(actor=world.admin, customer=world.customer, reseller=None, offer=offer())
    lifecycle.order_subscription(**sold, offer=offer(sku="1010020020"))
    lifecycle.cancel_subscription(actor=seller, subscription=first)
    lifecycle.order_subscription(**sold, offer=offer())


@pytest.mark.parametrize("plan", COMMITMENT_PLANS)
def test_B5_an_annual_plan_never_loses_a_seat_before_it_renews(world: World, plan: Plan) -> None:
    bought = on_plan(world.customer, None, plan, 20)
    said = refusal(lifecycle.change_seats, actor=world.admin, subscription=bought, seats=19)
    assert "keeps its 20 seats until it renews on" in said and "current users" in said
    lifecycle.change_seats(actor=world.admin, subscription=bought, seats=21)
    assert now(bought).number_of_seats == 21
    assert "keeps its 21" in refusal(lifecycle.change_seats, actor=world.admin, subscription=bought, seats=20)


@pytest.mark.parametrize("plan", [Plan.FLEXIBLE, Plan.TRIAL])
def test_B5_flexible_and_trial_go_down_to_the_licences_in_use(world: World, plan: Plan) -> None:
    bought = on_plan(world.customer, None, plan, 10)
    use(bought, 4)
    Licence.objects.filter(subscription=bought).order_by("id").first().delete()
    said = refusal(lifecycle.change_seats, actor=world.admin, subscription=bought, seats=2)
    assert "3 licences are in use. Choose at least 3" in said
    lifecycle.change_seats(actor=world.admin, subscription=bought, seats=3)
    assert now(bought).maximum_number_of_seats == 3


def test_B5_a_trial_has_at_most_ten_seats(world: World) -> None:
    trial = on_plan(world.customer, None, Plan.TRIAL, 9)
    lifecycle.change_seats(actor=world.admin, subscription=trial, seats=10)
    said = refusal(lifecycle.change_seats, actor=world.admin, subscription=trial, seats=11)
    assert "at most 10 seats" in said and "paid plan" in said


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.sampled_from([ANNUAL, Plan.ANNUAL_YEARLY_PAY, Plan.FLEXIBLE, Plan.TRIAL]),
    had=st.integers(1, 10),
    asked=st.integers(-2, 14),
)
def test_B5_seats_change_exactly_where_the_rules_allow(world: World, plan: Plan, had: int, asked: int) -> None:
    bought = on_plan(world.customer, None, plan, had)
    use(bought, used := min(had, 3))
    least = had if plan in COMMITMENT_PLANS else used
    allowed = least <= asked <= (10 if plan == Plan.TRIAL else MOST_SEATS) and asked >= 1
    if allowed or asked == had:
        lifecycle.change_seats(actor=None, subscription=bought, seats=asked)
    else:
        refusal(lifecycle.change_seats, actor=None, subscription=bought, seats=asked)
    assert now(bought).seats == (asked if allowed else had)
    assert len(history(bought)) == (2 if allowed and asked != had else 1)
    Licence.objects.filter(subscription=bought).delete()
