"""The pages of buying, ordering and changing, and the order history (B1, B2, B3, P4)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Customer
from accounts.roles import Role
from subscriptions import lifecycle
from subscriptions.access import propagation
from subscriptions.access.desired import save_reseller_access
from subscriptions.lifecycle.settling import settle_due_subscriptions
from subscriptions.models import Order, Subscription
from subscriptions.models.subscription import Plan, RenewalType, Status
from tests.access.world import World, propagate, sell, wish
from tests.client import main_text_of as text
from tests.client import signed_in
from tests.client import url_of as url
from tests.factories import put_person
from tests.second_look import confirm, confirmation
from tests.subscriptions.lifecycle_world import FREE, PLUS, VAULT, days_pass, now, on_plan, use


def page(subscription: Subscription, *, sold: bool = False) -> str:
    name = "reseller_subscription" if sold else "subscription"
    return url(name, subscription.customer, subscription_id=subscription.pk)


def step(subscription: Subscription, name: str, *, sold: bool = False) -> str:
    return f"{page(subscription, sold=sold)}change/{name}/"


def steps_on(response: Any) -> list[str]:
    return re.findall(r'href="[^"]*/change/([a-z-]+)/"', response.content.decode())


@pytest.fixture
def admin(world: World) -> Client:
    return signed_in(world.admin.user)


@pytest.fixture
def seller(world: World) -> Client:
    return signed_in(put_person(world.reseller, Role.RESELLER_ADMIN))


# --- Buying --------------------------------------------------------------------------------------------


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


# --- The second look -----------------------------------------------------------------------------------


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


def test_P4_a_customer_is_added_only_as_it_was_shown(world: World, seller: Client) -> None:
    new = reverse("reseller_customer_new")
    asked = seller.post(new, NEW)
    said = text(asked)
    assert "Initech (initech.example) is added" in said and "is its first super admin" in said
    assert not Customer.objects.filter(primary_domain="initech.example").exists()
    sent = confirmation(seller, new, NEW)
    changed = seller.post(new, {**sent, "seats": "12345"})
    assert changed.status_code == 422 and not Customer.objects.filter(primary_domain="initech.example").exists()
    edited = seller.post(new, {**sent, "step": "edit"}).content.decode()
    assert 'value="Initech"' in edited and 'name="shown"' not in edited
    seller.post(new, sent)
    assert Customer.objects.get(primary_domain="initech.example").postal_address == NEW["postal_address"]


# --- The customer's subscriptions ----------------------------------------------------------------------


def test_B2_steps_are_offered_for_what_was_bought_from_the_vendor_only(world: World, admin: Client) -> None:
    assert steps_on(admin.get(page(world.own))) == ["seats", "plan", "cancel"]
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
        (Plan.ANNUAL_MONTHLY_PAY, ["seats", "renewal", "cancel"]),
        (Plan.FLEXIBLE, ["seats", "plan", "cancel"]),
        (Plan.TRIAL, ["paid-service", "seats", "cancel"]),
        (Plan.FREE, ["cancel"]),
    ],
)
def test_B5_a_page_offers_what_its_plan_allows_and_each_step_opens(
    world: World, admin: Client, plan: Plan, steps: list[str]
) -> None:
    sku, seats = (FREE, None) if plan == Plan.FREE else (PLUS, 10)
    bought = on_plan(world.customer, None, plan, seats, sku)
    assert steps_on(admin.get(page(bought))) == steps
    for name in ("seats", "plan", "renewal", "paid-service", "cancel"):
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


# --- The reseller's own pages ----------------------------------------------------------------------------


def test_B3_the_seller_orders_changes_and_cancels_whatever_the_switch_says(world: World, seller: Client) -> None:
    save_reseller_access(
        actor=world.admin, customer=world.customer, desired=[wish(world.customer, world.reseller, False)]
    )
    propagate()
    listed = seller.get(url("reseller_customer", world.customer)).content.decode()
    order = url("reseller_order", world.customer)
    assert order in listed and page(world.sold, sold=True) in listed
    data = {"sku": VAULT, "plan": "ANNUAL_MONTHLY_PAY", "seats": "8"}
    assert "manages it. The customer sees it" in text(seller.post(order, {**data, "step": "review"}))
    response = confirm(seller, order, data, follow=True)
    sold = Subscription.objects.get(sku=VAULT)
    assert response.redirect_chain[-1][0] == page(sold, sold=True)
    assert steps_on(response) == ["seats", "renewal", "suspend", "cancel"]
    seller.post(step(sold, "suspend", sold=True))
    suspended = seller.get(page(sold, sold=True))
    assert "Suspended by the reseller" in text(suspended) and steps_on(suspended) == ["activate", "cancel"]
    seller.post(step(sold, "activate", sold=True))
    assert now(sold).status == Status.ACTIVE


def test_R13_the_last_cancellation_says_so_and_leads_to_the_list(world: World, seller: Client) -> None:
    second = on_plan(world.customer, world.reseller, Plan.FLEXIBLE)
    assert "the last subscription" not in text(seller.get(step(second, "cancel", sold=True)))
    response = seller.post(step(second, "cancel", sold=True))
    assert response["Location"] == page(second, sold=True)
    assert "the last subscription that you sold" in text(seller.get(step(world.sold, "cancel", sold=True)))
    assert seller.post(step(world.sold, "cancel", sold=True))["Location"] == reverse("reseller_customers")
    assert seller.get(page(world.sold, sold=True)).status_code == 404


def test_a_stranger_finds_neither_a_subscription_nor_its_lines(world: World, stranger: World) -> None:
    """Another reseller, of the same customer too; another customer; an agent without this customer; forged ids."""
    sell(world.customer, stranger.reseller)
    propagation.apply_due_changes()
    rival = signed_in(put_person(stranger.reseller, Role.RESELLER_ADMIN))
    for found in (world.sold, world.own):
        assert rival.get(page(found, sold=True)).status_code == 404
        for name in ("seats", "cancel"):
            assert rival.get(step(found, name, sold=True)).status_code == 404
            assert rival.post(step(found, name, sold=True), {"seats": "5"}).status_code == 404
        assert signed_in(stranger.admin.user).get(page(found)).status_code == 404
    # The id of one customer under the address of another that the same reseller serves.
    seller = signed_in(put_person(world.reseller, Role.RESELLER_ADMIN))
    elsewhere = sell(stranger.customer, world.reseller)
    forged = url("reseller_subscription", world.customer, subscription_id=elsewhere.pk)
    assert seller.get(forged).status_code == 404
    assert seller.post(f"{forged}change/cancel/").status_code == 404
    unassigned = signed_in(put_person(world.reseller, Role.RESELLER_AGENT))
    assert unassigned.get(page(world.sold, sold=True)).status_code == 404
    own = signed_in(world.admin.user)
    theirs = url("subscription", world.customer, subscription_id=stranger.own.pk)
    assert own.get(f"{theirs}change/cancel/").status_code == 404
    assert own.post(f"{theirs}change/cancel/").status_code == 404
    huge = url("subscription", world.customer, subscription_id=10**30)
    assert own.get(f"{huge}change/cancel/").status_code == 404
    assert {now(s).status for s in (world.sold, world.own, elsewhere, stranger.own)} == {Status.ACTIVE}


def test_R13_a_new_seller_reads_the_lines_of_its_own_time_and_not_from_whom_it_came(
    world: World, stranger: World
) -> None:
    sold = sell(world.customer, stranger.reseller, VAULT)
    stranger.reseller.name = "Former Reseller"
    stranger.reseller.save(update_fields=["name"])
    lifecycle.change_seats(actor=None, subscription=sold, seats=77)
    lifecycle.transfer_subscription(actor=None, subscription=sold, reseller=world.reseller)
    lifecycle.change_seats(actor=None, subscription=sold, seats=88)
    seller = signed_in(put_person(world.reseller, Role.RESELLER_ADMIN))
    shown = seller.get(page(sold, sold=True)).content.decode()
    assert "Transferred" in shown and "88" in shown
    assert "Former Reseller" not in shown
    rows = re.findall(r'<th scope="row">([^<]+)</th>', shown)
    assert rows == ["Seats changed", "Transferred"]
    everything = text(signed_in(world.admin.user).get(page(sold)))
    assert "Former Reseller" in everything and "Ordered" in everything


def test_P4_an_indirect_admin_looks_edits_and_adds_and_does_not_order(world: World) -> None:
    indirect = signed_in(put_person(world.reseller, Role.INDIRECT_RESELLER_ADMIN))
    sold = indirect.get(page(world.sold, sold=True))
    assert (sold.status_code, steps_on(sold)) == (200, [])
    customer = indirect.get(url("reseller_customer", world.customer)).content.decode()
    assert url("reseller_order", world.customer) not in customer
    assert url("reseller_customer_edit", world.customer) in customer
    assert indirect.get(url("reseller_order", world.customer)).status_code == 403
    assert indirect.post(step(world.sold, "cancel", sold=True)).status_code == 403
    assert reverse("reseller_customer_new") in indirect.get(reverse("reseller_customers")).content.decode()


def test_P4_someone_who_adds_everywhere_and_sells_elsewhere_does_not_sell_here(world: World) -> None:
    both = signed_in(put_person(world.reseller, Role.INDIRECT_RESELLER_ADMIN, Role.RESELLER_AGENT))
    assert both.get(page(world.sold, sold=True)).status_code == 200
    assert both.get(step(world.sold, "seats", sold=True)).status_code == 403
    assert both.get(url("reseller_order", world.customer)).status_code == 403


# --- Customers as organisations --------------------------------------------------------------------------

NEW = {
    "name": "Initech",
    "primary_domain": "initech.example",
    "postal_address": "1 Main Street",
    "phone_number": "+1 555 0100",
    "admin_name": "Peter Gibbons",
    "admin_email": "peter@initech.example",
    "sku": PLUS,
    "plan": "FLEXIBLE",
    "seats": "5",
}


def test_P4_the_form_adds_a_customer_and_keeps_what_was_typed_until_it_is_right(world: World, seller: Client) -> None:
    new = reverse("reseller_customer_new")
    wrong = seller.post(new, {**NEW, "admin_email": "peter@elsewhere.example", "plan": "TRIAL", "seats": "4"})
    assert wrong.status_code == 422
    body = wrong.content.decode()
    for typed in ("Initech", "1 Main Street", "+1 555 0100", "peter@elsewhere.example", 'value="4"'):
        assert typed in body
    taken = seller.post(new, {**NEW, "primary_domain": world.customer.primary_domain})
    assert (taken.status_code, "in use already" in text(taken)) == (422, True)
    done = confirm(seller, new, NEW, follow=True)
    assert done.redirect_chain[-1][0] == "/reseller/customers/initech.example/"
    assert "Initech was added" in done.content.decode() and "Peter Gibbons" in done.content.decode()
    assert "1 Main Street" in text(done)


def test_P4_nobody_finds_out_others_customers_by_trying_domains(world: World, stranger: World, seller: Client) -> None:
    new = reverse("reseller_customer_new")
    taken = {**NEW, "primary_domain": stranger.customer.primary_domain}
    assert {seller.post(new, taken).status_code for _attempt in range(20)} == {422}
    for form in (taken, NEW):
        assert seller.post(new, form).status_code == 429
    assert not Customer.objects.filter(name="Initech").exists()


def test_P4_editing_a_customer_shows_what_is_stored(world: World, seller: Client) -> None:
    edit = url("reseller_customer_edit", world.customer)
    seller.post(edit, {"postal_address": "2 Side Street", "phone_number": "+49 40 1"})
    assert "2 Side Street" in seller.get(edit).content.decode()
    wrong = seller.post(edit, {"postal_address": "3 Other Street", "phone_number": "call me"})
    assert (wrong.status_code, "3 Other Street" in wrong.content.decode()) == (422, True)
    assert Customer.objects.get(pk=world.customer.pk).postal_address == "2 Side Street"


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
