"""The original's code lab with its own client: a customer, its first admin, an order (P7, R14; api.md 1.7 no. 1, 2).

https://developers.google.com/workspace/admin/reseller/v1/codelab/end-to-end
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent, ConsoleSession, Customer, Mail, User
from accounts.roles import Role
from subscriptions.models import AccessGrant
from tests.access.world import World, make_world
from tests.api.google import service
from tests.api.machines import machine
from tests.api.reseller_world import Desk, desk_of, new_customer, order, refused, registered
from tests.factories import put_reseller


@pytest.fixture
def admin(db: None) -> Desk:
    return desk_of(put_reseller("Resale"))


def people(desk: Desk) -> Any:
    """The Directory API, with a token of the same person."""
    return service(Client(), machine(desk.person), "admin", "directory_v1").users()


def new_person(name: str = "peter") -> dict[str, Any]:
    return {
        "primaryEmail": f"{name}@initech.example",
        "name": {"givenName": name.title(), "familyName": "Gibbons"},
        "password": "P@ssw0rd-of-the-code-lab",
    }


def test_P7_R14_the_whole_way(admin: Desk) -> None:
    assert refused(admin.customers, method="get", customerId="initech.example") == (404, "notFound")
    customer = admin.customers("insert", body=new_customer())
    users = people(admin)
    made = users.insert(body=new_person()).execute()
    assert made["customerId"] == customer["customerId"]
    users.makeAdmin(userKey="peter@initech.example", body={"status": True}).execute()
    shown = admin.subscriptions(
        "insert", customerId=customer["customerId"], body=order("1010020025", "ANNUAL_MONTHLY_PAY", 5)
    )
    assert shown["customerDomain"] == "initech.example"
    person = User.objects.get(email="peter@initech.example")
    assert person.roles == frozenset({Role.SUPER_ADMIN})
    assert not person.has_usable_password(), "R14: the one of the code lab is ignored"
    assert Mail.objects.filter(recipient=person, kind="invitation").count() == 1
    stored = registered("initech.example")
    assert stored.registered_by is None
    assert AccessGrant.objects.get(customer=stored).lapses_at is None
    assert ConsoleSession.objects.filter(customer=stored, agent=admin.person).count() == 1, "X4"
    clients = AuditEvent.objects.filter(customer_id=stored.pk, actor_id=admin.person.pk).values_list("client_name")
    assert clients and all(name for (name,) in clients), "each event names the machine"


def test_R14_there_is_one_first_admin_and_no_password_of_the_resellers_anywhere(admin: Desk) -> None:
    admin.customers("insert", body=new_customer())
    users = people(admin)
    for name in ("peter", "mary"):
        users.insert(body=new_person(name)).execute()
    users.makeAdmin(userKey="peter@initech.example", body={"status": True}).execute()
    for key in ("mary@initech.example", "peter@initech.example"):
        for status in (True, False):
            ask = users.makeAdmin(userKey=key, body={"status": status})
            assert refused(ask.execute) == (403, "forbidden")
    reset = users.update(userKey="peter@initech.example", body={"password": "known-to-the-reseller-9"})
    assert refused(reset.execute)[0] in (400, 403)
    assert not User.objects.get(email="peter@initech.example").has_usable_password()
    assert User.objects.filter(role_assignments__role=Role.SUPER_ADMIN).count() == 1


def test_R14_who_got_a_password_from_the_reseller_first_chooses_their_own(admin: Desk) -> None:
    admin.customers("insert", body=new_customer())
    users = people(admin)
    users.insert(body=new_person()).execute()
    users.update(userKey="peter@initech.example", body={"password": "known-to-the-reseller-9"}).execute()
    users.makeAdmin(userKey="peter@initech.example", body={"status": True}).execute()
    assert not User.objects.get(email="peter@initech.example").has_usable_password()


def test_P4_another_reseller_and_the_customers_of_others_are_out_of_reach(admin: Desk) -> None:
    """Mirror: the same calls with a token of another reseller, and with another's customer."""
    world: World = make_world()
    admin.customers("insert", body=new_customer())
    people(admin).insert(body=new_person()).execute()
    rival = desk_of(world.reseller)
    ask = people(rival)
    for call in (
        ask.insert(body=new_person("mole")),
        ask.makeAdmin(userKey="peter@initech.example", body={"status": True}),
    ):
        assert refused(call.execute) == (404, "notFound")
    key = Customer.objects.get(primary_domain="initech.example").customer_id
    body = order("1010020025", "FLEXIBLE", 5)
    assert refused(rival.subscriptions, method="insert", customerId=key, body=body) == (404, "notFound")
    theirs = world.admin.user.email
    make = people(admin).makeAdmin(userKey=theirs, body={"status": True})
    assert refused(make.execute) == (404, "notFound")
