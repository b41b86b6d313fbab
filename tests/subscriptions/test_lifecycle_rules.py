"""What a plan allows: seats, plan, renewal, suspension (B5, B6, B7). Each refusal says what is allowed instead."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import AuditEvent
from accounts.roles import Role
from subscriptions import lifecycle
from subscriptions.lifecycle.choices import steps_of
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
