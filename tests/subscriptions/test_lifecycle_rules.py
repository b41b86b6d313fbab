"""What a plan allows: seats, plan, renewal, suspension (B5, B6, B7). Each refusal says what is allowed instead."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import AuditEvent
from accounts.roles import Role
from subscriptions import lifecycle
from subscriptions.lifecycle.choices import steps_of
from subscriptions.lifecycle.terms import MOST_SEATS
from subscriptions.models import Licence, Order, Subscription
from subscriptions.models.subscription import COMMITMENT_PLANS, Plan, RenewalType, Status, SuspensionReason
from subscriptions.seats import in_use
from tests.access.world import World, propagate, visible
from tests.factories import put_person
from tests.subscriptions.lifecycle_world import (
    FREE,
    PLUS,
    VAULT,
    days_pass,
    history,
    now,
    offer,
    on_plan,
    refusal,
    suspend_for,
    trail_after,
    use,
)

ANNUAL = Plan.ANNUAL_MONTHLY_PAY


@pytest.fixture
def seller(world: World) -> Actor:
    return Actor(put_person(world.reseller, Role.RESELLER_ADMIN))


# --- Orders ------------------------------------------------------------------------------------------


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


# --- Seats -------------------------------------------------------------------------------------------


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


# --- Plan and renewal --------------------------------------------------------------------------------


def test_B5_a_flexible_plan_becomes_annual_and_the_commitment_begins_today(world: World) -> None:
    bought = on_plan(world.customer, None, Plan.FLEXIBLE, 10)
    use(bought, 4)
    said = refusal(lifecycle.change_plan, actor=world.admin, subscription=bought, plan=ANNUAL, seats=3)
    assert "4 licences are in use" in said
    lifecycle.change_plan(actor=world.admin, subscription=bought, plan=ANNUAL, seats=4)
    bought = now(bought)
    assert (bought.plan, bought.number_of_seats, bought.maximum_number_of_seats) == (ANNUAL, 4, None)
    assert bought.renewal_type == RenewalType.AUTO_RENEW_MONTHLY_PAY and bought.ends_at is not None
    said = refusal(lifecycle.change_plan, actor=world.admin, subscription=bought, plan=Plan.FLEXIBLE)
    assert "lasts until" in said and "renewal setting" in said
    assert lifecycle.change_plan(actor=world.admin, subscription=bought, plan=ANNUAL) == bought
    assert history(bought) == ["ordered", "plan_changed"]


@pytest.mark.parametrize("target", [Plan.TRIAL, Plan.FREE])
def test_B5_nobody_goes_back_to_a_trial_or_to_free(world: World, target: Plan) -> None:
    bought = on_plan(world.customer, None, Plan.FLEXIBLE)
    assert "Choose a flexible plan" in refusal(
        lifecycle.change_plan, actor=world.admin, subscription=bought, plan=target
    )
    trial = on_plan(world.customer, None, Plan.TRIAL, sku=VAULT)
    assert "starting the paid service" in refusal(
        lifecycle.change_plan, actor=world.admin, subscription=trial, plan=Plan.FLEXIBLE
    )
    assert "Choose a flexible" in refusal(
        lifecycle.start_paid_service, actor=world.admin, subscription=trial, plan=target
    )


@pytest.mark.parametrize("plan", Plan)
def test_B7_only_commitment_plans_have_a_renewal(world: World, plan: Plan) -> None:
    sku, seats = (FREE, None) if plan == Plan.FREE else (PLUS, 10)
    bought = on_plan(world.customer, None, plan, seats, sku)
    asked: dict[str, Any] = {"actor": world.admin, "subscription": bought, "renewal": RenewalType.CANCEL}
    if plan in COMMITMENT_PLANS:
        lifecycle.change_renewal(**asked)
        lifecycle.change_renewal(**asked)
        assert (now(bought).renewal_type, history(bought)) == (RenewalType.CANCEL, ["ordered", "renewal_changed"])
    else:
        assert "Only annual plans renew" in refusal(lifecycle.change_renewal, **asked)


def test_B5_a_trial_starts_its_paid_service_while_it_lasts_and_after_it_ended(world: World) -> None:
    running = on_plan(world.customer, None, Plan.TRIAL, 10)
    ended = suspend_for(on_plan(world.customer, None, Plan.TRIAL, 10, VAULT), SuspensionReason.TRIAL_ENDED)
    for trial in (running, ended):
        lifecycle.start_paid_service(actor=world.admin, subscription=trial, plan=ANNUAL, seats=12)
        paid = now(trial)
        assert (paid.status, paid.plan, paid.number_of_seats, paid.suspension_reasons) == ("ACTIVE", ANNUAL, 12, [])
        assert "This is no trial" in refusal(lifecycle.start_paid_service, actor=world.admin, subscription=trial)
        assert history(trial) == ["ordered", "paid_service_started"]


# --- Suspended, cancelled ----------------------------------------------------------------------------


def test_B6_a_reseller_suspends_and_reactivates_what_it_sold(world: World, seller: Actor) -> None:
    sold = on_plan(world.customer, world.reseller, ANNUAL)
    use(sold, 2)
    lifecycle.suspend_subscription(actor=seller, subscription=sold)
    lifecycle.suspend_subscription(actor=seller, subscription=sold)
    assert now(sold).suspension_reasons == [SuspensionReason.RESELLER_INITIATED]
    assert "Reactivate it first" in refusal(lifecycle.change_seats, actor=seller, subscription=sold, seats=50)
    lifecycle.activate_subscription(actor=seller, subscription=sold)
    lifecycle.activate_subscription(actor=seller, subscription=sold)
    assert (now(sold).status, in_use(sold)) == (Status.ACTIVE, 2)
    assert history(sold) == ["ordered", "suspended", "activated"]
    assert trail_after(sold) == ["ORDER_SUBSCRIPTION", "SUSPEND_SUBSCRIPTION", "ACTIVATE_SUBSCRIPTION"]


@pytest.mark.parametrize("plan", [Plan.TRIAL, Plan.FREE])
def test_B6_only_a_paid_subscription_is_suspended(world: World, seller: Actor, plan: Plan) -> None:
    sku, seats = (FREE, None) if plan == Plan.FREE else (PLUS, 10)
    sold = on_plan(world.customer, world.reseller, plan, seats, sku)
    assert "Only a paid" in refusal(lifecycle.suspend_subscription, actor=seller, subscription=sold)
    assert "Only a reseller suspends" in refusal(
        lifecycle.suspend_subscription, actor=world.admin, subscription=world.own
    )


@pytest.mark.parametrize("other", [reason for reason in SuspensionReason if reason != "RESELLER_INITIATED"])
def test_B6_what_somebody_else_suspended_is_not_reactivated(
    world: World, seller: Actor, other: SuspensionReason
) -> None:
    """Also where the reseller suspended it too."""
    sold = on_plan(world.customer, world.reseller, ANNUAL)
    for reasons in ([other], [SuspensionReason.RESELLER_INITIATED, other]):
        suspend_for(sold, *reasons)
        assert refusal(lifecycle.activate_subscription, actor=seller, subscription=sold)
        assert refusal(lifecycle.suspend_subscription, actor=seller, subscription=sold)


@pytest.mark.parametrize(
    ("verb", "asked"),
    [
        (lifecycle.change_seats, {"seats": 99}),
        (lifecycle.change_plan, {"plan": ANNUAL}),
        (lifecycle.change_renewal, {"renewal": RenewalType.CANCEL}),
        (lifecycle.suspend_subscription, {}),
        (lifecycle.activate_subscription, {}),
    ],
)
def test_B6_nothing_is_changed_after_the_cancellation(
    world: World, seller: Actor, verb: Any, asked: dict[str, Any]
) -> None:
    sold = on_plan(world.customer, world.reseller, Plan.FLEXIBLE)
    lifecycle.cancel_subscription(actor=seller, subscription=sold)
    assert "cancelled. Order a new one" in refusal(verb, actor=seller, subscription=sold, **asked)
    assert steps_of(now(sold)) == []
    lifecycle.cancel_subscription(actor=seller, subscription=sold)
    assert history(sold) == ["ordered", "cancelled"]


def test_R13_cancelling_releases_the_licences_with_one_event_each(world: World, seller: Actor) -> None:
    sold, kept = on_plan(world.customer, world.reseller, ANNUAL), on_plan(world.customer, None, ANNUAL, sku=VAULT)
    use(sold, 3)
    use(kept, 2)
    lifecycle.cancel_subscription(actor=seller, subscription=sold)
    assert (in_use(sold), in_use(kept), Licence.objects.filter(subscription=sold).count()) == (0, 2, 3)
    revoked = AuditEvent.objects.filter(name="USER_LICENSE_REVOKE", customer_id=world.customer.pk)
    holders = set(Licence.objects.filter(subscription=sold).values_list("user__email", flat=True))
    assert set(revoked.values_list("subject", flat=True)) == holders
    assert set(revoked.values_list("actor_email", flat=True)) == {seller.user.email}


def test_cancelling_costs_the_same_for_many_licences(world: World) -> None:
    counts = []
    for number in (1, 60):
        bought = on_plan(world.customer, None, Plan.FLEXIBLE, 100)
        use(bought, number)
        with CaptureQueriesContext(connection) as queries:
            lifecycle.cancel_subscription(actor=None, subscription=bought)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- The history -------------------------------------------------------------------------------------


def test_A1_each_step_is_one_line_and_one_event_by_whom_it_was(world: World, seller: Actor) -> None:
    sold = lifecycle.order_subscription(
        actor=seller, customer=world.customer, reseller=world.reseller, offer=offer(ANNUAL, 10)
    )
    lifecycle.change_seats(actor=seller, subscription=sold, seats=15)
    lifecycle.change_renewal(actor=seller, subscription=sold, renewal=RenewalType.CANCEL)
    lifecycle.cancel_subscription(actor=None, subscription=sold)
    lines = list(Order.objects.filter(subscription=sold).order_by("id"))
    assert [(line.kind, line.seats, line.actor_email, line.actor_kind) for line in lines] == [
        ("ordered", 10, seller.user.email, "reseller"),
        ("seats_changed", 15, seller.user.email, "reseller"),
        ("renewal_changed", 15, seller.user.email, "reseller"),
        ("cancelled", 15, "", "system"),
    ]
    assert {line.reseller for line in lines} == {world.reseller}
    assert (lines[1].old_value, lines[1].new_value) == ({"seats": 10}, {"seats": 15})
    assert trail_after(sold) == [
        "ORDER_SUBSCRIPTION",
        "CHANGE_SUBSCRIPTION_SEATS",
        "CHANGE_SUBSCRIPTION_RENEWAL",
        "CANCEL_SUBSCRIPTION",
    ]


def test_R13_a_transfer_writes_a_line_of_the_new_seller_and_checks_its_seats(world: World, stranger: World) -> None:
    sold = on_plan(world.customer, world.reseller, ANNUAL, 10)
    use(sold, 2)
    with pytest.raises(Refused, match="keeps its 10 seats"):
        lifecycle.transfer_subscription(actor=None, subscription=sold, reseller=stranger.reseller, seats=9)
    lifecycle.transfer_subscription(actor=None, subscription=sold, reseller=stranger.reseller, seats=12)
    line = Order.objects.filter(subscription=sold).latest("id")
    assert (line.kind, line.reseller, line.seats) == ("transferred", stranger.reseller, 12)
    assert line.old_value == {"seats": 10, "reseller": world.reseller.name}
    assert (now(sold).reseller, now(sold).number_of_seats, in_use(sold)) == (stranger.reseller, 12, 2)


def test_R3_what_is_bought_from_the_vendor_is_open_to_no_reseller(world: World) -> None:
    propagate()
    before = visible(world.agent, world.customer)
    lifecycle.order_subscription(actor=world.admin, customer=world.customer, reseller=None, offer=offer())
    propagate()
    assert visible(world.agent, world.customer) == before
    assert Subscription.objects.filter(customer=world.customer, reseller=None).count() == 2


def test_days_pass_moves_the_end(world: World) -> None:
    """The clock of these tests itself."""
    trial = on_plan(world.customer, None, Plan.TRIAL)
    assert days_pass(trial, 30).ends_at < trial.ends_at
