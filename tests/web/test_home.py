"""The first page of each person, and the home of a customer's console (P2, P4, P5, R14)."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Customer, Reseller, RoleAssignment, User
from accounts.organisations import VENDOR
from accounts.roles import CUSTOMER_ROLES, Role
from subscriptions.access import desired
from tests.access.world import World, make_world, propagate, sell, wish
from tests.client import main_text_of as text
from tests.client import signed_in
from tests.factories import put_customer, put_person, put_reseller


@pytest.fixture
def twin(world: World) -> World:
    """Another customer with another reseller, of the same names: nothing of it may ever show."""
    return make_world()


def console(customer: Customer) -> str:
    return reverse("console_home", kwargs={"domain": customer.primary_domain})


def access_card(client: Client, customer: Customer) -> str:
    said = text(client.get(console(customer)))
    return said.partition("Who has access")[2].partition("Subscriptions and seats")[0]


def destination(person: User) -> str:
    response = signed_in(person).get("/")
    assert response.status_code == 302
    return str(response.headers["Location"])


# --- Where each person is sent -------------------------------------------------------------------


def test_P2_every_admin_role_is_sent_to_its_own_console(world: World, twin: World) -> None:
    for role in CUSTOMER_ROLES:
        person = put_person(world.customer, role)
        assert destination(person) == console(world.customer)
        assert signed_in(person).get(console(world.customer)).status_code == 200


def test_P4_people_of_a_reseller_are_sent_to_its_home(world: World) -> None:
    for role in (Role.RESELLER_ADMIN, Role.INDIRECT_RESELLER_ADMIN, Role.RESELLER_AGENT):
        person = put_person(world.reseller, role)
        assert destination(person) == "/reseller/home/"
        assert signed_in(person).get("/reseller/home/").status_code == 200


def test_P5_an_operator_is_sent_to_what_needs_doing(db: None) -> None:
    operator = put_person(VENDOR, Role.VENDOR_OPERATOR)
    assert destination(operator) == "/operations/"
    assert signed_in(operator).get("/operations/").status_code == 200


def test_P5_vendor_support_is_sent_to_its_queue(db: None) -> None:
    person = put_person(VENDOR, Role.VENDOR_SUPPORT)
    assert destination(person) == "/vendor/support/cases/"
    assert signed_in(person).get("/vendor/support/cases/").status_code == 200


def test_who_holds_no_role_that_opens_a_page_is_told_so(world: World) -> None:
    cases = [
        (put_person(world.customer), "Your roles give no access to this console"),
        (put_person(world.reseller), "Your roles give no access to a page here"),
        (put_person(VENDOR), "Your role has no access to any page yet"),
    ]
    for person, words in cases:
        response = signed_in(person).get("/")
        assert response.status_code == 200
        assert words in text(response)


def test_R13_people_of_a_suspended_reseller_are_told_so(world: World) -> None:
    Reseller.objects.filter(pk=world.reseller.pk).update(suspended_at="2020-01-01T00:00Z")
    response = signed_in(world.agent).get("/")
    assert "Your organisation is suspended" in text(response)
    assert reverse("reseller_customers") not in response.content.decode()


def test_signed_out_leads_to_the_sign_in(db: None) -> None:
    assert Client().get("/").headers["Location"] == "/accounts/login/?next=/"


def test_P8_a_role_that_is_taken_away_counts_with_the_next_request(world: World) -> None:
    client = signed_in(world.admin.user)
    assert client.get(console(world.customer)).status_code == 200
    RoleAssignment.objects.filter(user=world.admin.user).delete()
    assert client.get(console(world.customer)).status_code == 403
    assert "Your roles give no access to this console" in text(client.get("/"))


# --- The home of a console -----------------------------------------------------------------------


def test_the_home_says_who_has_access_and_since_when(world: World, twin: World) -> None:
    said = text(signed_in(world.admin.user).get(console(world.customer)))
    assert re.search(r"your support partners\. Reseller Reseller access Open since \d\d:\d\d today", said)
    assert "Has never entered this console." in said
    assert "2 subscriptions: 1 from resellers, 1 from Google" in said


def test_the_home_follows_what_is_on_its_way(world: World) -> None:
    client = signed_in(world.admin.user)

    def save(allowed: bool) -> None:
        box = wish(world.customer, world.reseller, allowed=allowed)
        desired.save_reseller_access(actor=world.admin, customer=world.customer, desired=[box])

    save(allowed=False)
    assert re.search(
        r"Reseller Reseller access Closing since .* · closes \d\d:\d\d (today|tomorrow)",
        text(client.get(console(world.customer))),
    )
    propagate()
    assert re.search(r"Reseller Reseller access Closed since \d\d:\d\d \w+", text(client.get(console(world.customer))))
    save(allowed=True)
    assert re.search(
        r"Reseller Reseller access Opening opens by about \d\d:\d\d \w+", text(client.get(console(world.customer)))
    )
    Reseller.objects.filter(pk=world.reseller.pk).update(suspended_at="2020-01-01T00:00Z")
    propagate()
    assert "Reseller Reseller access Closed The reseller is suspended." in text(client.get(console(world.customer)))
    Reseller.objects.filter(pk=world.reseller.pk).update(suspended_at=None)
    assert "Reseller Reseller access Failed The reseller is suspended." in text(client.get(console(world.customer)))


def test_R3_the_home_names_the_subscriptions_opened_to_a_reseller(world: World) -> None:
    client = signed_in(world.admin.user)
    assert "Google Voice" not in access_card(client, world.customer)
    box = wish(world.customer, world.reseller, allowed=True, subscription=world.own)
    desired.save_reseller_access(actor=world.admin, customer=world.customer, desired=[box], agreed=[world.reseller.pk])
    propagate()
    assert "Google Voice Standard Open since" in access_card(client, world.customer)


def test_the_latest_events_are_this_customers_only(world: World, twin: World) -> None:
    shown = text(signed_in(world.admin.user).get(console(world.customer))).partition("Latest events")[2]
    assert shown.count("Subscription ordered") == 2
    assert "Google Workspace Business Starter" in shown


def test_a_customer_without_resellers_is_told_that_nobody_else_has_access(world: World) -> None:
    person = put_person(put_customer("New"), Role.SUPER_ADMIN)
    said = text(signed_in(person).get("/", follow=True))
    assert "Only your own admins" in said
    assert "No subscriptions. What your organisation buys" in said
    assert "Nothing has happened yet" in said


def test_each_role_is_offered_only_what_it_opens(world: World) -> None:
    super_admin = text(signed_in(world.admin.user).get(console(world.customer)))
    auditor = text(signed_in(put_person(world.customer, Role.AUDITOR)).get(console(world.customer)))
    helper = text(signed_in(put_person(world.customer, Role.HELP_DESK_ADMIN)).get(console(world.customer)))
    for words in (
        "Who has access to this console",
        "Audit log",
        "2 subscriptions",
        "Latest events",
    ):
        assert words in super_admin
        assert words in auditor
        assert words not in helper
    assert "never signed in" in helper
    assert "People" in super_admin


def test_R14_an_agent_sees_only_what_its_table_opens(world: World) -> None:
    rival = put_reseller("Rival Resale")
    sell(world.customer, rival)
    client = signed_in(world.agent)
    client.post(reverse("enter_console", kwargs={"domain": world.customer.primary_domain}))
    response = client.get(console(world.customer))
    said = text(response)
    assert "1 subscription: 1 from Reseller, 0 from Google" in said
    content = response.content.decode()
    for words in ("Who has access", "Audit log", "Account settings", "Latest events", "Rival", "/account/", "/audit/"):
        assert words not in content.replace("/accounts/", "")


def test_strangers_find_no_console(world: World, twin: World) -> None:
    for person in (
        twin.admin.user,
        twin.agent,
        put_person(VENDOR, Role.VENDOR_OPERATOR),
        put_person(VENDOR, Role.VENDOR_SUPPORT),
    ):
        assert signed_in(person).get(console(world.customer)).status_code == 404


def test_the_home_costs_the_same_for_one_reseller_and_for_many(world: World) -> None:
    client = signed_in(world.admin.user)
    client.get(console(world.customer))
    with CaptureQueriesContext(connection) as one:
        client.get(console(world.customer))
    for number in range(10):
        sell(world.customer, put_reseller(f"Reseller {number}"))
        sell(world.customer, None)
    with CaptureQueriesContext(connection) as many:
        client.get(console(world.customer))
    # With few events the older months of the log are looked at too.
    assert len(one) - 1 <= len(many) <= len(one)
