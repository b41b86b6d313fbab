"""A reseller’s own pages of what it sold, and of its customers as organisations (B3, R13, P4)."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Customer
from accounts.roles import Role
from subscriptions import lifecycle
from subscriptions.access import propagation
from subscriptions.access.desired import save_reseller_access
from subscriptions.models import Subscription
from subscriptions.models.subscription import Plan, Status
from tests.access.world import World, propagate, sell, wish
from tests.client import main_text_of as text
from tests.client import signed_in
from tests.client import url_of as url
from tests.factories import put_person
from tests.second_look import confirm, confirmation
from tests.subscriptions.lifecycle_world import PLUS, VAULT, now, on_plan
from tests.web.orders.world import page, step, steps_on


@pytest.fixture
def seller(world: World) -> Client:
    return signed_in(put_person(world.reseller, Role.RESELLER_ADMIN))


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
    assert steps_on(response) == ["seats", "renewal", "purchase-order", "suspend", "hand-back", "cancel"]
    seller.post(step(sold, "suspend", sold=True))
    suspended = seller.get(page(sold, sold=True))
    assert "Suspended by the reseller" in text(suspended) and steps_on(suspended) == ["activate", "hand-back", "cancel"]
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
