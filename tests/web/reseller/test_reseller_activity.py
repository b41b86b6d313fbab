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
from accounts.directory.people import suspend_user
from accounts.keyset import PAGE_SIZE
from accounts.models import Address, User
from accounts.models.targets import Pointer, TargetKind
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


def test_a_bulk_change_on_a_resellers_own_pages_is_a_link_and_one_in_a_console_is_not(world: World) -> None:
    for customer, number in ((None, 7), (world.customer, 8)):
        write(customer, Actor(world.agent), "", name=EventName.BULK_CHANGE, target=Pointer(TargetKind.JOB, number))
    page = activity(signed_in(world.agent)).content.decode()
    assert f'<a href="{reverse("reseller_job", kwargs={"job_id": 7})}"><bdi>File or bulk change 7</bdi></a>' in page
    assert "File or bulk change 8</bdi></td>" in page


def test_P5_a_reseller_reads_what_an_operator_did_to_its_people_and_to_no_other(world: World, twin: World) -> None:
    operator = Actor(put_person(VENDOR, Role.VENDOR_OPERATOR))
    seller = put_person(world.reseller, Role.RESELLER_ADMIN)
    for agent in (world.agent, twin.agent):
        suspend_user(actor=operator, person=agent)
    suspend_user(actor=operator, person=put_person(world.customer))
    [line] = lines(activity(signed_in(seller)))
    assert world.agent.email in line
    assert operator.user.email in line


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


# --- Its filters ---------------------------------------------------------------------------------


def test_A4_a_reseller_filters_by_customer_agent_and_group_of_events(world: World, twin: World) -> None:
    gone = put_person(world.reseller, Role.RESELLER_AGENT)
    write(world.customer, Actor(world.agent), "number 1")
    write(twin.customer, Actor(world.agent), "number 2")
    write(world.customer, Actor(gone), "number 3", name=EventName.ENROLL_DEVICE)
    write(None, Actor(world.agent), "number 4", name=EventName.CREATE_TEAM)
    write(twin.customer, Actor(twin.agent), "number 5")
    client = signed_in(put_person(world.reseller, Role.RESELLER_ADMIN))

    def numbers(**asked: str) -> list[str]:
        return found(r"number \d", activity(client, **asked))

    assert numbers() == ["number 4", "number 3", "number 2", "number 1"]
    assert numbers(customer=world.customer.primary_domain.upper()) == ["number 3", "number 1"]
    assert numbers(customer=twin.customer.primary_domain) == ["number 2"]
    assert numbers(customer="nobody.example") == []
    assert numbers(actor=world.agent.email) == ["number 4", "number 2", "number 1"]
    assert numbers(actor=twin.agent.email) == []
    assert numbers(event="group:staff") == ["number 4"]
    assert numbers(event="group:devices") == ["number 3"]
    gone_address = gone.email
    User.objects.filter(pk=gone.pk).update(email="purged@purged.invalid")
    Address.objects.filter(user=gone).delete()
    assert numbers(actor=gone_address) == ["number 3"], "one who has left"


def test_R5_no_group_of_events_gives_a_reseller_what_is_the_customers_alone(world: World) -> None:
    seller = put_person(world.reseller, Role.RESELLER_ADMIN)
    write(world.customer, Actor(seller), "number 1", name=EventName.CHANGE_RESELLER_ACCESS)
    write(world.customer, Actor(seller), "number 2", name=EventName.REQUEST_RESELLER_ACCESS)
    assert lines(activity(signed_in(seller), event="group:access")) == []
    [only] = lines(activity(signed_in(seller), event="group:requests"))
    assert "number 2" in only
