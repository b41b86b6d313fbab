"""Handing back to the vendor, another edition, and what a reseller notes about an order, on pages (B1, B4, B5, R13)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from accounts.roles import Role
from subscriptions import lifecycle
from subscriptions.models import Subscription
from subscriptions.models.subscription import Plan
from tests.access.world import World, may_enter
from tests.client import main_text_of as text
from tests.client import signed_in
from tests.client import url_of as url
from tests.factories import put_person
from tests.second_look import confirm, confirmation
from tests.subscriptions.lifecycle_world import PLUS, VAULT, now, on_plan, use
from tests.web.orders.world import page, step, steps_on

STARTER, STANDARD, VOICE = "1010020027", "1010020028", "1010330003"
NOTES = {"purchase_order_id": "PO 4711", "deal_code": "SPRING-26"}


@pytest.fixture
def seller(world: World) -> Client:
    return signed_in(put_person(world.reseller, Role.RESELLER_ADMIN))


# --- Handing back -------------------------------------------------------------------------------------


def test_B1_handing_back_says_what_goes_on_and_that_other_sales_keep_the_console(world: World, seller: Client) -> None:
    noted = on_plan(world.customer, world.reseller, Plan.FLEXIBLE)
    lifecycle.change_plan(actor=None, subscription=noted, plan=Plan.FLEXIBLE, purchase_order_id="PO 1")
    lifecycle.suspend_subscription(actor=None, subscription=noted)
    said = text(seller.get(step(noted, "hand-back", sold=True)))
    assert f"From now on {world.customer.name} has it from Google." in said
    assert "your suspension ends" in said and "Its purchase order and its deal code are deleted." in said
    assert "your access to its console stays as it is" in said and "the last subscription" not in said
    assert "It is open to no reseller." in said
    assert now(noted).reseller == world.reseller, "looking changes nothing"
    done = seller.post(step(noted, "hand-back", sold=True), follow=True)
    assert done.redirect_chain == [(url("reseller_customer", world.customer), 302)]
    assert "was handed back to the vendor" in text(done) and page(noted, sold=True) not in done.content.decode()
    assert (now(noted).reseller, now(noted).status) == (None, "ACTIVE")
    assert seller.get(page(noted, sold=True)).status_code == 404
    assert may_enter(world.agent, world.customer)


def test_R13_handing_the_last_one_back_ends_the_access_and_says_so(world: World, seller: Client) -> None:
    assert "the last subscription that you sold" in text(seller.get(step(world.sold, "hand-back", sold=True)))
    done = seller.post(step(world.sold, "hand-back", sold=True))
    assert done["Location"] == reverse("reseller_customers")
    assert not may_enter(world.agent, world.customer)
    customer = signed_in(world.admin.user)
    shown = customer.get(page(world.sold))
    assert "Handed back to the vendor" in text(shown), "in the order history"
    assert steps_on(shown) == ["seats", "plan", "sku", "cancel"], "B2: the customer manages it now"


def test_B2_only_the_people_who_sell_it_hand_it_back(world: World) -> None:
    for person, status in (
        (world.admin.user, 404),
        (put_person(world.reseller, Role.INDIRECT_RESELLER_ADMIN), 403),
        (put_person(world.reseller, Role.RESELLER_AGENT), 404),
    ):
        client = signed_in(person)
        assert client.post(step(world.sold, "hand-back", sold=True)).status_code == status
        assert client.post(step(world.sold, "hand-back")).status_code in {403, 404}
    own = signed_in(world.admin.user)
    assert own.get(step(world.own, "hand-back")).status_code == 302
    assert own.post(step(world.own, "hand-back")).status_code == 422, "it is the vendor's already"
    assert now(world.sold).reseller == world.reseller


def test_a_cancelled_one_is_not_handed_back(world: World, seller: Client) -> None:
    sold = on_plan(world.customer, world.reseller, Plan.FLEXIBLE)
    lifecycle.cancel_subscription(actor=None, subscription=sold)
    assert "hand-back" not in steps_on(seller.get(page(sold, sold=True)))
    refused = seller.post(step(sold, "hand-back", sold=True))
    assert (refused.status_code, "This subscription is cancelled." in text(refused)) == (422, True)


# --- Another edition ----------------------------------------------------------------------------------


def test_B4_an_edition_is_changed_only_as_it_was_shown(world: World, seller: Client) -> None:
    sold = on_plan(world.customer, world.reseller, Plan.ANNUAL_YEARLY_PAY, 12, STANDARD)
    use(sold, 2)
    change = step(sold, "sku", sold=True)
    offered = seller.get(change).content.decode()
    assert f'value="{PLUS}"' in offered, "B5: in a commitment it can be upgraded"
    assert f'value="{STARTER}"' not in offered and f'value="{VOICE}"' not in offered
    sent = confirmation(seller, change, {"sku": PLUS, **NOTES})
    said = text(seller.post(change, {"sku": PLUS, **NOTES}))
    assert "Business Standard → Google Workspace Business Plus" in said
    assert "2 people who have a licence use the new edition at once." in said
    assert "upgraded, not downgraded" in said and "Purchase order: PO 4711." in said
    assert seller.post(change, {**sent, "deal_code": "OTHER"}).status_code == 422
    assert now(sold).sku_id == STANDARD
    done = seller.post(change, sent, follow=True)
    assert "The edition was changed." in text(done) and "Upgraded or downgraded" in text(done)
    changed = now(sold)
    assert (changed.sku_id, changed.purchase_order_id, changed.deal_code) == (PLUS, "PO 4711", "SPRING-26")
    assert changed.orders.order_by("pk").last().new_value == {
        "SKU_NAME": "Google Workspace Business Plus",
        "purchase_order": "PO 4711",
        "deal_code": "SPRING-26",
    }


def test_an_edition_that_is_there_or_of_another_product_is_refused_at_its_field(world: World, seller: Client) -> None:
    """`world` has sold Business Starter already."""
    sold = on_plan(world.customer, world.reseller, Plan.FLEXIBLE, 5, PLUS)
    for sku, says in ((STARTER, "from this seller already"), (VOICE, "Select a valid choice"), ("", "required")):
        refused = seller.post(step(sold, "sku", sold=True), {"sku": sku})
        assert refused.status_code == 422
        assert says in str(refused.context["form"].errors["sku"])
    assert now(sold).sku_id == PLUS


def test_a_product_of_one_edition_offers_no_other(world: World, seller: Client) -> None:
    vault = on_plan(world.customer, world.reseller, Plan.FLEXIBLE, 5, VAULT)
    assert "sku" not in steps_on(seller.get(page(vault, sold=True)))
    highest = on_plan(world.customer, None, Plan.ANNUAL_MONTHLY_PAY, 5, "1010020020")
    assert "sku" not in steps_on(signed_in(world.admin.user).get(page(highest))), "nothing is above it"


def test_B2_the_customer_changes_the_edition_of_its_own_and_has_no_orders_to_note(world: World) -> None:
    admin = signed_in(world.admin.user)
    for name in ("sku", "seats", "plan"):
        assert "purchase_order_id" not in admin.get(step(world.own, name)).content.decode()
    assert "purchase_order_id" not in admin.get(url("subscription_buy", world.customer)).content.decode()
    confirm(admin, step(world.own, "sku"), {"sku": VOICE, **NOTES})
    assert (now(world.own).sku_id, now(world.own).purchase_order_id) == (VOICE, "")


# --- What a reseller notes ----------------------------------------------------------------------------


def test_an_order_is_noted_shown_and_stands_in_its_history(world: World, seller: Client) -> None:
    order, data = url("reseller_order", world.customer), {"sku": VAULT, "plan": "FLEXIBLE", "seats": "8", **NOTES}
    said = text(seller.post(order, {**data, "step": "review"}))
    assert "Purchase order: PO 4711." in said and "Deal code: SPRING-26." in said
    sent = confirmation(seller, order, data)
    assert "Check your order" in text(seller.post(order, {**sent, "purchase_order_id": "PO 4712"}))
    assert not Subscription.objects.filter(sku=VAULT).exists(), "another number was not shown"
    shown = text(seller.post(order, sent, follow=True))
    assert "Purchase order PO 4711" in shown and "Deal code SPRING-26" in shown
    assert "Purchase order: PO 4711" in shown, "in the history"
    again = seller.post(order, sent)
    assert again["Location"] == page(Subscription.objects.get(sku=VAULT), sold=True), "sent twice"


def test_an_order_is_noted_by_itself_by_those_who_sold_it(world: World, seller: Client) -> None:
    assert "Change purchase order" in text(seller.get(page(world.sold, sold=True)))
    noted = step(world.sold, "purchase-order", sold=True)
    assert "were changed" in text(seller.post(noted, NOTES, follow=True))
    assert (now(world.sold).purchase_order_id, now(world.sold).deal_code) == ("PO 4711", "SPRING-26")
    assert "Purchase order or deal code changed" in text(seller.get(page(world.sold, sold=True))), "in the history"
    assert AuditEvent.objects.latest("id").name == "CHANGE_SUBSCRIPTION_NOTES"
    admin = signed_in(world.admin.user)
    assert "purchase-order" not in steps_on(admin.get(page(world.own)))
    refused = admin.post(step(world.own, "purchase-order"), NOTES)
    assert refused.status_code == 422 and now(world.own).purchase_order_id == ""


def test_a_note_that_is_too_long_is_refused_at_its_field(world: World, seller: Client) -> None:
    order, data = url("reseller_order", world.customer), {"sku": VAULT, "plan": "FLEXIBLE", "seats": "8"}
    for name, most in (("purchase_order_id", 80), ("deal_code", 100)):
        refused = seller.post(order, {**data, name: "x" * (most + 1)})
        assert refused.status_code == 422 and name in refused.context["form"].errors
        assert "Check your order" in text(seller.post(order, {**data, name: "x" * most}))


def test_a_customer_is_added_with_what_was_noted_about_its_first_order(world: World, seller: Client) -> None:
    new = {
        "name": "Initech",
        "primary_domain": "initech.example",
        "postal_address": "1 Main Street",
        "admin_name": "Peter Gibbons",
        "admin_email": "peter@initech.example",
        "sku": PLUS,
        "plan": "FLEXIBLE",
        "seats": "5",
        **NOTES,
    }
    assert "Deal code: SPRING-26." in text(seller.post(reverse("reseller_customer_new"), new))
    confirm(seller, reverse("reseller_customer_new"), new)
    sold = Subscription.objects.get(customer__name="Initech")
    assert (sold.purchase_order_id, sold.deal_code) == ("PO 4711", "SPRING-26")


def test_seats_and_a_plan_are_changed_with_a_new_order_and_an_order_alone_is_refused(
    world: World, seller: Client
) -> None:
    sold = on_plan(world.customer, world.reseller, Plan.FLEXIBLE, 10)
    seats = step(sold, "seats", sold=True)
    alone = seller.post(seats, {"seats": "10", **NOTES})
    assert alone.status_code == 422 and "Change purchase order" in str(alone.context["form"].errors["seats"])
    confirm(seller, seats, {"seats": "12", "purchase_order_id": "PO 4711"})
    assert (now(sold).seats, now(sold).purchase_order_id) == (12, "PO 4711")
    assert 'value="PO 4711"' in seller.get(step(sold, "plan", sold=True)).content.decode(), "it stays as it is"
    plan = {"plan": "ANNUAL_MONTHLY_PAY", "seats": "12", "purchase_order_id": "PO 4711", "deal_code": "SPRING-26"}
    assert "Deal code: SPRING-26." in text(seller.post(step(sold, "plan", sold=True), plan))
    confirm(seller, step(sold, "plan", sold=True), plan)
    assert (now(sold).plan, now(sold).deal_code) == ("ANNUAL_MONTHLY_PAY", "SPRING-26")
    history = text(seller.get(page(sold, sold=True)))
    assert "Seats: 10 → changed to 12" in history and "Deal code: none → changed to SPRING-26" in history


# --- The plan after a trial ---------------------------------------------------------------------------


def test_B5_the_paid_service_begins_with_what_was_chosen_in_the_trial(world: World, seller: Client) -> None:
    trial = on_plan(world.customer, world.reseller, Plan.TRIAL)
    paid = step(trial, "paid-service", sold=True)
    form = seller.get(paid).context["form"]
    assert (form["plan"].value(), form["seats"].value()) == (None, 10), "nothing was chosen"
    lifecycle.change_plan(actor=None, subscription=trial, plan=Plan.ANNUAL_YEARLY_PAY, seats=25)
    shown = seller.get(paid)
    assert '<option value="ANNUAL_YEARLY_PAY" selected>' in shown.content.decode()
    assert shown.context["form"]["seats"].value() == 25
    assert "a commitment to 25 seats" in text(shown)
    confirm(seller, paid, {"plan": "ANNUAL_YEARLY_PAY", "seats": "25"})
    assert (now(trial).plan, now(trial).seats) == ("ANNUAL_YEARLY_PAY", 25)


def test_the_pages_are_in_french(world: World) -> None:
    person = put_person(world.reseller, Role.RESELLER_ADMIN)
    User.objects.filter(pk=person.pk).update(language="fr")
    seller = signed_in(person)
    assert "Rendre au fournisseur" in text(seller.get(step(world.sold, "hand-back", sold=True)))
    assert "Changer d’édition" in text(seller.get(step(world.sold, "sku", sold=True)))
    assert "Bon de commande" in text(seller.get(url("reseller_order", world.customer)))
