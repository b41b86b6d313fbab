"""One person, by their whole address, in the operators' console; and the vendor's own people (P5, P11)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from accounts.organisations import VENDOR
from accounts.roles import Role
from tests.client import main_text_of, signed_in
from tests.factories import make_customer, make_person
from tests.web.vendor.stale import asks, stale

PAGE = "/operations/people/"
EXPLAIN = f"{PAGE}explain/"


@pytest.fixture
def ana(db: None) -> User:
    """A super admin who is not the only one."""
    customer = make_customer("Acme", "acme.example")
    make_person(customer, Role.SUPER_ADMIN, name="Other")
    return make_person(customer, Role.SUPER_ADMIN, name="Ana Amber", email="ana@acme.example")


def press(client: Client, what: str, person: User, **more: Any) -> Any:
    return client.post(reverse(f"operations_person_{what}"), {"of": person.email, **more})


def test_P5_a_person_is_found_by_the_whole_address_alone_and_without_their_name(client: Client, ana: User) -> None:
    assert ana.email in main_text_of(client.get(PAGE, {"email": "ANA@acme.example"}))
    for typed in ("ana", "ana@acme", "@acme.example", "Ana Amber", str(ana.pk)):
        page = client.get(PAGE, {"email": typed})
        assert page.status_code == 422
        assert page.context["person"] is None
    assert ana.name not in client.get(PAGE, {"email": ana.email}).content.decode()


def test_P5_no_number_leads_to_a_person(client: Client, ana: User) -> None:
    for what in ("invite", "suspend", "restore", "roles", "link"):
        assert client.post(reverse(f"operations_person_{what}"), {"of": str(ana.pk)}).status_code == 404
        assert client.post(reverse(f"operations_person_{what}"), {"person": ana.pk}).status_code == 404
    ana.refresh_from_db()
    assert ana.is_active


def test_P8_suspending_and_restoring_stand_in_the_log_of_the_customer(
    client: Client, operator: User, ana: User
) -> None:
    press(client, "suspend", ana)
    ana.refresh_from_db()
    assert not ana.is_active
    press(client, "restore", ana)
    ana.refresh_from_db()
    assert ana.is_active
    events = AuditEvent.objects.filter(customer_id=ana.customer_id, actor_email=operator.email, actor_kind="vendor")
    assert {"SUSPEND_USER", "UNSUSPEND_USER"} <= set(events.values_list("name", flat=True))


def test_P7_the_last_super_admin_stays_also_for_operators(client: Client, ana: User) -> None:
    User.objects.filter(customer=ana.customer).exclude(pk=ana.pk).update(is_active=False)
    assert (
        "last active super admin"
        in client.post(reverse("operations_person_suspend"), {"of": ana.email}, follow=True).content.decode()
    )
    page = press(client, "roles", ana, roles=["auditor"])
    assert page.status_code == 422
    assert "last active super admin" in main_text_of(page)
    assert User.objects.get(pk=ana.pk).roles == {Role.SUPER_ADMIN}


def test_P5_roles_are_those_of_the_kind_of_organisation(client: Client, ana: User) -> None:
    assert press(client, "roles", ana, roles=["vendor_operator"]).status_code == 422
    assert press(client, "roles", ana, roles=["super_admin", "auditor"]).status_code == 302
    assert User.objects.get(pk=ana.pk).roles == {Role.SUPER_ADMIN, Role.AUDITOR}


def test_P11_a_link_for_a_password_is_shown_once_and_works(client: Client, ana: User) -> None:
    url = press(client, "link", ana).headers["Location"]
    shown = client.get(url)
    link = shown.context["shown"]["link"]
    assert link in shown.content.decode()
    again = client.get(url)
    assert "There is no link to show" in main_text_of(again)
    assert ana.email not in again.content.decode()
    assert Client().get(link, follow=True).status_code == 200
    assert AuditEvent.objects.filter(name="CREATE_PASSWORD_LINK", customer_id=ana.customer_id).exists()


def test_P13_what_gives_asks_and_what_takes_does_not(client: Client, ana: User) -> None:
    assert ana.customer is not None
    worker = make_person(ana.customer, name="Worker")
    stale(client)
    assert asks(press(client, "link", ana).headers["Location"]), "with a password for an admin one can give"
    assert not asks(press(client, "link", worker).headers["Location"])
    assert asks(press(client, "roles", worker, roles=["super_admin"]).headers["Location"])
    colleague = make_person(VENDOR, Role.VENDOR_SUPPORT, name="Colleague")
    assert asks(press(client, "roles", colleague, roles=["vendor_operator"]).headers["Location"])
    assert not asks(press(client, "roles", ana, roles=[]).headers["Location"])
    assert not asks(press(client, "suspend", worker).headers["Location"])
    assert User.objects.get(pk=ana.pk).roles == frozenset()
    assert User.objects.get(pk=colleague.pk).roles == {Role.VENDOR_SUPPORT}


def test_P11_the_vendor_s_own_people_are_listed_and_invited(client: Client, operator: User, ana: User) -> None:
    new = reverse("operations_person_new", args=["vendor", 0])
    client.post(new, {"name": "Vera New", "email": "vera-new@vendor.example", "roles": ["vendor_support"]})
    page = client.get(reverse("operations_staff"))
    assert "Vera New" in main_text_of(page)
    assert ana.name not in page.content.decode()
    assert User.objects.get(email="vera-new@vendor.example").is_vendor


def test_R24_access_is_explained_as_the_command_does(client: Client, ana: User) -> None:
    asked = {"email": ana.email, "permission": "accounts.view_users", "domain": "acme.example"}
    page = client.get(EXPLAIN, asked)
    assert page.context["why"].allowed
    assert [fact.holds for fact in page.context["why"].told] == [True] * len(page.context["why"].told)
    wrong = client.get(
        "/operations/people/explain/", asked | {"email": "nobody@nowhere.example", "domain": "x.example"}
    )
    assert wrong.status_code == 422
    assert "Nobody has this address." in main_text_of(wrong)
    assert "No customer has this primary domain." in main_text_of(wrong)
    assert signed_in(ana).get(EXPLAIN, asked).status_code == 404
