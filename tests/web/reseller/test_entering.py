"""A reseller’s agent enters a console and leaves it: recorded, seen, and over by the clock (R8, R11, R15)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.console_sessions.entering import enter_console
from accounts.models import ConsoleSession
from accounts.organisations import VENDOR
from accounts.roles import Role
from subscriptions.access import desired, propagation
from tests.access.world import World, grant, make_world, pass_time, propagate, wish
from tests.client import signed_in
from tests.client import text_of as text
from tests.factories import put_person
from tests.web.reseller.customers_world import CUSTOMERS, console, enter, entries, leave, page, turn_off


def leads_to(response: Any) -> str:
    """The page that a redirect leads to; it says behind the question mark which one was asked for."""
    assert response.status_code == 302
    return str(response.headers["Location"].partition("?")[0])


def test_R15_entering_is_recorded_once_and_opens_the_console(world: World, twin: World) -> None:
    client = signed_in(world.agent)
    response = client.get(console(world.customer))
    assert leads_to(response) == enter(world.customer)
    assert "Your entry is recorded" in text(client.get(enter(world.customer)))
    assert entries(world.customer) == []

    response = client.post(enter(world.customer))
    assert (response.status_code, response.headers["Location"]) == (302, console(world.customer))
    client.post(enter(world.customer))
    [entry] = entries(world.customer)
    assert (entry.actor_email, entry.on_behalf_of, entry.ip_address) == (
        world.agent.email,
        world.reseller.name,
        "127.0.0.1",
    )
    response = client.get(console(world.customer))
    assert response.status_code == 200
    assert f"You work for {world.reseller.name} in the console of {world.customer.name}" in text(response)
    assert client.get(enter(world.customer)).headers["Location"] == console(world.customer)
    assert entries(twin.customer) == []


def test_R15_every_console_page_asks_for_an_entry_and_shows_for_whom_the_agent_works(world: World) -> None:
    pages = [
        console(world.customer),
        reverse("subscriptions", kwargs={"domain": world.customer.primary_domain}),
        reverse("subscription", kwargs={"domain": world.customer.primary_domain, "subscription_id": world.sold.pk}),
    ]
    client = signed_in(world.agent)
    for url in pages:
        response = client.get(url)
        assert leads_to(response) == enter(world.customer), url
    client.post(enter(world.customer))
    for url in pages:
        assert "You work for" in text(client.get(url)), url


def test_R15_leaving_means_that_the_next_visit_is_a_new_entry(world: World) -> None:
    client = signed_in(world.agent)
    client.post(enter(world.customer))
    response = client.post(leave(world.customer))
    assert (response.status_code, response.headers["Location"]) == (302, page(world.customer))
    client.post(leave(world.customer))
    assert leads_to(client.get(console(world.customer))) == enter(world.customer)
    client.post(enter(world.customer))
    assert len(entries(world.customer)) == 2


@pytest.mark.django_db(transaction=True)
def test_R15_two_clicks_at_the_same_instant_are_one_entry() -> None:
    """Two processes answer the same browser: the row of the customer decides."""
    world = make_world()
    client = signed_in(world.agent)
    key = client.session.session_key
    start = Barrier(2)

    def click() -> None:
        start.wait()
        try:
            enter_console(actor=Actor(world.agent), customer=world.customer, session_key=key)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for clicked in [pool.submit(click) for _ in range(2)]:
            clicked.result()
    assert len(entries(world.customer)) == 1
    assert client.get(console(world.customer)).status_code == 200


def test_R15_another_session_is_another_entry(world: World) -> None:
    signed_in(world.agent).post(enter(world.customer))
    other = signed_in(world.agent)
    assert leads_to(other.get(console(world.customer))) == enter(world.customer)
    other.post(enter(world.customer))
    assert len(entries(world.customer)) == 2


def test_R15_leaving_by_a_link_is_not_possible(world: World) -> None:
    client = signed_in(world.agent)
    client.post(enter(world.customer))
    assert client.get(leave(world.customer)).status_code == 405
    assert client.get(console(world.customer)).status_code == 200


def test_R8_a_closed_console_is_refused_in_words_and_nothing_is_recorded(world: World) -> None:
    client = signed_in(world.agent)
    turn_off(world)
    propagate()
    for response in (
        client.get(enter(world.customer)),
        client.post(enter(world.customer)),
        client.get(console(world.customer)),
    ):
        assert response.status_code == 403
        assert f"The console of {world.customer.name} is closed to you" in text(response)
    assert entries(world.customer) == []


def test_R8_access_ends_by_the_clock_in_the_middle_of_a_visit(world: World) -> None:
    client = signed_in(world.agent)
    client.post(enter(world.customer))
    turn_off(world)
    assert client.get(console(world.customer)).status_code == 200
    pass_time(24 * 60 * 60)
    assert grant(world.customer, world.reseller).observed_generation == 1, "no worker has run"
    assert client.get(console(world.customer)).status_code == 403


def test_R11_entering_asks_the_database_in_the_transaction_that_records_it(world: World) -> None:
    """What the page asked before is not believed: the verb itself refuses, and nothing is remembered."""
    client = signed_in(world.agent)
    key = client.session.session_key
    turn_off(world)
    propagate()
    with pytest.raises(PermissionDenied):
        enter_console(actor=Actor(world.agent), customer=world.customer, session_key=key)
    assert entries(world.customer) == []
    assert not ConsoleSession.objects.exists()


def test_A1_an_entry_that_cannot_be_recorded_opens_nothing(world: World) -> None:
    client = signed_in(world.agent)
    with transaction.atomic():
        enter_console(actor=Actor(world.agent), customer=world.customer, session_key=client.session.session_key)
        transaction.set_rollback(True)
    assert entries(world.customer) == []
    assert leads_to(client.get(console(world.customer))) == enter(world.customer)


def test_support_agents_and_people_of_customers_do_not_get_to_a_resellers_pages(world: World) -> None:
    support = signed_in(put_person(world.reseller, Role.SUPPORT_AGENT))
    admin = signed_in(world.admin.user)
    operator = signed_in(put_person(VENDOR, Role.VENDOR_OPERATOR))
    for url in (CUSTOMERS, page(world.customer), enter(world.customer)):
        assert support.get(url).status_code == 403
        assert admin.get(url).status_code == 404
        assert operator.get(url).status_code == 404
        response = Client().get(url)
        assert (response.status_code, response.headers["Location"]) == (302, f"/accounts/login/?next={url}")
    propagation.apply_due_changes()
    assert entries(world.customer) == []


def test_R15_coming_back_after_access_was_closed_is_a_new_entry(world: World) -> None:
    client = signed_in(world.agent)
    client.post(enter(world.customer))
    desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    assert client.get(console(world.customer)).status_code == 403
    give = wish(world.customer, world.reseller, allowed=True)
    desired.save_reseller_access(actor=world.admin, customer=world.customer, desired=[give])
    propagate()
    assert leads_to(client.get(console(world.customer))) == enter(world.customer)


def test_R15_access_that_was_closed_and_given_again_meanwhile_is_a_new_entry(world: World) -> None:
    """Nobody asked for a page while the console was closed: the open session alone must not lead back in."""
    client = signed_in(world.agent)
    client.post(enter(world.customer))
    desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    give = wish(world.customer, world.reseller, allowed=True)
    desired.save_reseller_access(actor=world.admin, customer=world.customer, desired=[give])
    propagate()
    assert leads_to(client.get(console(world.customer))) == enter(world.customer)
    client.post(enter(world.customer))
    assert client.get(console(world.customer)).status_code == 200
    assert len(entries(world.customer)) == 2
