"""The subscriptions in a customer's console, for its own people and for agents (B1, B2, R3, R14)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.keyset import PAGE_SIZE
from accounts.models import Customer
from accounts.roles import Role
from subscriptions.access import desired
from subscriptions.lifecycle import cancel_subscription
from subscriptions.models import Subscription
from tests.access.world import World, make_world, propagate, sell, wish
from tests.client import signed_in
from tests.client import text_of as text
from tests.factories import put_person, put_reseller


@pytest.fixture
def twin(world: World) -> World:
    """Another customer with another reseller, of the same names: nothing of it may ever show."""
    return make_world()


def agent_inside(world: World) -> Client:
    client = signed_in(world.agent)
    client.post(reverse("enter_console", kwargs={"domain": world.customer.primary_domain}))
    return client


def subscriptions(customer: Customer) -> str:
    return reverse("subscriptions", kwargs={"domain": customer.primary_domain})


def detail(customer: Customer, subscription: Subscription | int) -> str:
    number = subscription if isinstance(subscription, int) else subscription.pk
    return reverse("subscription", kwargs={"domain": customer.primary_domain, "subscription_id": number})


def shown(response: Any) -> set[int]:
    """The subscriptions that a list links to."""
    assert response.status_code == 200
    return {int(number) for number in re.findall(r'/subscriptions/(\d+)/"', response.content.decode())}


def open_to_reseller(world: World, subscription: Subscription) -> None:
    desired.save_reseller_access(
        actor=world.admin,
        customer=world.customer,
        desired=[wish(world.customer, world.reseller, allowed=True, subscription=subscription)],
        agreed=[world.reseller.pk],
    )
    propagate()


@pytest.mark.parametrize("role", [Role.SUPER_ADMIN, Role.AUDITOR])
def test_B1_the_customer_sees_all_its_subscriptions_and_from_whom(world: World, twin: World, role: Role) -> None:
    rival = put_reseller("Rival Resale")
    sold_by_rival = sell(world.customer, rival)
    cancelled = sell(world.customer, None)
    cancel_subscription(actor=None, subscription=cancelled)
    person = put_person(world.customer, role)
    response = signed_in(person).get(subscriptions(world.customer))
    assert shown(response) == {world.sold.pk, world.own.pk, sold_by_rival.pk, cancelled.pk}
    assert "4 subscriptions" in text(response)
    for words in ("Google Workspace Reseller", "Rival Resale", "Google", "Cancelled"):
        assert words in text(response)


def test_R3_an_agent_sees_exactly_what_its_reseller_sold_and_what_was_opened_to_it(world: World, twin: World) -> None:
    rival = put_reseller("Rival Resale")
    sold_by_rival = sell(world.customer, rival)
    client = agent_inside(world)
    assert shown(client.get(subscriptions(world.customer))) == {world.sold.pk}
    assert "1 subscription " in text(client.get(subscriptions(world.customer)))
    assert "Rival" not in client.get(subscriptions(world.customer)).content.decode()
    assert client.get(detail(world.customer, world.own)).status_code == 404

    open_to_reseller(world, world.own)
    # The test moves every window to let time pass, so that the console has to be entered again (R15).
    client = agent_inside(world)
    assert shown(client.get(subscriptions(world.customer))) == {world.sold.pk, world.own.pk}
    assert client.get(detail(world.customer, world.own)).status_code == 200
    assert client.get(detail(world.customer, sold_by_rival)).status_code == 404


def test_a_subscription_out_of_scope_does_not_exist(world: World, twin: World) -> None:
    admin, agent = signed_in(world.admin.user), agent_inside(world)
    for client in (admin, agent):
        for number in (twin.sold.pk, twin.own.pk, 0, 999_999, 10**30):
            assert client.get(detail(world.customer, number)).status_code == 404
        assert client.get(subscriptions(twin.customer)).status_code == 404
        assert client.get(detail(twin.customer, twin.sold)).status_code == 404


def test_R14_an_agent_does_not_see_to_whom_a_subscription_is_opened(world: World) -> None:
    open_to_reseller(world, world.own)
    said = text(agent_inside(world).get(detail(world.customer, world.own)))
    assert "Resellers with access" not in said
    assert "opened it to you" in said
    said = text(signed_in(world.admin.user).get(detail(world.customer, world.own)))
    assert re.search(
        r"Resellers with access to this subscription .* Reseller Open since \d\d:\d\d (yester|to)day", said
    )


def test_B2_what_a_reseller_sold_is_only_viewed_and_says_who_manages_it(world: World) -> None:
    response = signed_in(world.admin.user).get(detail(world.customer, world.sold))
    assert "Reseller sold this subscription and manages it" in text(response)
    main = response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    assert "<form" not in main
    assert "<button" not in main


def test_the_filters_narrow_by_product_seller_and_status(world: World) -> None:
    rival = put_reseller("Rival Resale")
    sold_by_rival = sell(world.customer, rival, "1010330002")
    cancelled = sell(world.customer, None)
    cancel_subscription(actor=None, subscription=cancelled)
    client = signed_in(world.admin.user)
    url = subscriptions(world.customer)
    assert shown(client.get(url, {"source": "vendor"})) == {world.own.pk, cancelled.pk}
    assert shown(client.get(url, {"source": rival.public_id})) == {sold_by_rival.pk}
    assert shown(client.get(url, {"status": "CANCELLED"})) == {cancelled.pk}
    assert shown(client.get(url, {"q": "vOiCe"})) == {world.own.pk, sold_by_rival.pk}
    assert shown(client.get(url, {"q": "voice", "source": "vendor", "status": "ACTIVE"})) == {world.own.pk}
    assert shown(client.get(url, {"q": "%"})) == set()
    assert "No subscription matches this search" in text(client.get(url, {"q": "nothing"}))


@pytest.mark.parametrize(("field", "value"), [("q", "x" * 101), ("source", "rival"), ("status", "active")])
def test_a_filter_that_is_not_understood_names_the_field(world: World, field: str, value: str) -> None:
    response = signed_in(world.admin.user).get(subscriptions(world.customer), {field: value})
    assert shown(response) == set()
    assert f'id="id_{field}_error"' in response.content.decode()


def test_R14_an_agent_cannot_filter_by_another_reseller(world: World) -> None:
    rival = put_reseller("Rival Resale")
    sell(world.customer, rival)
    response = agent_inside(world).get(subscriptions(world.customer), {"source": rival.public_id})
    assert shown(response) == set()
    assert "id_source_error" in response.content.decode()
    assert "Rival" not in text(response)


def test_roles_without_the_right_do_not_open_the_page(world: World) -> None:
    helper = signed_in(put_person(world.customer, Role.HELP_DESK_ADMIN))
    nobody = signed_in(put_person(world.customer))
    for client in (helper, nobody):
        assert client.get(subscriptions(world.customer)).status_code == 403
        assert client.get(detail(world.customer, world.sold)).status_code == 403


def test_pages_hold_fifty_and_come_once_each(world: World) -> None:
    for _ in range(PAGE_SIZE + 5):
        sell(world.customer, None)
    client = signed_in(world.admin.user)
    first = client.get(subscriptions(world.customer))
    following = re.search(r'href="([^"]+)" rel="next"', first.content.decode())
    assert following
    second = client.get(following[1])
    assert (len(shown(first)), len(shown(second))) == (PAGE_SIZE, 7)
    assert shown(first) | shown(second) == set(world.customer.subscriptions.values_list("pk", flat=True))
    back = re.search(r'href="([^"]+)" rel="prev"', second.content.decode())
    assert back
    assert shown(client.get(back[1])) == shown(first)


@pytest.mark.parametrize("who", ["admin", "agent"])
def test_the_list_costs_the_same_for_one_and_for_fifty_subscriptions(world: World, who: str) -> None:
    client = signed_in(world.admin.user) if who == "admin" else agent_inside(world)
    cancel_subscription(actor=None, subscription=world.own)
    Subscription.objects.filter(pk=world.own.pk).update(customer=make_world().customer)
    client.get(subscriptions(world.customer))
    with CaptureQueriesContext(connection) as one:
        assert len(shown(client.get(subscriptions(world.customer)))) == 1
    for _ in range(PAGE_SIZE - 1):
        sell(world.customer, world.reseller)
    with CaptureQueriesContext(connection) as fifty:
        assert len(shown(client.get(subscriptions(world.customer)))) == PAGE_SIZE
    assert len(fifty) == len(one)
