"""What people see of a console that a support contract opens: the customer's pages and the partner's (R19, S12)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.mail import sending
from accounts.models import RoleAssignment, User
from accounts.roles import Role
from subscriptions.access import desired
from subscriptions.models import AccessGrant
from support.migration import announce_migration
from tests.access.world import propagate, sell
from tests.cast import Cast
from tests.support.world import CLOUD, VOICE, WORKSPACE, acting, active, ask, confirm, move
from tests.web.console.access_page import agreed, box, client_of, open_page

NEITHER = "you can neither open it nor file support cases"
STILL_FILES = "you still file and read support cases"
OPEN = "Open admin console"


def text(client: Client, name: str, *arguments: Any) -> str:
    response = client.get(reverse(name, args=arguments))
    assert response.status_code == 200
    return plain(response.content.decode())


def plain(html: str) -> str:
    """The words of a page, without the marks around names (P10)."""
    return " ".join(html.replace("<bdi>", "").replace("</bdi>", "").split())


@pytest.fixture
def moved(cast: Cast) -> Cast:
    """Resale One supports Acme, has sold it nothing, and Acme has moved."""
    active(cast.acme, cast.resale_one, CLOUD)
    move(cast.acme.customer)
    return cast


def turn_off(cast: Cast) -> None:
    desired.turn_off_for_all_resellers(actor=acting(cast.acme.super_admin), customer=cast.acme.customer)
    propagate()


# The customer's page


def test_R19_the_page_says_on_what_the_access_rests_and_saves_it(moved: Cast) -> None:
    sell(moved.acme.customer, None, "1010330004")  # no box of it for a partner that sold nothing
    page = open_page(moved.acme.super_admin, moved.acme.customer)
    name = box(moved.resale_one.reseller)
    assert "Support contract for Google Cloud" in plain(page.text)
    assert "Subscriptions purchased from Resale One" not in plain(page.text)
    assert {n: b.checked for n, b in page.boxes.items()} == {name: True}
    saved = page.untick(name).save(confirmed=False)
    assert "Resale One will lose access to your admin console. Its support contracts and their cases go on." in plain(
        saved.text
    )
    saved = page.untick(name).save()
    assert "Saved. Resale One will lose access to your admin console." in plain(saved.text)
    propagate()
    again = open_page(moved.acme.super_admin, moved.acme.customer).tick(name).save()
    assert "will be able to open your admin console, except subscriptions and licences." in plain(again.text)
    assert "alice@acme.example" in plain(again.text)  # the history


def test_R19_the_page_of_a_reseller_that_also_sold_something_names_both(moved: Cast) -> None:
    sell(moved.acme.customer, moved.resale_one.reseller)
    sell(moved.acme.customer, None, "1010330004")
    page = open_page(moved.acme.super_admin, moved.acme.customer)
    assert "Subscriptions purchased from Resale One" in plain(page.text)
    assert "Support contract for Google Cloud" in plain(page.text)
    assert agreed(moved.resale_one.reseller) in page.boxes
    assert len(page.boxes) == 3


def test_a_box_that_the_system_set_says_so_and_invents_no_purchase(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    move(cast.acme.customer)
    AccessGrant.objects.update(effective_from=None)
    grant = AccessGrant.objects.get()
    grant.changes.update(settled_at=None, outcome=None)
    page = open_page(cast.acme.super_admin, cast.acme.customer)
    assert "Turned on by the system" in plain(page.text)
    assert "with the purchase" not in plain(page.text)


# The form of a new contract


def new_contract(person: User, cast: Cast) -> tuple[Client, str, str]:
    client = client_of(person)
    address = reverse("support_contract_new", args=["acme.example"])
    return client, address, text_of(client, f"{address}?partner={cast.resale_two.reseller.public_id}")


def text_of(client: Client, address: str) -> str:
    return plain(client.get(address).content.decode())


def send(client: Client, address: str, cast: Cast, **fields: str) -> Any:
    sent = {"partner": cast.resale_two.reseller.public_id, "service": VOICE.value, **fields}
    return client.post(address, sent, follow=True)


def test_S12_the_form_has_a_ticked_box_for_super_admins(moved: Cast) -> None:
    client, address, said = new_contract(moved.acme.super_admin, moved)
    assert 'name="opens_console"' in said
    assert "checked" in said[said.index('name="opens_console"') :][:200]
    done = send(client, address, moved, opens_console="on")
    assert "follow it on Reseller access" in done.content.decode()
    propagate()
    page = open_page(moved.acme.super_admin, moved.acme.customer)
    assert page.boxes[box(moved.resale_two.reseller)].checked


def test_S12_the_box_left_empty_opens_nothing(moved: Cast) -> None:
    client, address, _said = new_contract(moved.acme.super_admin, moved)
    send(client, address, moved)
    propagate()
    page = open_page(moved.acme.super_admin, moved.acme.customer)
    assert not page.boxes[box(moved.resale_two.reseller)].checked


def test_S12_who_is_no_super_admin_has_no_box_and_forging_it_opens_nothing(moved: Cast) -> None:
    RoleAssignment.objects.create(user=moved.acme.nobody, role=Role.SUPPORT_MANAGER)
    client, address, said = new_contract(moved.acme.nobody, moved)
    assert 'name="opens_console"' not in said
    assert "A super admin decides that on the page Reseller access." in said
    send(client, address, moved, opens_console="on")
    propagate()
    page = open_page(moved.acme.super_admin, moved.acme.customer)
    assert not page.boxes[box(moved.resale_two.reseller)].checked


def test_S12_where_there_is_a_switch_the_form_leads_to_it(moved: Cast) -> None:
    client = client_of(moved.acme.super_admin)
    address = reverse("support_contract_new", args=["acme.example"])
    said = text_of(client, f"{address}?partner={moved.resale_one.reseller.public_id}")
    assert 'name="opens_console"' not in said
    assert "This partner is on the page Reseller access already." in said


def test_S12_who_will_enter_is_said_before_the_move(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    sell(cast.acme.customer, cast.resale_two.reseller)
    active(cast.acme, cast.resale_two, CLOUD)
    said = text(client_of(cast.acme.super_admin), "support_contracts", "acme.example")
    named = said[said.index("Who will be able to open your console") :]
    assert "Resale One" in named
    assert "Resale Two" not in named


def test_S12_the_announcement_names_who_will_enter(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    sell(cast.acme.customer, cast.resale_two.reseller)
    active(cast.acme, cast.resale_two, CLOUD)
    sending.send_due_mails()
    mail.outbox.clear()
    announce_migration(actor=None, customer=cast.acme.customer)
    sending.send_due_mails()
    [sent] = mail.outbox
    assert "  - Resale One" in str(sent.body)
    assert "Resale Two" not in str(sent.body)


# The partner's pages


def test_R19_a_partner_that_may_enter_finds_the_way(moved: Cast) -> None:
    client = client_of(moved.resale_one.agent)
    row = text(client, "reseller_customers")
    assert "Support only" in row
    page = text(client, "reseller_customer", "acme.example")
    assert "Support only: your organisation has a support contract with Acme" in page
    assert OPEN in page
    assert "Subscriptions sold by" not in page
    assert "1 customer" in text(client, "reseller_home")
    entered = client.post(reverse("enter_console", args=["acme.example"]), follow=True)
    assert entered.status_code == 200


def test_S9_a_partner_that_sold_nothing_edits_and_orders_nothing(moved: Cast) -> None:
    client = client_of(moved.resale_one.admin)
    page = text(client, "reseller_customer", "acme.example")
    assert "Edit contact data" not in page
    assert "Order a subscription" not in page
    for name in ("reseller_customer_edit", "reseller_order"):
        assert client.get(reverse(name, args=["acme.example"])).status_code == 403


@pytest.mark.parametrize("sold", [True, False])
def test_S6_who_can_file_cases_never_reads_that_they_cannot(moved: Cast, sold: bool) -> None:
    if sold:
        sell(moved.acme.customer, moved.resale_one.reseller)
        propagate()
    turn_off(moved)
    for person in (moved.resale_one.admin, moved.resale_one.agent):
        page = text(client_of(person), "reseller_customer", "acme.example")
        assert STILL_FILES in page
        assert NEITHER not in page
        assert OPEN not in page
    closed = client_of(moved.resale_one.agent).get(reverse("console_home", args=["acme.example"]))
    assert closed.status_code == 403
    assert "the support cases that you handle for it" in closed.content.decode()


def test_S6_nor_a_partner_of_one_service_before_the_move(cast: Cast) -> None:
    sell(cast.acme.customer, cast.resale_one.reseller)
    propagate()
    turn_off(cast)
    assert NEITHER in text(client_of(cast.resale_one.admin), "reseller_customer", "acme.example")
    confirm(ask(cast.acme, cast.resale_one, WORKSPACE))
    assert NEITHER not in text(client_of(cast.resale_one.admin), "reseller_customer", "acme.example")
    # The agent does no support work before the move: for them the sentence is true (S6).
    assert NEITHER in text(client_of(cast.resale_one.agent), "reseller_customer", "acme.example")
