"""X6: which events an endpoint hears of, and that the right is asked again when a message is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.audit import EventName, event, record_audit, record_for_people, record_many
from accounts.audit_log import CUSTOMER_EVENTS, RESELLER_EVENTS
from accounts.event_families import FAMILIES, UNHEARD, Family
from accounts.event_rows import hearers
from accounts.models import Customer, UntoldEvent, User, WebhookDelivery
from accounts.models.webhooks import Outcome
from accounts.notices.table import NOTICES
from accounts.organisations import suspend_reseller
from accounts.roles import Role
from accounts.webhooks.endpoints import pause_webhook
from accounts.webhooks.queueing import writers
from accounts.webhooks.sending import due_deliveries
from subscriptions import lifecycle
from subscriptions.access import propagation
from tests.access.boxes import console, save
from tests.access.fixtures import world
from tests.access.world import DAY, World, pass_time
from tests.accounts.webhooks.receiver import Receiver, listen
from tests.factories import make_customer, make_person

__all__ = ["world"]
URL = "http://127.0.0.1:1/"


def test_X6_every_event_is_of_one_family_or_says_why_not() -> None:
    assert FAMILIES.keys() | UNHEARD.keys() == set(EventName)
    assert FAMILIES.keys() & UNHEARD.keys() == set()
    assert all(UNHEARD.values())


def test_X6_every_event_of_a_family_can_be_heard_by_some_organisation() -> None:
    assert FAMILIES.keys() <= set(CUSTOMER_EVENTS) | set(RESELLER_EVENTS)
    assert {EventName(name) for name in hearers()} <= FAMILIES.keys()


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme", "acme.example")


@pytest.fixture
def ana(acme: Customer) -> User:
    return make_person(acme, Role.SUPER_ADMIN, name="Ana")


@pytest.fixture
def rosa(world: World) -> User:
    """An admin of the reseller that sells to the customer of the world."""
    return make_person(world.reseller, Role.RESELLER_ADMIN, name="Rosa")


def queued() -> list[str]:
    return list(WebhookDelivery.objects.order_by("pk").values_list("type", flat=True))


def said() -> list[dict[str, Any]]:
    """What would be sent now."""
    found = []
    for delivery in WebhookDelivery.objects.order_by("pk"):
        message = writers()[delivery.kind](delivery)
        found += [json.loads(message.body)["data"]] if message else []
    return found


def test_X6_an_endpoint_hears_of_its_own_organisation_and_families_only(ana: User) -> None:
    gina = make_person(make_customer("Globex", "globex.example"), Role.SUPER_ADMIN)
    listen(ana, URL, Family.DIRECTORY)
    listen(gina, URL, Family.DIRECTORY)
    WebhookDelivery.objects.all().delete()
    for name in (EventName.CREATE_GROUP, EventName.SUSPEND_USER, EventName.CREATE_CASE):
        record_audit(name, actor=Actor(user=ana), customer=ana.customer_id, subject="x")
    [row] = WebhookDelivery.objects.select_related("endpoint")
    assert (row.endpoint.customer_id, row.type) == (ana.customer_id, "directory.create_group")


def test_X6_a_paused_endpoint_is_queued_nothing(ana: User) -> None:
    endpoint, _secret = listen(ana, URL, Family.DIRECTORY)
    pause_webhook(actor=Actor(user=ana), endpoint=endpoint)
    record_audit(EventName.CREATE_GROUP, actor=Actor(user=ana), customer=ana.customer_id)
    assert queued() == []


def test_X6_what_a_verb_takes_back_is_not_sent(ana: User) -> None:
    listen(ana, URL, Family.DIRECTORY)

    def fail() -> None:
        with transaction.atomic():
            record_audit(EventName.CREATE_GROUP, actor=Actor(user=ana), customer=ana.customer_id)
            assert queued() == ["directory.create_group"]
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert queued() == []


def test_X6_events_that_the_database_makes_are_heard_too(acme: Customer, ana: User) -> None:
    people = [make_person(acme, name=f"Person {number}").pk for number in range(3)]
    args: dict[str, Any] = {"actor": Actor(user=ana), "customer": ana.customer_id, "people": people}
    record_for_people(EventName.USER_LICENSE_ASSIGNMENT, **args)
    assert queued() == []
    listen(ana, URL, Family.SUBSCRIPTIONS)
    record_for_people(EventName.USER_LICENSE_ASSIGNMENT, **args)
    assert queued() == ["subscriptions.user_license_assignment"] * 3
    assert {data["subject"] for data in said()} == set(
        User.objects.filter(pk__in=people).values_list("email", flat=True)
    )


def test_R25_those_who_must_know_are_noted_with_the_same_statement(ana: User) -> None:
    """Saving costs no statement more than before there were webhooks, whether or not anybody is told."""
    UntoldEvent.objects.all().delete()
    told, untold = EventName.SUSPEND_USER, EventName.LIFT_RATE_LIMIT
    assert told in NOTICES and untold not in NOTICES
    with CaptureQueriesContext(connection) as asked:
        record_many(event(told, actor=Actor(user=ana), customer=ana.customer_id, about_id=7) for _ in range(3))
    assert len(asked) == 2
    assert list(UntoldEvent.objects.values_list("about_id", flat=True)) == [7, 7, 7]
    with CaptureQueriesContext(connection) as asked:
        record_audit(untold, actor=Actor(user=ana), customer=ana.customer_id)
    assert len(asked) == 1


def test_R5_a_reseller_hears_whether_it_has_access_and_not_who_decided(world: World, rosa: User) -> None:
    listen(rosa, URL, Family.ACCESS)
    save(world, console(world, False))
    assert queued() == []  # the setting is the customer's
    pass_time(DAY)
    propagation.apply_due_changes()
    assert queued() == ["access.reseller_access_applied"]
    [data] = said()
    assert data["newValue"]["allowed"] is False and data["customer"]["domain"] == world.customer.primary_domain
    assert "actor" not in data and world.admin.user.email not in json.dumps(data)


def test_X6_a_stranger_of_a_reseller_hears_nothing(world: World, rosa: User) -> None:
    other = make_person(make_customer("Globex", "globex.example"), Role.SUPER_ADMIN)
    listen(other, URL)
    WebhookDelivery.objects.all().delete()
    save(world, console(world, False))
    pass_time(DAY)
    propagation.apply_due_changes()
    assert queued() == []


def test_A4_a_reseller_hears_what_its_own_people_did_and_of_no_others(world: World, rosa: User) -> None:
    listen(rosa, URL, Family.DIRECTORY)
    agent = Actor(user=world.agent)
    record_audit(EventName.CREATE_GROUP, actor=agent, customer=world.customer, subject="theirs")
    record_audit(EventName.CREATE_GROUP, actor=world.admin, customer=world.customer, subject="the customer's")
    assert [data["subject"] for data in said()] == ["theirs"]


@pytest.mark.parametrize("ends", ["relation", "suspended"])
def test_X6_a_reseller_hears_no_more_of_a_customer_it_may_not_know(
    world: World, rosa: User, program: Receiver, ends: str
) -> None:
    listen(rosa, program.url, Family.DIRECTORY)
    record_audit(EventName.CREATE_GROUP, actor=Actor(user=world.agent), customer=world.customer)
    assert len(said()) == 1
    if ends == "relation":
        lifecycle.cancel_subscription(actor=None, subscription=world.sold)
    else:
        suspend_reseller(actor=None, reseller=world.reseller)
    assert said() == []
    sum(due_deliveries())
    [row] = WebhookDelivery.objects.filter(type="directory.create_group")
    assert row.outcome == Outcome.NOT_FOR_THEM and program.got == []


def test_X6_a_customer_hears_what_outsiders_did_in_its_console(world: World) -> None:
    listen(world.admin.user, URL, Family.DIRECTORY)
    record_audit(EventName.CREATE_GROUP, actor=Actor(user=world.agent), customer=world.customer, subject="x")
    [data] = said()
    assert (data["actor"]["kind"], data["actor"]["onBehalfOf"]) == ("reseller", world.reseller.name)
