"""The pages of buying and changing, and the order history (B1, B2, B5)."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.roles import Role
from subscriptions import lifecycle
from subscriptions.access.desired import save_reseller_access
from subscriptions.lifecycle.settling import settle_due_subscriptions
from subscriptions.models import Order, Subscription
from subscriptions.models.subscription import Plan, RenewalType, Status
from tests.access.world import World, propagate, wish
from tests.client import main_text_of as text
from tests.client import signed_in
from tests.client import url_of as url
from tests.factories import put_person
from tests.second_look import confirm, confirmation
from tests.subscriptions.lifecycle_world import FREE, PLUS, VAULT, days_pass, now, on_plan, use
from tests.web.orders.world import page, step, steps_on


def test_B2_buying_asks_says_what_it_means_and_orders_when_confirmed(world: World, admin: Client) -> None:
    buy = url("subscription_buy", world.customer)
    listed = admin.get(url("subscriptions", world.customer))
    assert buy in listed.content.decode()
    form = admin.get(buy)
    assert "Google Workspace" in text(form) and "Annual plan, paid yearly" in text(form)
    data = {"sku": PLUS, "plan": "ANNUAL_YEARLY_PAY", "seats": "25"}
    review = admin.post(buy, {**data, "step": "review"})
    assert "a commitment to 25 seats until" in text(review) and "open to no reseller" in text(review)
    assert not Subscription.objects.filter(sku=PLUS).exists()
    again = admin.post(buy, {**data, "step": "edit"})
    assert 'value="25"' in again.content.decode() and "Continue" in text(again)
    done = confirm(admin, buy, data, follow=True)
    bought = Subscription.objects.get(sku=PLUS)
    assert (bought.customer, bought.reseller, bought.seats) == (world.customer, None, 25)
    assert done.redirect_chain[-1][0] == page(bought)
    assert "was ordered" in done.content.decode()


@pytest.mark.parametrize("step_name", ["review", "confirm"])
@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"sku": PLUS, "plan": "TRIAL", "seats": "11"}, "at most 10 seats"),
        ({"sku": PLUS, "plan": "FLEXIBLE", "seats": ""}, "Say how many seats"),
        ({"sku": FREE, "plan": "FLEXIBLE", "seats": "5"}, "This product is free"),
        ({"sku": "1010330004", "plan": "FLEXIBLE", "seats": "5"}, "Change its seats or its plan"),
        ({"sku": "no-such", "plan": "FLEXIBLE", "seats": "5"}, "valid choice"),
        ({"sku": PLUS, "plan": "NEVER", "seats": "5"}, "valid choice"),
        ({"sku": PLUS, "plan": "FLEXIBLE", "seats": "99999999999999999999"}, "less than or equal to"),
        ({}, "required"),
    ],
)
def test_what_is_wrong_with_an_order_is_said_and_what_was_typed_stays(
    world: World, admin: Client, data: dict[str, str], says: str, step_name: str
) -> None:
    before = Subscription.objects.count()
    response = admin.post(url("subscription_buy", world.customer), {**data, "step": step_name})
    assert response.status_code == 422
    assert says in text(response)
    assert Subscription.objects.count() == before
    if data.get("seats"):
        assert f'value="{data["seats"]}"' in response.content.decode()


def test_B5_other_seats_are_shown_in_words_and_more_than_double_is_typed_again(world: World, admin: Client) -> None:
    bought = on_plan(world.customer, None, Plan.ANNUAL_YEARLY_PAY, 60)
    change = step(bought, "seats")
    asked = admin.post(change, {"seats": "600"})
    said = text(asked)
    assert asked.status_code == 200
    assert "60 → 600 seats, from now on" in said
    assert "600 seats are a commitment until" in said
    assert "That is more than double. Type 600 to confirm it" in said
    sent = confirmation(admin, change, {"seats": "600"})
    for typed in ("", "60", "6000"):
        refused = admin.post(change, {**sent, "typed": typed})
        assert refused.status_code == 422
        assert 'name="seats" value="600"' in refused.content.decode()
    assert now(bought).seats == 60
    edited = admin.post(change, {**sent, "step": "edit"})
    assert 'value="600"' in edited.content.decode() and "Type 600" not in text(edited)
    assert "It has 600 seats now" in text(admin.post(change, {**sent, "typed": " 6 00"}, follow=True))
    assert now(bought).seats == 600
    assert "Type" not in text(admin.post(change, {"seats": "1200"})), "double is not more than double"


def test_B5_what_was_not_shown_as_it_is_now_is_shown_again(world: World, admin: Client) -> None:
    bought = on_plan(world.customer, None, Plan.FLEXIBLE, 60)
    change, orders = step(bought, "seats"), Order.objects.count()
    sent = confirmation(admin, change, {"seats": "100"})
    for old in ({"seats": "100"}, {"seats": "100", "step": "confirm"}, {**sent, "shown": "0" * 64}):
        assert "60 → 100 seats" in text(admin.post(change, old))
    other = admin.post(change, {**sent, "seats": "101"})
    assert other.status_code == 422 and "60 → 101 seats" in text(other)
    lifecycle.change_seats(actor=None, subscription=bought, seats=40)
    meanwhile = text(admin.post(change, sent))
    assert "Not done yet: this has changed since it was shown" in meanwhile
    assert "40 → 100 seats" in meanwhile and "Type 100 to confirm" in meanwhile
    assert now(bought).seats == 40
    assert Order.objects.count() == orders + 1, "what is only tried leaves nothing behind"
    confirm(admin, change, {"seats": "100"})
    assert now(bought).seats == 100


def test_B5_a_plan_that_binds_is_shown_before_it_begins(world: World, admin: Client) -> None:
    bought = on_plan(world.customer, None, Plan.FLEXIBLE, 60)
    chosen = {"plan": "ANNUAL_YEARLY_PAY", "seats": "600"}
    said = text(admin.post(step(bought, "plan"), chosen))
    assert "Flexible plan with 60 seats → Annual plan, paid yearly with 600 seats." in said
    assert "a commitment to 600 seats until" in said and "Type 600 to confirm it" in said
    assert now(bought).plan == Plan.FLEXIBLE
    confirm(admin, step(bought, "plan"), chosen)
    assert (now(bought).plan, now(bought).seats) == (Plan.ANNUAL_YEARLY_PAY, 600)


def test_B5_an_order_is_placed_only_as_it_was_shown(world: World, admin: Client) -> None:
    buy = url("subscription_buy", world.customer)
    data = {"sku": PLUS, "plan": "ANNUAL_YEARLY_PAY", "seats": "25"}
    sent = confirmation(admin, buy, data)
    for forged in ({**data, "step": "confirm"}, {**sent, "seats": "250"}, {**sent, "sku": VAULT}):
        assert "Check your order" in text(admin.post(buy, forged))
    assert not Subscription.objects.filter(sku__in=[PLUS, VAULT], customer=world.customer).exists()
    admin.post(buy, sent)
    assert Subscription.objects.get(sku=PLUS).seats == 25


def test_B2_steps_are_offered_for_what_was_bought_from_the_vendor_only(world: World, admin: Client) -> None:
    assert steps_on(admin.get(page(world.own))) == ["seats", "plan", "sku", "cancel"]
    assert steps_on(admin.get(page(world.sold))) == []
    assert admin.get(step(world.sold, "seats")).status_code == 404
    assert admin.post(step(world.sold, "cancel")).status_code == 404
    assert now(world.sold).status == Status.ACTIVE
    auditor = signed_in(put_person(world.customer, Role.AUDITOR))
    assert steps_on(auditor.get(page(world.own))) == []
    assert auditor.get(step(world.own, "seats")).status_code == 403


@pytest.mark.parametrize(
    ("plan", "steps"),
    [
        (Plan.ANNUAL_MONTHLY_PAY, ["seats", "sku", "renewal", "cancel"]),
        (Plan.FLEXIBLE, ["seats", "plan", "sku", "cancel"]),
        (Plan.TRIAL, ["paid-service", "seats", "sku", "cancel"]),
        (Plan.FREE, ["cancel"]),
    ],
)
def test_B5_a_page_offers_what_its_plan_allows_and_each_step_opens(
    world: World, admin: Client, plan: Plan, steps: list[str]
) -> None:
    sku, seats = (FREE, None) if plan == Plan.FREE else (PLUS, 10)
    bought = on_plan(world.customer, None, plan, seats, sku)
    assert steps_on(admin.get(page(bought))) == steps
    for name in ("seats", "plan", "sku", "renewal", "paid-service", "hand-back", "cancel"):
        response = admin.get(step(bought, name))
        assert response.status_code == (200 if name in steps else 302), name
    assert admin.get(step(bought, "dance")).status_code == 404


def test_B5_a_refused_step_says_what_is_allowed_and_keeps_what_was_typed(world: World, admin: Client) -> None:
    bought = on_plan(world.customer, None, Plan.ANNUAL_MONTHLY_PAY, 20)
    response = admin.post(step(bought, "seats"), {"seats": "7"})
    assert response.status_code == 422
    assert "keeps its 20 seats until it renews on" in text(response)
    assert 'value="7"' in response.content.decode()
    # A form that was open while things changed: the verb decides, in words.
    stale = admin.post(step(bought, "plan"), {"plan": "FLEXIBLE", "seats": "20"})
    assert (stale.status_code, "renewal setting" in text(stale)) == (422, True)
    assert now(bought).seats == 20


def test_the_steps_do_what_they_say(world: World, admin: Client) -> None:
    trial = on_plan(world.customer, None, Plan.TRIAL)
    sent = [
        (
            "paid-service",
            {"plan": "FLEXIBLE", "seats": "12"},
            "The paid service has begun. Flexible plan. It has 12 seats now.",
        ),
        ("seats", {"seats": "15"}, "The seats were changed. It has 15 seats now."),
        (
            "plan",
            {"plan": "ANNUAL_MONTHLY_PAY", "seats": "15"},
            "The plan was changed. Annual plan, paid monthly. It has 15 seats now.",
        ),
        ("renewal", {"renewal": "RENEW_CURRENT_USERS_YEARLY_PAY"}, "The renewal setting was changed. Renews for"),
        ("cancel", {}, "The subscription was cancelled"),
    ]
    for name, data, says in sent:
        response = confirm(admin, step(trial, name), data, follow=True)
        assert says in response.content.decode(), name
        assert response.redirect_chain == [(page(trial), 302)]
    assert (now(trial).status, now(trial).renewal_type) == (Status.CANCELLED, "RENEW_CURRENT_USERS_YEARLY_PAY")
    shown = text(admin.get(page(trial)))
    for line in ("Ordered", "Paid service started", "Seats changed", "Plan changed", "Renewal setting changed"):
        assert line in shown
    assert "Seats: 12 → changed to 15" in shown and world.admin.user.email in shown


def test_R13_cancelling_says_what_ends_before_it_does(world: World, admin: Client) -> None:
    use(world.own, 3)
    save_reseller_access(
        actor=world.admin,
        customer=world.customer,
        desired=[wish(world.customer, world.reseller, True, world.own)],
        agreed=[world.reseller.pk],
    )
    propagate()
    shown = text(admin.get(step(world.own, "cancel")))
    assert "3 people lose their licence at once" in shown
    assert f"Resellers to whom it is opened lose it at once: {world.reseller.name}" in shown
    assert "cannot be undone" in shown


def test_B1_the_customer_sees_every_line_and_an_agent_inside_none(world: World, admin: Client) -> None:
    lifecycle.change_seats(actor=None, subscription=world.sold, seats=44)
    assert "Seats: 10 → changed to 44" in text(admin.get(page(world.sold)))
    agent = signed_in(world.agent)
    agent.post(url("enter_console", world.customer))
    inside = agent.get(page(world.sold))
    assert inside.status_code == 200
    assert "Order history" not in text(inside) and steps_on(inside) == []
    assert page(world.sold, sold=True) in inside.content.decode(), "where it can be changed is one click away"
    assert agent.get(url("subscription_buy", world.customer)).status_code == 403


def test_a_trial_that_ended_offers_the_paid_service(world: World, admin: Client) -> None:
    trial = on_plan(world.customer, None, Plan.TRIAL)
    days_pass(trial, 31)
    settle_due_subscriptions()
    shown = admin.get(page(trial))
    assert "The trial ended" in text(shown) and steps_on(shown) == ["paid-service", "cancel"]


def test_B7_the_renewal_page_says_what_each_setting_means(world: World, admin: Client) -> None:
    bought = on_plan(world.customer, None, Plan.ANNUAL_MONTHLY_PAY)
    shown = text(admin.get(step(bought, "renewal")))
    for renewal in RenewalType:
        assert str(renewal.label) in shown
    assert "is cancelled" in shown and "as many seats as licences are in use" in shown
