"""A reseller’s customers: the list, and one of them (P4, B3, R5)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.keyset import PAGE_SIZE
from accounts.models import Reseller, User
from accounts.roles import Role
from subscriptions.access import desired
from subscriptions.lifecycle import cancel_subscription
from tests.access.world import World, assign, pass_time, propagate, sell, wish
from tests.client import signed_in
from tests.client import text_of as text
from tests.factories import put_customer, put_person, put_reseller
from tests.web.reseller.customers_world import CUSTOMERS, console, enter, entries, leave, page, turn_off


@pytest.fixture
def seller(world: World) -> User:
    return put_person(world.reseller, Role.RESELLER_ADMIN)


def shown(response: Any) -> list[str]:
    """The domains of the customers that a page links to, in its order."""
    assert response.status_code == 200
    # A domain has a dot: the link that adds a customer is none.
    return re.findall(r'href="/reseller/customers/([^/"]+\.[^/"]+)/"', response.content.decode())


def follow(client: Client, url: str, label: str) -> tuple[list[list[str]], str]:
    """Read a page and those behind it, following the link `label` ("next" or "prev"); return the last address too."""
    pages = []
    while True:
        response = client.get(url)
        pages.append(shown(response))
        found = re.search(rf'href="([^"]+)" rel="{label}"', response.content.decode())
        if found is None:
            return pages, url
        url = found[1].replace("&amp;", "&")


def test_a_seller_sees_exactly_its_own_customers(world: World, twin: World, seller: User) -> None:
    other = put_customer("Another")
    sell(other, world.reseller)
    response = signed_in(seller).get(CUSTOMERS)
    assert set(shown(response)) == {world.customer.primary_domain, other.primary_domain}
    assert "2 customers" in text(response)


def test_P4_an_agent_sees_exactly_the_customers_assigned_to_it(world: World, twin: World) -> None:
    unassigned = put_customer("Unassigned")
    sell(unassigned, world.reseller)
    response = signed_in(world.agent).get(CUSTOMERS)
    assert shown(response) == [world.customer.primary_domain]
    assert "1 customer " in text(response)
    assert "Unassigned" not in text(response)


def test_P4_searching_finds_nothing_of_anybody_else(world: World, twin: World) -> None:
    unassigned = put_customer("Unassigned")
    sell(unassigned, world.reseller)
    client = signed_in(world.agent)
    for search in (twin.customer.primary_domain, unassigned.primary_domain, "Unassigned"):
        response = client.get(CUSTOMERS, {"q": search})
        assert shown(response) == []
        assert "No customer matches this search" in text(response)
        assert "Unassigned" not in text(response)


def test_searching_finds_a_part_of_the_name_or_domain_in_any_case_and_accent(world: World, seller: User) -> None:
    cafe = put_customer("Café Ångström")
    sell(cafe, world.reseller)
    client = signed_in(seller)
    for search in ("cafe", "ANGSTROM", "é å", cafe.primary_domain[3:], f" {cafe.primary_domain.upper()} "):
        assert shown(client.get(CUSTOMERS, {"q": search})) == [cafe.primary_domain], search


def test_the_order_can_be_turned_round(world: World, seller: User) -> None:
    for name in ("Alpha", "Zulu", "Mike"):
        sell(put_customer(name), world.reseller)
    client = signed_in(seller)
    upwards = shown(client.get(CUSTOMERS))
    assert len(upwards) == 4
    assert shown(client.get(CUSTOMERS, {"order": "-name"})) == upwards[::-1]


def test_each_state_of_access_is_told_with_its_time(world: World, seller: User) -> None:
    client = signed_in(seller)
    assert re.search(r"Open – Google", text(client.get(CUSTOMERS)))
    turn_off(world)
    assert re.search(r"Closing closes \d\d:\d\d (today|tomorrow) Google", text(client.get(CUSTOMERS)))
    propagate()
    assert re.search(r"Closed – Google", text(client.get(CUSTOMERS)))
    desired.save_reseller_access(
        actor=world.admin, customer=world.customer, desired=[wish(world.customer, world.reseller, allowed=True)]
    )
    assert re.search(r"Opening opens by about \d\d:\d\d (today|tomorrow) Google", text(client.get(CUSTOMERS)))
    pass_time(24 * 60 * 60)
    assert re.search(r"Opening opens any moment now Google", text(client.get(CUSTOMERS)))
    assert "any moment now" in text(client.get(page(world.customer)))


@pytest.mark.parametrize("order", ["name", "-name"])
def test_the_pager_shows_each_customer_once_there_and_back(world: World, seller: User, order: str) -> None:
    for number in range(2 * PAGE_SIZE):
        sell(put_customer(f"Same name {number % 3}"), world.reseller)
    client = signed_in(seller)
    forwards, end = follow(client, f"{CUSTOMERS}?order={order}", "next")
    assert [len(rows) for rows in forwards] == [PAGE_SIZE, PAGE_SIZE, 1]
    assert len({domain for rows in forwards for domain in rows}) == 2 * PAGE_SIZE + 1
    assert follow(client, end, "prev")[0] == forwards[::-1]


@pytest.mark.parametrize("name", ["after", "before"])
@pytest.mark.parametrize(
    "broken",
    ["x", "WyJhIiwxXQ", "WyJhIiwxXQ:forged", ":", "a" * 3000, "9" * 40, "%F0%9F%92%A9"],
)
def test_a_broken_cursor_gives_the_first_page(world: World, seller: User, name: str, broken: str) -> None:
    response = signed_in(seller).get(f"{CUSTOMERS}?{name}={broken}")
    assert shown(response) == [world.customer.primary_domain]


def test_a_cursor_of_another_list_gives_the_first_page(world: World, seller: User) -> None:
    for number in range(PAGE_SIZE):
        sell(put_customer(f"Name {number}"), world.reseller)
    client = signed_in(seller)
    first = client.get(CUSTOMERS)
    cursor = re.search(r"after=([^&\"]+)", first.content.decode())
    assert cursor
    assert shown(client.get(f"{CUSTOMERS}?after={cursor[1]}")) != shown(first)
    assert client.get(f"{CUSTOMERS}?order=-name&after={cursor[1]}").status_code == 200
    assert 'rel="prev"' not in client.get(f"{CUSTOMERS}?order=-name&after={cursor[1]}").content.decode()


@pytest.mark.parametrize(("field", "value"), [("q", "a" * 254), ("order", "price")])
def test_a_search_that_is_not_understood_names_the_field_and_keeps_what_was_typed(
    world: World, seller: User, field: str, value: str
) -> None:
    response = signed_in(seller).get(CUSTOMERS, {field: value})
    assert shown(response) == []
    assert f'id="id_{field}_error"' in response.content.decode()
    if field == "q":
        assert value[:100] in response.content.decode()


def test_the_list_costs_the_same_for_one_and_for_fifty_customers(world: World, seller: User) -> None:
    client = signed_in(seller)
    client.get(CUSTOMERS)
    with CaptureQueriesContext(connection) as one:
        assert len(shown(client.get(CUSTOMERS))) == 1
    for number in range(PAGE_SIZE - 1):
        sell(put_customer(f"Name {number}"), world.reseller)
    with CaptureQueriesContext(connection) as fifty:
        assert len(shown(client.get(CUSTOMERS))) == PAGE_SIZE
    assert len(fifty) == len(one)


def test_who_has_no_customers_is_told_how_to_get_some(world: World) -> None:
    newcomer = put_person(world.reseller, Role.RESELLER_AGENT)
    assert "A reseller admin assigns customers" in text(signed_in(newcomer).get(CUSTOMERS))


def test_B3_a_customer_page_shows_exactly_what_this_reseller_sold(world: World, seller: User) -> None:
    rival = put_reseller("Rival")
    sell(world.customer, rival, "1010330002")
    response = signed_in(seller).get(page(world.customer))
    assert [s.pk for s in response.context["sold"]] == [world.sold.pk]
    said = text(response)
    assert "Google Workspace Business Starter" in said
    assert "Rival" not in said
    assert "Voice" not in said


def test_B3_what_was_sold_shows_whatever_the_switch_says(world: World, seller: User) -> None:
    turn_off(world)
    propagate()
    response = signed_in(seller).get(page(world.customer))
    assert [s.pk for s in response.context["sold"]] == [world.sold.pk]


def test_R5_a_customer_page_says_whether_there_is_access_and_never_shows_the_switch(world: World, seller: User) -> None:
    client = signed_in(seller)
    said = text(client.get(page(world.customer)))
    assert "Open admin console" in said
    assert "Open since" in said
    turn_off(world)
    said = text(client.get(page(world.customer)))
    assert "Open admin console" in said
    assert "Closes at" in said
    propagate()
    said = text(client.get(page(world.customer)))
    assert "Open admin console" not in said
    assert "is not open to your organisation" in said
    assert "Closed since" in said
    desired.save_reseller_access(
        actor=world.admin, customer=world.customer, desired=[wish(world.customer, world.reseller, allowed=True)]
    )
    said = text(client.get(page(world.customer)))
    assert "Open admin console" not in said
    assert "Opens by about" in said
    for word in ("Allow reseller access", "checkbox", "reseller-access"):
        assert word not in client.get(page(world.customer)).content.decode()


def test_a_stranger_an_unassigned_and_an_ended_customer_do_not_exist(world: World, twin: World) -> None:
    unassigned = put_customer("Unassigned")
    sell(unassigned, world.reseller)
    ended = put_customer("Ended")
    assign(world.agent, ended)
    cancel_subscription(actor=None, subscription=sell(ended, world.reseller))
    client = signed_in(world.agent)
    for customer in (twin.customer, unassigned, ended):
        assert client.get(page(customer)).status_code == 404
        assert client.get(enter(customer)).status_code == 404
        assert client.post(enter(customer)).status_code == 404
        assert client.post(leave(customer)).status_code == 404
        assert client.get(console(customer)).status_code == 404
        assert entries(customer) == []


@pytest.mark.parametrize("domain", ["nowhere.example", "UPPER.example", "a b", "é.example", "a" * 254])
def test_a_domain_that_nobody_has_does_not_exist(world: World, seller: User, domain: str) -> None:
    client = signed_in(seller)
    assert client.get(f"/reseller/customers/{domain}/").status_code == 404
    assert client.get(f"/console/{domain}/").status_code == 404


def test_R13_a_suspended_reseller_opens_nothing(world: World, seller: User) -> None:
    client = signed_in(seller)
    assert client.get(CUSTOMERS).status_code == 200
    Reseller.objects.filter(pk=world.reseller.pk).update(suspended_at="2020-01-01T00:00Z")
    assert client.get(CUSTOMERS).status_code == 403
    assert client.get(page(world.customer)).status_code == 403
    assert client.post(enter(world.customer)).status_code == 403
    assert entries(world.customer) == []


def test_a_customer_page_costs_the_same_for_one_and_for_fifty_subscriptions(world: World, seller: User) -> None:
    client = signed_in(seller)
    client.get(page(world.customer))
    with CaptureQueriesContext(connection) as one:
        assert len(client.get(page(world.customer)).context["sold"]) == 1
    for _ in range(PAGE_SIZE - 1):
        sell(world.customer, world.reseller)
    with CaptureQueriesContext(connection) as fifty:
        assert len(client.get(page(world.customer)).context["sold"]) == PAGE_SIZE
    assert len(fifty) == len(one)
