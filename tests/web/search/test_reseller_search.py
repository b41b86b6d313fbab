"""The search of a reseller's own pages: its customers, what it sold, and people only while inside (P4, B3, R15)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import OpenedPage
from accounts.organisations import suspend_reseller
from accounts.roles import Role
from accounts.staffing import unassign_customers_from_agent
from subscriptions.models import AccessGrant
from subscriptions.models.level import Level
from tests.access.world import World, pass_time, propagate
from tests.accounts.entering import inside
from tests.client import signed_in
from tests.factories import make_person
from tests.web.reseller.customers_world import leave, turn_off
from tests.web.search.found import found

SEARCH = "/reseller/search/"


def search(client: Client, text: str) -> dict[str, list[str]]:
    return found(client.get(SEARCH, {"q": text}))


def test_P4_an_agent_finds_the_customers_they_work_for_and_what_was_sold_to_them(world: World, twin: World) -> None:
    domain, sold = world.customer.primary_domain, world.sold.sku.name
    expected = {"Customers": [world.customer.name], "Sold subscriptions": [sold]}
    assert search(signed_in(world.agent), domain) == expected
    assert search(signed_in(world.agent), twin.customer.primary_domain) == {}
    other = make_person(world.reseller, Role.RESELLER_AGENT)
    assert search(signed_in(other), domain) == {}
    assert search(signed_in(make_person(world.reseller, Role.RESELLER_ADMIN)), domain) == expected
    assert search(signed_in(make_person(world.reseller, Role.SUPPORT_AGENT)), domain) == {}


def test_B3_sold_subscriptions_are_found_by_product_and_by_number(world: World, twin: World) -> None:
    client = signed_in(world.agent)
    assert search(client, world.sold.sku.name)["Sold subscriptions"] == [world.sold.sku.name]
    assert search(client, f"#{world.sold.pk}")["Sold subscriptions"] == [world.sold.sku.name]
    assert "Sold subscriptions" not in search(client, f"#{twin.sold.pk}")
    assert "Sold subscriptions" not in search(client, f"#{world.own.pk}")


def test_P8_an_agent_who_works_for_a_customer_no_more_finds_it_no_more(world: World) -> None:
    client = signed_in(world.agent)
    assert search(client, world.customer.primary_domain)
    unassign_customers_from_agent(actor=None, agent=world.agent, customers=[world.customer])
    assert search(client, world.customer.primary_domain) == {}


def heading(world: World) -> str:
    return f"Users {world.customer.name}"


def test_R15_people_are_found_while_the_agent_is_inside_only(world: World) -> None:
    make_person(world.customer, name="Vera Quill")
    assert search(signed_in(world.agent), "quill") == {}
    client = inside(world)
    assert search(client, "quill") == {heading(world): ["Vera Quill"]}
    # Another browser of the same agent has not entered.
    assert search(signed_in(world.agent), "quill") == {}
    client.post(leave(world.customer))
    assert search(client, "quill") == {}


def test_R23_finding_them_stands_in_the_record_of_the_visit(world: World) -> None:
    make_person(world.customer, name="Vera Quill")
    client = inside(world)
    search(client, "quill")
    row = OpenedPage.objects.get(filter="q=quill")
    assert (row.page, row.path, row.rows) == ("console_search", "search/", 1)


def test_R23_what_cannot_be_written_down_is_not_shown(world: World) -> None:
    make_person(world.customer, name="Vera Quill")
    client = inside(world)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
            "CREATE TRIGGER refuse BEFORE INSERT ON accounts_openedpage FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    response = client.get(SEARCH, {"q": "quill"})
    assert response.status_code == 503
    assert b"Quill" not in response.content


@pytest.mark.parametrize("level", [Level.CASES, Level.VIEW])
def test_R18_a_level_without_users_finds_none(world: World, level: Level) -> None:
    make_person(world.customer, name="Vera Quill")
    client = inside(world)
    AccessGrant.objects.filter(customer=world.customer, subscription=None).update(level=level, effective_level=level)
    assert search(client, "quill") == ({} if level == Level.CASES else {heading(world): ["Vera Quill"]})


def test_R8_access_that_has_ended_finds_nobody(world: World) -> None:
    make_person(world.customer, name="Vera Quill")
    client = inside(world)
    turn_off(world)
    pass_time(24 * 3600)
    assert search(client, "quill") == {}
    propagate()
    assert search(client, "quill") == {}


def test_R13_a_suspended_reseller_finds_nothing(world: World) -> None:
    client = inside(world)
    suspend_reseller(actor=None, reseller=world.reseller)
    assert client.get(SEARCH, {"q": "a"}).status_code == 403


def test_staff_are_suggested_to_admins_of_their_reseller_alone(world: World, twin: World) -> None:
    for one in (world, twin):
        make_person(one.reseller, name=f"Quentin {one.reseller.primary_domain}")
    admin = make_person(world.reseller, Role.RESELLER_ADMIN)
    page = signed_in(admin).get(reverse("reseller_people"), {"q": "quentin"}).content.decode()
    assert page.count('role="option"') == 1
    assert world.reseller.primary_domain in page
    assert twin.reseller.primary_domain not in page
    assert signed_in(world.agent).get(reverse("reseller_people"), {"q": "quentin"}).status_code == 403


def test_the_field_for_a_member_of_a_team_suggests_staff(world: World) -> None:
    admin = make_person(world.reseller, Role.RESELLER_ADMIN)
    assert f'data-suggests="{reverse("reseller_people")}"' in signed_in(admin).get("/reseller/").content.decode()
    assert "data-suggests" not in signed_in(world.agent).get("/reseller/").content.decode()
