"""Two confirmations at once, of two people or of one who clicks twice: what is done is what was shown, and once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import AuditEvent
from accounts.roles import Role
from subscriptions.lifecycle import change_seats
from subscriptions.models import Order, Subscription
from subscriptions.models.subscription import Plan
from tests.access.world import World, make_world
from tests.client import signed_in
from tests.factories import put_person
from tests.faults.crowd import another_session, eventually, waiting_for_a_lock
from tests.second_look import confirm, confirmation
from tests.subscriptions.lifecycle_world import PLUS, history, now, on_plan

pytestmark = pytest.mark.django_db(transaction=True)

# Who sends what.
Click = tuple[Client, Mapping[str, Any]]


@pytest.fixture
def world() -> World:
    return make_world()


@contextmanager
def somebody_else_at_work(world: World) -> Iterator[None]:
    """The customer is locked, so that both who are sent meanwhile have begun before either is done."""
    with another_session() as other:
        with other.cursor() as cursor:
            cursor.execute("SELECT FROM accounts_customer WHERE id = %s FOR NO KEY UPDATE", [world.customer.pk])
        yield
        eventually(lambda: waiting_for_a_lock() == 2)


def at_once(world: World, url: str, *clicks: Click) -> list[Any]:
    def send(click: Click) -> Any:
        client, data = click
        try:
            return client.post(url, data)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(clicks)) as pool:
        with somebody_else_at_work(world):
            sent = [pool.submit(send, click) for click in clicks]
        return [one.result(30) for one in sent]


def step_of(subscription: Subscription, step: str) -> str:
    kwargs = {"domain": subscription.customer.primary_domain, "subscription_id": subscription.pk, "step": step}
    return reverse("subscription_change", kwargs=kwargs)


@pytest.mark.parametrize("plan", [Plan.FLEXIBLE, Plan.ANNUAL_YEARLY_PAY])
def test_B5_of_two_who_change_seats_at_once_one_wins_and_the_other_reads_what_has_changed(
    world: World, plan: Plan
) -> None:
    bought = on_plan(world.customer, None, plan, 10)
    url, wanted = step_of(bought, "seats"), (12, 14)
    people = [world.admin.user, put_person(world.customer, Role.SUPER_ADMIN)]
    browsers = [signed_in(person) for person in people]
    clicks = [(b, confirmation(b, url, {"seats": seats})) for b, seats in zip(browsers, wanted, strict=True)]
    before, events = len(history(bought)), AuditEvent.objects.count()

    answers = at_once(world, url, *clicks)

    [winner] = [n for n, answer in enumerate(answers) if answer.status_code == 302]
    loser = 1 - winner
    assert now(bought).seats == wanted[winner]
    assert (len(history(bought)), AuditEvent.objects.count()) == (before + 1, events + 1)
    page = answers[loser].content.decode()
    if answers[loser].status_code == 422 and 'name="shown"' not in page:
        assert (plan, wanted[loser]) == (Plan.ANNUAL_YEARLY_PAY, 12), "fewer than the other has just committed to"
        return
    assert f"{wanted[winner]} → {wanted[loser]} seats" in page
    assert f'name="seats" value="{wanted[loser]}"' in page, "what was typed is still there"
    confirm(browsers[loser], url, {"seats": wanted[loser]})
    assert now(bought).seats == wanted[loser]
    assert len(history(bought)) == before + 2


@pytest.mark.parametrize("what", ["seats", "plan", "order"])
def test_B5_a_confirmation_that_is_clicked_twice_is_done_once(world: World, what: str) -> None:
    typed: dict[str, dict[str, Any]] = {
        "seats": {"seats": 12},
        "plan": {"plan": Plan.ANNUAL_MONTHLY_PAY, "seats": 12},
        "order": {"sku": PLUS, "plan": Plan.ANNUAL_MONTHLY_PAY, "seats": 12},
    }
    bought = on_plan(world.customer, None, Plan.FLEXIBLE, 10) if what != "order" else None
    buy = reverse("subscription_buy", kwargs={"domain": world.customer.primary_domain})
    url = step_of(bought, what) if bought else buy
    browser = signed_in(world.admin.user)
    sent = confirmation(browser, url, typed[what])
    assert sent.get("step") == "confirm"

    answers = at_once(world, url, (browser, sent), (signed_in(world.admin.user), sent))

    statuses = [answer.status_code for answer in answers]
    assert 302 in statuses
    if what == "order":
        assert statuses == [302, 302], "the second click reads what happened, not that there is one already"
        assert len({answer["Location"] for answer in answers}) == 1
    [subscription] = Subscription.objects.filter(customer=world.customer, sku=PLUS)
    assert subscription.seats == 12
    assert len(history(subscription)) == (2 if bought else 1)
    assert connection.in_atomic_block is False


@pytest.mark.parametrize("other", ["nothing", "person", "seats", "later", "changed since"])
def test_B1_only_the_same_order_of_the_same_person_is_a_second_click(world: World, other: str) -> None:
    buy = reverse("subscription_buy", kwargs={"domain": world.customer.primary_domain})
    browser = signed_in(world.admin.user)
    typed = {"sku": PLUS, "plan": Plan.ANNUAL_MONTHLY_PAY, "seats": 12}
    colleague = signed_in(put_person(world.customer, Role.SUPER_ADMIN))
    sent = confirmation(browser, buy, typed)
    again = confirmation(browser, buy, {**typed, "seats": 13}) if other == "seats" else sent
    assert browser.post(buy, sent).status_code == 302
    subscription = Subscription.objects.get(customer=world.customer, sku=PLUS)
    if other == "later":
        Order.objects.update(at=database_now() - timedelta(minutes=3))
    if other == "changed since":
        change_seats(actor=world.admin, subscription=subscription, seats=14)

    answer = (colleague if other == "person" else browser).post(buy, again)

    assert answer.status_code == (302 if other == "nothing" else 422)
    assert ("already" in answer.content.decode()) == (other != "nothing")
    assert len(history(subscription)) == (2 if other == "changed since" else 1)
