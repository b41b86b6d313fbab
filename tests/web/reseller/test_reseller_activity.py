"""What a reseller reads of its own people's deeds (A4, R5)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.keyset import PAGE_SIZE
from accounts.organisations import VENDOR
from accounts.roles import Role
from subscriptions.lifecycle import Offer, place_order, transfer_subscription
from subscriptions.models import Sku
from subscriptions.models.subscription import Plan
from tests.access.world import World, make_world, propagate, sell
from tests.client import lines_of as lines
from tests.client import signed_in
from tests.client import text_of as text
from tests.factories import put_person, put_reseller
from tests.web.trail_world import found, write


@pytest.fixture
def twin(world: World) -> World:
    """Another customer with another reseller, of the same names: nothing of it may ever show."""
    return make_world()


# --- The reseller's side -------------------------------------------------------------------------


def activity(client: Client, **asked: str) -> Any:
    return client.get(reverse("reseller_activity"), asked)


def test_A4_a_reseller_sees_exactly_what_its_own_agents_did(world: World, twin: World) -> None:
    write(world.customer, world.admin, "by the customer")
    write(world.customer, None, "by the system")
    write(twin.customer, Actor(twin.agent), "by another reseller")
    write(world.customer, Actor(put_person(VENDOR, Role.VENDOR_OPERATOR)), "by the vendor")
    write(None, Actor(world.agent), "a team", name=EventName.CREATE_TEAM)
    write(world.customer, Actor(world.agent), "an entry", name=EventName.RESELLER_CONSOLE_ENTERED)
    seller = put_person(world.reseller, Role.RESELLER_ADMIN)
    entry, team = lines(activity(signed_in(seller)))
    assert f"an entry {world.customer.name} {world.agent.email}" in entry
    assert f"a team – {world.agent.email}" in team


def test_R5_a_reseller_learns_nothing_of_the_setting_or_of_another_reseller_from_its_own_deeds(world: World) -> None:
    """A sale or a transfer moves settings too: no matter whom such a line names, it is the customer's alone."""
    rival = put_reseller("Rival Resale")
    moved = sell(world.customer, rival)
    seller = put_person(world.reseller, Role.RESELLER_ADMIN)
    transfer_subscription(actor=Actor(seller), subscription=moved, reseller=world.reseller)
    offer = Offer(Sku.objects.get(pk="1010330002"), Plan.FLEXIBLE, 5)
    place_order(actor=Actor(seller), customer=make_world().customer, reseller=world.reseller, offer=offer)
    write(world.customer, Actor(seller), "Rival Resale", name=EventName.CHANGE_RESELLER_ACCESS)
    propagate()
    response = activity(signed_in(seller))
    assert found(r"Subscription (ordered|transferred)", response) == [
        "Subscription ordered",
        "Subscription transferred",
    ]
    assert "Rival" not in text(response)
    content = response.content.decode()
    assert "CHANGE_RESELLER_ACCESS" not in content
    assert lines(activity(signed_in(seller), event="CHANGE_RESELLER_ACCESS")) == []


def test_A4_agents_see_what_they_did_themselves_and_nothing_of_their_colleagues(world: World) -> None:
    colleague = put_person(world.reseller, Role.RESELLER_AGENT)
    write(world.customer, Actor(world.agent), "by the agent")
    write(world.customer, Actor(colleague), "by a colleague")
    [line] = lines(activity(signed_in(world.agent)))
    assert "by the agent" in line
    for role in (Role.INDIRECT_RESELLER_ADMIN, Role.RESELLER_AGENT, Role.SUPPORT_AGENT):
        assert lines(activity(signed_in(put_person(world.reseller, role)))) == []


def test_only_people_of_resellers_with_a_role_open_the_activity(world: World) -> None:
    url = reverse("reseller_activity")
    assert signed_in(put_person(world.reseller)).get(url).status_code == 403
    assert signed_in(world.admin.user).get(url).status_code == 404
    assert signed_in(put_person(VENDOR, Role.VENDOR_OPERATOR)).get(url).status_code == 404
    assert Client().get(url).headers["Location"] == f"/accounts/login/?next={url}"


def test_the_activity_costs_the_same_for_one_and_for_fifty_events(world: World) -> None:
    client = signed_in(put_person(world.reseller, Role.RESELLER_ADMIN))
    activity(client)
    write(world.customer, Actor(world.agent), "first")
    with CaptureQueriesContext(connection) as one:
        assert len(lines(activity(client))) == 1
    for number in range(PAGE_SIZE - 1):
        write(make_world().customer if number < 3 else world.customer, Actor(world.agent), f"number {number}")
    with CaptureQueriesContext(connection) as fifty:
        assert len(lines(activity(client))) == PAGE_SIZE
    assert len(fifty) == len(one)


def test_the_drawer_offers_the_activity_to_whoever_has_a_role_at_a_reseller(world: World) -> None:
    for person in (put_person(world.reseller, Role.RESELLER_ADMIN), world.agent):
        assert 'href="/reseller/activity/"' in signed_in(person).get("/reseller/").content.decode()
