"""What becomes due by itself, and only once: trials, commitments, what was left (B6, B7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.clock import database_now
from accounts.errors import Refused
from accounts.models import AuditEvent
from reseller_console.celery import app
from subscriptions import lifecycle, tasks
from subscriptions.access.relation import sold_to
from subscriptions.lifecycle import settling, terms
from subscriptions.lifecycle.history import save_step
from subscriptions.lifecycle.settling import settle_due_subscriptions
from subscriptions.lifecycle.terms import begin_term, continue_term, end_of, next_year
from subscriptions.models import Subscription
from subscriptions.models.order import OrderKind
from subscriptions.models.subscription import Plan, RenewalType, Status, SuspensionReason
from subscriptions.seats import in_use
from tests.access.world import World, make_world
from tests.faults.crowd import eventually
from tests.races import second_waits_for_first
from tests.servers import CeleryWorker
from tests.subscriptions.lifecycle_world import VAULT, days_pass, history, now, offer, on_plan, refusal, use

MONTHLY, YEARLY = Plan.ANNUAL_MONTHLY_PAY, Plan.ANNUAL_YEARLY_PAY
GRACE = settings.SUBSCRIPTION_GRACE_DAYS


def months_later(moment: datetime | None, months: int) -> datetime:
    assert moment is not None
    return terms.months_later(moment, months)


def commitment(world: World, renewal: RenewalType, *, seats: int = 10, sku: str = VAULT) -> Subscription:
    bought = on_plan(world.customer, None, MONTHLY, seats, sku)
    lifecycle.change_renewal(actor=None, subscription=bought, renewal=renewal)
    return now(bought)


def test_B6_a_trial_is_suspended_when_its_thirty_days_are_over_and_not_before(world: World) -> None:
    trial = on_plan(world.customer, None, Plan.TRIAL)
    use(trial, 2)
    days_pass(trial, 29.99)
    assert (settle_due_subscriptions(), now(trial).status) == (0, Status.ACTIVE)
    days_pass(trial, 0.02)
    assert settle_due_subscriptions() == 1
    assert now(trial).suspension_reasons == [SuspensionReason.TRIAL_ENDED]
    assert in_use(trial) == 2
    assert settle_due_subscriptions() == 0
    assert history(trial) == ["ordered", "suspended"]
    event = AuditEvent.objects.filter(name="SUSPEND_SUBSCRIPTION").get()
    assert (event.actor_kind, event.new_value["reasons"]) == ("system", ["TRIAL_ENDED"])


@pytest.mark.parametrize(
    ("renewal", "plan", "seats"),
    [
        (RenewalType.AUTO_RENEW_MONTHLY_PAY, MONTHLY, 10),
        (RenewalType.AUTO_RENEW_YEARLY_PAY, YEARLY, 10),
        (RenewalType.RENEW_CURRENT_USERS_MONTHLY_PAY, MONTHLY, 3),
        (RenewalType.RENEW_CURRENT_USERS_YEARLY_PAY, YEARLY, 3),
    ],
)
def test_B7_a_commitment_renews_for_another_year(world: World, renewal: RenewalType, plan: Plan, seats: int) -> None:
    bought = commitment(world, renewal)
    use(bought, 3)
    days_pass(bought, 364.9)
    assert settle_due_subscriptions() == 0
    ended = days_pass(bought, 0.2).ends_at
    assert settle_due_subscriptions() == 1
    renewed = now(bought)
    assert (renewed.plan, renewed.number_of_seats, renewed.status) == (plan, seats, Status.ACTIVE)
    # The next year begins where the last one ended, and the choice holds for every year to come.
    assert (renewed.ends_at, renewed.renewal_type) == (months_later(ended, 12), renewal)
    assert settle_due_subscriptions() == 0
    assert history(bought).count("renewed") == 1


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  zone apart
@example(datetime(2027, 3, 15, 10, tzinfo=UTC))
@example(datetime(2028, 2, 29, 23, 59, tzinfo=UTC))
@example(datetime(2027, 12, 31, tzinfo=UTC))
def test_B7_a_year_is_a_calendar_year_and_the_29th_of_february_comes_back(beginning: datetime) -> None:
    bought = Subscription()
    begin_term(bought, YEARLY, 10, beginning)
    for years in range(1, 10):
        last = months_later(beginning, 12 * years)
        assert bought.ends_at == last
        assert (last.month, last.day) == (beginning.month, beginning.day) or (last.month, last.day) == (2, 28)
        continue_term(bought, MONTHLY if years % 2 else YEARLY, 10)
        assert bought.committed_at == beginning
    assert end_of(Plan.TRIAL, beginning) == beginning + timedelta(days=30)


def test_B7_the_years_are_counted_from_the_first_beginning(world: World) -> None:
    bought = commitment(world, RenewalType.AUTO_RENEW_YEARLY_PAY)
    assert bought.ends_at == months_later(bought.committed_at, 12)
    first = months_later(database_now(), -36)
    Subscription.objects.filter(pk=bought.pk).update(committed_at=first, ends_at=months_later(first, 36))
    settle_due_subscriptions()
    assert (now(bought).committed_at, now(bought).ends_at) == (first, months_later(first, 48))
    # A plan that begins by hand begins a new count.
    lifecycle.change_renewal(actor=None, subscription=bought, renewal=RenewalType.SWITCH_TO_PAY_AS_YOU_GO)
    days_pass(bought, 366)
    settle_due_subscriptions()
    assert now(bought).committed_at is None
    lifecycle.change_plan(actor=None, subscription=now(bought), plan=YEARLY)
    assert now(bought).ends_at == months_later(now(bought).committed_at, 12)
    assert now(bought).committed_at != first


def test_B7_terms_of_before_end_as_promised_and_are_counted_from_their_beginning(world: World) -> None:
    """They had 365 days: what ends on 28 February may have begun on the 29th."""
    migration = import_module("subscriptions.migrations.0007_years_of_a_commitment_are_calendar_years")
    rows = [commitment(world, RenewalType.CANCEL), on_plan(world.customer, world.reseller, YEARLY)]
    ends = [datetime(2029, 2, 28, 9, tzinfo=UTC), datetime(2028, 3, 14, 9, tzinfo=UTC)]
    for row, end in zip(rows, ends, strict=True):
        Subscription.objects.filter(pk=row.pk).update(ends_at=end, committed_at=None)
    with connection.cursor() as cursor:
        cursor.execute(migration.COUNT_FROM_THE_PRESENT_TERM)
    assert [now(row).ends_at for row in rows] == ends
    assert [now(row).committed_at for row in rows] == [
        datetime(2028, 2, 29, 9, tzinfo=UTC),
        datetime(2027, 3, 14, 9, tzinfo=UTC),
    ]
    assert next_year(now(rows[0]))[1] == datetime(2030, 2, 28, 9, tzinfo=UTC)


def test_B7_renewing_for_current_users_keeps_one_seat_at_least(world: World) -> None:
    bought = commitment(world, RenewalType.RENEW_CURRENT_USERS_YEARLY_PAY)
    days_pass(bought, 366)
    settle_due_subscriptions()
    assert now(bought).number_of_seats == 1


def test_B7_pay_as_you_go_becomes_flexible_with_the_same_seats(world: World) -> None:
    bought = commitment(world, RenewalType.SWITCH_TO_PAY_AS_YOU_GO)
    days_pass(bought, 366)
    assert settle_due_subscriptions() == 1
    flexible = now(bought)
    assert (flexible.plan, flexible.maximum_number_of_seats, flexible.number_of_seats) == (Plan.FLEXIBLE, 10, None)
    assert (flexible.renewal_type, flexible.ends_at) == (None, None)


def test_B7_what_was_not_to_renew_is_suspended_and_cancelled_a_month_later(world: World) -> None:
    bought = commitment(world, RenewalType.CANCEL)
    use(bought, 2)
    days_pass(bought, 365.1)
    assert settle_due_subscriptions() == 1
    assert now(bought).suspension_reasons == [SuspensionReason.RENEWAL_WITH_TYPE_CANCEL]
    days_pass(bought, GRACE - 0.2)
    assert (settle_due_subscriptions(), in_use(bought)) == (0, 2)
    days_pass(bought, 0.2)
    assert settle_due_subscriptions() == 1
    assert (now(bought).status, in_use(bought)) == (Status.CANCELLED, 0)
    assert settle_due_subscriptions() == 0
    assert history(bought)[-2:] == ["suspended", "cancelled"]


def test_B7_what_was_not_to_renew_is_taken_up_again_on_any_paid_plan_within_the_month(world: World) -> None:
    bought = commitment(world, RenewalType.CANCEL)
    use(bought, 2)
    days_pass(bought, 366)
    settle_due_subscriptions()
    for verb in (lifecycle.activate_subscription, lifecycle.change_renewal):
        asked: dict[str, Any] = (
            {"renewal": RenewalType.AUTO_RENEW_MONTHLY_PAY} if verb is lifecycle.change_renewal else {}
        )
        said = refusal(verb, actor=world.admin, subscription=bought, **asked)
        assert "Choose a plan to go on with" in said
    assert "2 licences" in refusal(lifecycle.change_plan, actor=world.admin, subscription=bought, plan=MONTHLY, seats=1)
    lifecycle.change_plan(actor=world.admin, subscription=bought, plan=MONTHLY, seats=2)
    again = now(bought)
    assert (again.status, again.plan, again.number_of_seats) == (Status.ACTIVE, MONTHLY, 2)
    assert settle_due_subscriptions() == 0


def test_R13_the_cancellation_of_what_was_left_ends_the_relation(world: World) -> None:
    lifecycle.cancel_subscription(actor=None, subscription=world.sold)
    sold = on_plan(world.customer, world.reseller, MONTHLY)
    lifecycle.change_renewal(actor=None, subscription=sold, renewal=RenewalType.CANCEL)
    days_pass(sold, 366 + GRACE)
    settle_due_subscriptions()
    assert sold_to(world.customer, world.reseller), "suspended is not cancelled"
    settle_due_subscriptions()
    assert not sold_to(world.customer, world.reseller)


def test_B6_what_its_reseller_suspended_waits_and_renews_from_the_day_it_is_reactivated(world: World) -> None:
    sold = on_plan(world.customer, world.reseller, MONTHLY)
    lifecycle.suspend_subscription(actor=None, subscription=sold)
    days_pass(sold, 3 * 365)
    assert settle_due_subscriptions() == 0
    lifecycle.activate_subscription(actor=None, subscription=sold)
    assert settle_due_subscriptions() == 1
    assert now(sold).ends_at > sold.ends_at - timedelta(days=3)
    assert settle_due_subscriptions() == 0


def test_one_that_cannot_be_settled_does_not_hold_up_the_others(world: World, stranger: World) -> None:
    """A row that the database refuses is tried again by the next run."""
    first, second = (on_plan(w.customer, None, Plan.TRIAL) for w in (world, stranger))
    days_pass(first, 40)
    days_pass(second, 31)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            f"ALTER TABLE subscriptions_order ADD CONSTRAINT refused CHECK (subscription_id <> {first.pk}) NOT VALID"
        )
    assert settle_due_subscriptions() == 1
    assert (now(first).status, now(second).status) == (Status.ACTIVE, Status.SUSPENDED)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE subscriptions_order DROP CONSTRAINT refused")
    assert settle_due_subscriptions() == 1


def test_what_another_worker_settled_since_it_was_found_is_not_settled_again(
    world: World, stranger: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run begins and ends while this one has its list in hand: each year begins once."""
    first, second = (on_plan(w.customer, None, YEARLY) for w in (world, stranger))
    days_pass(first, 367)
    due = days_pass(second, 366).ends_at
    runs: list[int] = []

    def another_run_in_between(kind: OrderKind, **step: Any) -> bool:
        written = save_step(kind, **step)
        if not runs:
            runs.append(0)
            runs.append(settle_due_subscriptions())
        return written

    monkeypatch.setattr(settling, "save_step", another_run_in_between)
    assert (settle_due_subscriptions(), runs) == (1, [0, 1])
    assert now(second).ends_at == months_later(due, 12)
    assert [history(bought).count("renewed") for bought in (first, second)] == [1, 1]


def test_the_schedule_runs_it() -> None:
    app.loader.import_default_modules()
    task, interval = settings.SWEEPS["subscriptions"]
    assert task == tasks.settle_due_subscriptions.name
    assert interval == settings.SUBSCRIPTION_SETTLE_INTERVAL


# --- Several at once -----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_settle_each_subscription_once() -> None:
    world = make_world()
    trial = on_plan(world.customer, None, Plan.TRIAL)
    days_pass(trial, 31)
    found: list[int] = []
    second_waits_for_first(
        lambda: found.append(settle_due_subscriptions()), lambda: found.append(settle_due_subscriptions())
    )
    assert sorted(found) == [0, 1]
    assert history(trial) == ["ordered", "suspended"]


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_killed_in_the_middle_leaves_the_rest_to_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worlds = [make_world() for _ in range(3)]
    trials = [on_plan(world.customer, None, Plan.TRIAL) for world in worlds]
    for days, trial in enumerate(reversed(trials), start=31):
        days_pass(trial, days)
    seen: list[int] = []

    def killed_at_the_second(kind: OrderKind, *, subscription: Subscription, **step: Any) -> bool:
        seen.append(subscription.pk)
        written = save_step(kind, subscription=subscription, **step)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return written

    with monkeypatch.context() as patch:
        patch.setattr(settling, "save_step", killed_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            settle_due_subscriptions()
    assert [now(trial).status for trial in trials] == ["SUSPENDED", "ACTIVE", "ACTIVE"]
    assert settle_due_subscriptions() == 2
    assert [history(trial) for trial in trials] == [["ordered", "suspended"]] * 3


@pytest.mark.django_db(transaction=True)
def test_B5_of_two_seat_changes_at_once_the_second_sees_what_the_first_did() -> None:
    """An annual plan raised to 30 is not lowered to 20 by somebody who still saw 10."""
    world = make_world()
    bought = on_plan(world.customer, None, MONTHLY, 10)
    said: list[str] = []
    second_waits_for_first(
        lambda: lifecycle.change_seats(actor=None, subscription=bought, seats=30),
        lambda: said.append(refusal_at_once(bought, 20)),
    )
    assert "keeps its 30 seats" in said[0]
    assert (now(bought).seats, history(bought)) == (30, ["ordered", "seats_changed"])


def refusal_at_once(subscription: Subscription, seats: int) -> str:
    with pytest.raises(Refused) as refused:
        lifecycle.change_seats(actor=None, subscription=subscription, seats=seats)
    return refused.value.message


@pytest.mark.django_db(transaction=True)
def test_B5_two_orders_of_the_same_product_at_once_are_one() -> None:
    world = make_world()
    said: list[str] = []

    def second() -> None:
        with pytest.raises(Refused, match="already") as refused:
            lifecycle.order_subscription(actor=world.admin, customer=world.customer, reseller=None, offer=offer())
        said.append(str(refused.value))

    second_waits_for_first(
        lambda: lifecycle.order_subscription(actor=world.admin, customer=world.customer, reseller=None, offer=offer()),
        second,
    )
    assert len(said) == 1
    assert Subscription.objects.filter(customer=world.customer, sku=offer().sku).count() == 1


def test_a_real_worker_settles_what_is_due(celery_worker_process: CeleryWorker) -> None:
    world = make_world()
    trial = on_plan(world.customer, None, Plan.TRIAL)
    days_pass(trial, 31)
    app.send_task("subscriptions.lifecycle.tasks.settle_due_subscriptions")
    eventually(lambda: now(trial).status == Status.SUSPENDED)
