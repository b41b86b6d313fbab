"""Customers and resellers in the operators' console: the list, the page of one, creating, suspending (P5, R13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import AuditEvent, Customer, Domain, Mail, Reseller, User
from accounts.models.mail import INVITATION
from accounts.roles import Role
from subscriptions.models import AccessChange
from support.migration import migrate_customer
from support.models import CareMigration
from tests.access.world import World
from tests.client import lines_of, main_text_of, signed_in
from tests.factories import make_customer, make_person, make_reseller, put_customer, put_person, put_reseller
from tests.web.vendor.stale import asks, stale

LIST = "/operations/organisations/"


def named(client: Client, **asked: str) -> list[str]:
    page = client.get(LIST, asked)
    return [row.organisation.name for row in page.context["list"].rows.rows]


def page_of(organisation: Customer | Reseller) -> str:
    kind = "customer" if isinstance(organisation, Customer) else "reseller"
    return reverse("operations_organisation", args=[kind, organisation.pk])


def test_P5_both_kinds_stand_in_one_order_and_every_page_goes_on_where_the_last_one_ended(client: Client) -> None:
    """Also where many have the same name: kind, then number."""
    for number in range(40):
        put_customer(["Same", "Alpha", "beta"][number % 3])
        put_reseller(["Same", "Gamma"][number % 2])
    everybody: list[Customer | Reseller] = [*Customer.objects.all(), *Reseller.objects.all()]
    expected = sorted(
        everybody,
        key=lambda each: (each.sort_name, type(each).__name__, each.pk),
    )
    for order, wanted in (("name", expected), ("-name", expected[::-1])):
        found: list[Any] = []
        url: str | None = f"{LIST}?order={order}"
        last: Any = None
        while url:
            page = client.get(url)
            found += [row.organisation for row in page.context["list"].rows.rows]
            url = page.context["list"].pager.next_url
            last = page
        assert found == wanted
        back = client.get(last.context["list"].pager.previous_url)
        rows = [row.organisation for row in back.context["list"].rows.rows]
        assert rows == wanted[len(wanted) - len(wanted) % 50 - 50 : len(wanted) - len(wanted) % 50]


def test_organisations_are_found_by_name_by_domain_and_by_a_domain_beside_the_primary_one(client: Client) -> None:
    acme, other = put_customer("Acme"), put_reseller("Other")
    Domain.objects.create(customer=acme, name="beside.example", kind="secondary")
    assert named(client, q="acm") == ["Acme"]
    assert named(client, q=other.primary_domain) == ["Other"]
    assert named(client, q="beside.example") == ["Acme"]
    assert named(client, q="besid") == []
    assert named(client, q="A") == ["Acme"], "one letter is the beginning of a name"


def test_they_are_filtered_by_kind_state_and_problem(client: Client, world: World) -> None:
    halted, empty = put_reseller("Halted"), put_customer("Empty")
    Reseller.objects.filter(pk=halted.pk).update(suspended_at=Now())
    assert named(client, kind="reseller") == ["Halted", world.reseller.name]
    assert named(client, state="suspended") == ["Halted"]
    assert empty.name in named(client, state="nobody")
    assert world.customer.name not in named(client, state="nobody")
    assert named(client, problem="any") == []
    Domain.objects.create(customer=empty, name="contested.example", kind="secondary", contested_at=Now())
    assert named(client, problem="domains") == ["Empty"]
    AccessChange.objects.filter(grant__customer=world.customer).update(outcome="failed", failure_reason="gave_up")
    assert named(client, problem="failed") == [world.customer.name, world.reseller.name]
    assert named(client, problem="any") == [world.customer.name, "Empty", world.reseller.name]
    assert named(client, problem="any", kind="reseller") == [world.reseller.name]
    [line] = [line for line in lines_of(client.get(LIST)) if line.startswith("Empty")]
    assert "No active admin" in line
    assert "A domain collides" in line


def test_active_is_who_is_neither_suspended_nor_without_an_active_admin(client: Client) -> None:
    """As the chip says of each: no organisation is in two of the three, and each is in one."""
    kept, halted, empty = (put_reseller(name) for name in ("Kept", "Halted", "Empty"))
    for reseller in (kept, halted):
        make_person(reseller, Role.RESELLER_ADMIN)
    Reseller.objects.filter(pk__in=[halted.pk, put_reseller("Halted and empty").pk]).update(suspended_at=Now())
    make_person(put_customer("Manned"), Role.SUPER_ADMIN)
    left = make_person(put_customer("Left"), Role.SUPER_ADMIN)
    User.objects.filter(pk=left.pk).update(is_active=False)
    chips = {"active": "Active", "suspended": "Suspended", "nobody": "No active admin"}
    found = {state: named(client, state=state) for state in chips}
    assert found == {
        "active": ["Kept", "Manned"],
        "suspended": ["Halted", "Halted and empty"],
        "nobody": [empty.name, "Left"],
    }
    for state, chip in chips.items():
        assert all(chip in line for line in lines_of(client.get(LIST, {"state": state})))


def test_P5_creating_a_customer_and_inviting_its_first_admin(client: Client, operator: User) -> None:
    url = reverse("operations_organisation_new", args=["customer"])
    made = client.post(url, {"name": "Newly", "primary_domain": "newly.example"})
    customer = Customer.objects.get(primary_domain="newly.example")
    assert made.headers["Location"] == page_of(customer)
    event = AuditEvent.objects.get(name="CREATE_CUSTOMER", customer_id=customer.pk)
    assert (event.actor_email, event.actor_kind) == (operator.email, "vendor")
    assert Domain.objects.get(customer=customer).verified_by == operator
    again = client.post(url, {"name": "Newly", "primary_domain": "newly.example"})
    assert again.status_code == 422
    assert "in use already" in main_text_of(again)
    people = reverse("operations_person_new", args=["customer", customer.pk])
    assert "No active admin" in main_text_of(client.get(page_of(customer)))
    client.post(people, {"name": "Ana", "email": "ana@newly.example", "roles": ["super_admin"]})
    ana = User.objects.get(email="ana@newly.example")
    assert ana.roles == {Role.SUPER_ADMIN}
    assert "ana@newly.example" in main_text_of(client.get(page_of(customer)))
    client.post(reverse("operations_person_invite"), {"of": ana.email})
    assert Mail.objects.filter(kind=INVITATION, recipient=ana).count() == 2


def test_P13_creating_and_restoring_ask_for_a_fresh_proof_and_suspending_never_does(client: Client) -> None:
    reseller = make_reseller("Resale")
    stale(client)
    suspend = reverse("operations_reseller_suspend", args=[reseller.pk])
    restore = reverse("operations_reseller_restore", args=[reseller.pk])
    assert not asks(client.post(suspend).headers["Location"])
    reseller.refresh_from_db()
    assert reseller.suspended_at is not None
    assert asks(client.post(restore).headers["Location"])
    new = reverse("operations_organisation_new", args=["reseller"])
    assert asks(client.post(new, {"name": "New", "primary_domain": "new.example"}).headers["Location"])
    reseller.refresh_from_db()
    assert reseller.suspended_at is not None
    assert not Reseller.objects.filter(name="New").exists()


def test_R13_a_reseller_is_suspended_and_restored(client: Client, world: World) -> None:
    signed = signed_in(world.agent)
    client.post(reverse("operations_reseller_suspend", args=[world.reseller.pk]))
    assert signed.get(reverse("reseller_customers")).status_code == 403
    assert "Suspended" in main_text_of(client.get(page_of(world.reseller)))
    client.post(reverse("operations_reseller_restore", args=[world.reseller.pk]))
    assert signed.get(reverse("reseller_customers")).status_code == 200
    names = AuditEvent.objects.filter(target_kind="reseller", target_id=world.reseller.pk, actor_kind="vendor")
    assert {"SUSPEND_RESELLER", "UNSUSPEND_RESELLER"} <= set(names.values_list("name", flat=True))


def test_P5_the_page_of_an_organisation_names_nobody_of_it_but_admins_without_a_password(client: Client) -> None:
    customer = make_customer("Acme")
    worker = make_person(customer, name="Wilma Worker", password="a-long-enough-one")
    admin = make_person(customer, Role.SUPER_ADMIN, name="Ada Admin", password="a-long-enough-one")
    invited = make_person(customer, Role.SUPER_ADMIN, name="Ida Invited")
    helper = put_person(customer, Role.HELP_DESK_ADMIN)
    page = client.get(page_of(customer)).content.decode()
    assert invited.email in page
    for person in (worker, admin, helper):
        assert person.email not in page
        assert person.name not in page
    assert invited.name not in page


@pytest.mark.parametrize("kind", ["customer", "reseller", "vendor", "team"])
def test_an_organisation_that_is_none_is_404(client: Client, kind: str) -> None:
    assert client.get(reverse("operations_organisation", args=[kind, 999_999])).status_code == 404
    assert client.get(reverse("operations_organisation", args=["customer", 0])).status_code == 404


def test_how_a_customer_pays_and_when_it_moves_are_saved_by_the_verbs(client: Client) -> None:
    customer = make_customer("Acme")
    add = reverse("operations_payment_add", args=[customer.pk])
    card = {"kind": "card", "holder": "Acme", "institution": "Visa", "last_digits": "4242", "expires": "2099-02"}
    assert client.post(add, card | {"last_digits": "424"}).status_code == 422
    assert client.post(add, card).status_code == 302
    [account] = customer.payment_accounts.all()
    assert str(account.expires_on) == "2099-02-28"
    assert account.is_primary
    assert "Visa ····4242" in main_text_of(client.get(page_of(customer)))
    client.post(reverse("operations_payment_remove", args=[customer.pk, account.pk]))
    assert not customer.payment_accounts.exists()
    day = reverse("operations_care_day", args=[customer.pk])
    assert client.post(day, {"day": "tomorrow"}).status_code == 422
    client.post(day, {"day": "2098-03-04"})
    assert "moves on 4 March 2098" in main_text_of(client.get(page_of(customer)))
    assert AuditEvent.objects.filter(name="CUSTOMER_CARE_MOVE_SCHEDULED", customer_id=customer.pk).exists()


def test_S12_a_customer_moves_after_today_so_that_it_is_told_before_and_once(client: Client) -> None:
    customer = make_customer("Acme")
    url, today = reverse("operations_care_day", args=[customer.pk]), database_now().date()
    for day in (today, today - timedelta(days=1)):
        refused = client.post(url, {"day": day.isoformat()})
        assert refused.status_code == 422
        assert "Choose a day after today" in main_text_of(refused)
    assert not CareMigration.objects.filter(customer=customer).exists()
    assert client.post(url, {"day": (today + timedelta(days=1)).isoformat()}).status_code == 302
    assert "The day of" in client.get(page_of(customer)).content.decode()
    migrate_customer(actor=None, customer=customer)
    again = client.post(url, {"day": "2098-03-04"}, follow=True).content.decode()
    assert "this customer has moved already" in again
    assert "was saved" not in again
