"""Licensing v1: with the original's own client (B4, R3, R14, R18; api.md 1.3)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, ConsoleSession, User
from accounts.roles import Role
from subscriptions.access import propagation
from subscriptions.access.desired import save_reseller_access
from subscriptions.models import Licence
from subscriptions.models.subscription import Plan
from tests.access.world import World, make_world, propagate, sell, wish
from tests.api.google import service
from tests.api.machines import machine
from tests.api.reseller_world import refused
from tests.factories import put_person
from tests.subscriptions.lifecycle_world import PLUS, on_plan, use

WORKSPACE, STARTER, STANDARD = "Google-Apps", "1010020027", "1010020028"
VOICE, VOICE_STANDARD = "101033", "1010330004"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def stranger(world: World) -> World:
    return make_world()


class Licences:
    """The licences that a person's machine asks for."""

    def __init__(self, person: User) -> None:
        self.api = service(Client(), machine(person), "licensing", "v1").licenseAssignments()

    def __call__(self, method: str, product: str = WORKSPACE, sku: str = STARTER, **given: Any) -> Any:
        if method != "listForProduct":
            given["skuId"] = sku
        return getattr(self.api, method)(productId=product, **given).execute()

    def assign(self, person: User, product: str = WORKSPACE, sku: str = STARTER) -> Any:
        return self("insert", product, sku, body={"userId": person.email})


@pytest.fixture
def admin(world: World) -> Licences:
    return Licences(world.admin.user)


@pytest.fixture
def person(world: World) -> User:
    return put_person(world.customer)


def held(person: User) -> set[str]:
    return set(Licence.objects.filter(user=person, revoked_at=None).values_list("subscription__sku", flat=True))


def test_a_licence_is_assigned_shown_and_revoked(admin: Licences, person: User) -> None:
    made = admin.assign(person)
    assert (made["userId"], made["productId"], made["skuId"]) == (person.email, WORKSPACE, STARTER)
    assert (made["productName"], made["skuName"]) == ("Google Workspace", "Google Workspace Business Starter")
    assert admin("get", userId=person.email) == made
    assert admin("get", userId=person.public_id) == made, "by the id of the Directory API"
    admin("delete", userId=person.email)
    assert held(person) == set()
    assert refused(admin, method="get", userId=person.email) == (404, "notFound")
    assert refused(admin, method="delete", userId=person.email) == (404, "notFound")
    names = AuditEvent.objects.filter(target_id=person.pk).order_by("id").values_list("name", "client_name")
    assert [name for name, _client in names] == ["USER_LICENSE_ASSIGNMENT", "USER_LICENSE_REVOKE"]
    assert all(client for _name, client in names)


def test_who_has_one_gets_no_second_one_of_the_product(world: World, admin: Licences, person: User) -> None:
    """https://developers.google.com/workspace/admin/licensing/v1/how-tos/using: 412 conditionNotMet"""
    sell(world.customer, None, STANDARD)
    admin.assign(person)
    for sku in (STARTER, STANDARD):
        assert refused(admin.assign, person=person, sku=sku) == (412, "conditionNotMet")
    assert admin.assign(person, VOICE, VOICE_STANDARD)["productId"] == VOICE


def test_without_a_free_seat_nobody_gets_one(world: World, admin: Licences, person: User) -> None:
    use(world.sold, 10)
    assert refused(admin.assign, person=person) == (412, "conditionNotMet")
    assert refused(admin.assign, person=person, sku=PLUS) == (404, "notFound")
    sell(world.customer, None, STARTER)
    assert admin.assign(person)["skuId"] == STARTER, "of the second subscription, which has a free seat"
    assert held(person) == {STARTER}


@pytest.mark.parametrize(
    ("product", "sku", "expected"),
    [
        (WORKSPACE, "nothing", (400, "invalid")),
        (VOICE, STARTER, (400, "invalid")),
        ("nothing", STARTER, (400, "invalid")),
    ],
)
def test_a_product_or_sku_that_is_none_is_invalid(
    world: World, admin: Licences, person: User, product: str, sku: str, expected: tuple[int, str]
) -> None:
    assert refused(admin.assign, person=person, product=product, sku=sku) == expected
    asked = {"method": "listForProductAndSku", "customerId": world.customer.customer_id}
    assert refused(admin, product=product, sku=sku, **asked) == expected


@pytest.mark.parametrize("method", ["patch", "update"])
def test_a_person_changes_to_another_sku_of_the_product(
    world: World, admin: Licences, person: User, method: str
) -> None:
    on_plan(world.customer, None, Plan.FLEXIBLE, 1, PLUS)
    admin.assign(person)
    body = {"productId": WORKSPACE, "skuId": PLUS, "userId": person.email}
    assert admin(method, userId=person.email, body=body)["skuId"] == PLUS
    assert held(person) == {PLUS}
    assert refused(admin, method=method, userId=person.email, body=body) == (404, "notFound"), "Starter is left"
    other = put_person(world.customer)
    admin.assign(other)
    assert refused(admin, method=method, userId=other.email, body=body) == (412, "conditionNotMet")
    wrong = {**body, "productId": VOICE}
    assert refused(admin, method=method, userId=other.email, body=wrong) == (400, "invalid")
    assert held(other) == {STARTER}


def test_lists_are_by_address_in_pages(world: World, admin: Licences) -> None:
    people = [put_person(world.customer) for _ in range(5)]
    for person in people:
        admin.assign(person)
    admin.assign(people[0], VOICE, VOICE_STANDARD)
    found, token = [], None
    for _ in range(3):
        given: dict[str, Any] = {"pageToken": token} if token else {}
        answer = admin("listForProduct", customerId=world.customer.primary_domain, maxResults=2, **given)
        found += [item["userId"] for item in answer["items"]]
        token = answer.get("nextPageToken")
    assert (found, token) == (sorted(person.email for person in people), None)
    voice = admin("listForProductAndSku", VOICE, VOICE_STANDARD, customerId=world.customer.customer_id)
    assert [item["userId"] for item in voice["items"]] == [people[0].email]
    first = admin("listForProduct", customerId=world.customer.customer_id, maxResults=2)
    asked = {"method": "listForProduct", "customerId": world.customer.customer_id, "maxResults": 2}
    assert refused(admin, pageToken=f"{first['nextPageToken']}x", **asked) == (400, "invalid")


def test_a_list_asks_as_often_for_thirty_as_for_one(world: World, admin: Licences) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            admin("listForProduct", customerId=world.customer.customer_id)
        return len([query for query in queries if "licence" in query["sql"] or "accounts_user" in query["sql"]])

    big = on_plan(world.customer, None, Plan.FLEXIBLE, 100, PLUS)
    use(big, 1)
    one = asked()
    use(big, 29)
    assert asked() == one


# --- Agents (R3, R14, X4) -----------------------------------------------------------------------------


def test_R3_an_agent_assigns_what_is_open_to_them_and_enters_with_it(world: World, person: User) -> None:
    agent = Licences(world.agent)
    assert agent.assign(person)["userId"] == person.email
    assert ConsoleSession.objects.filter(customer=world.customer, agent=world.agent).count() == 1, "X4"
    assert refused(agent.assign, person=person, product=VOICE, sku=VOICE_STANDARD) == (404, "notFound")
    save_reseller_access(
        actor=world.admin,
        customer=world.customer,
        desired=[wish(world.customer, world.reseller, True, world.own)],
        agreed=[world.reseller.pk],
    )
    propagate()
    assert agent.assign(person, VOICE, VOICE_STANDARD)["productId"] == VOICE


def test_R13_a_closed_console_a_stranger_and_the_wrong_role_are_refused(
    world: World, stranger: World, person: User
) -> None:
    assert refused(Licences(stranger.agent).assign, person=person) == (404, "notFound")
    assert refused(Licences(stranger.admin.user).assign, person=person) == (404, "notFound")
    auditor = Licences(put_person(world.customer, Role.AUDITOR))
    assert refused(auditor.assign, person=person) == (403, "forbidden")
    lists = {"method": "listForProduct", "customerId": world.customer.customer_id}
    assert auditor(**lists)["items"] == []
    assert refused(Licences(stranger.agent), **lists) == (404, "notFound")
    save_reseller_access(
        actor=world.admin, customer=world.customer, desired=[wish(world.customer, world.reseller, False)]
    )
    propagate()
    propagation.apply_due_changes()
    assert refused(Licences(world.agent).assign, person=person) == (403, "forbidden")
    assert held(person) == set()
