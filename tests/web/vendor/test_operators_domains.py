"""Domains that collide, in the operators' console (P9)."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Customer, Domain, User
from accounts.own_domains.deciding import verify_domain
from tests.client import lines_of, main_text_of
from tests.factories import make_customer, make_person
from tests.web.vendor.stale import asks, stale

PAGE = "/operations/domains/"


@pytest.fixture
def claimed(db: None) -> tuple[Customer, Customer]:
    """Acme has shared.example with an address there; Globex has verified it and waits."""
    acme, globex = make_customer("Acme", "acme.example"), make_customer("Globex", "globex.example")
    Domain.objects.create(customer=acme, name="shared.example", kind="secondary")
    make_person(acme, email="ana@shared.example")
    Domain.objects.filter(customer=acme, name="shared.example").update(contested_at=Now())
    Domain.objects.create(
        customer=globex,
        name="shared.example",
        kind="secondary",
        holds=False,
        contested_at=Now(),
        verified_at=Now(),
        verified_how="txt",
    )
    return acme, globex


def decide(what: str, customer: Customer) -> str:
    return reverse(f"operations_domain_{what}", args=["customer", customer.pk])


def test_P9_what_waits_is_listed_with_its_addresses_and_links_to_both_decisions(
    client: Client, claimed: tuple[Customer, Customer]
) -> None:
    acme, globex = claimed
    page = client.get(PAGE)
    first, second = lines_of(page)
    assert "shared.example Acme" in first
    assert "Has the name Not verified 1" in first
    assert "Does not have the name Verified 0" in second
    for what, customer in (("verify", acme), ("settle", acme), ("settle", globex)):
        assert f'href="{decide(what, customer)}?name=shared.example"' in page.content.decode()
    assert lines_of(client.get(PAGE, {"q": "other"})) == []
    assert "2 claims on domains wait" in main_text_of(client.get("/operations/"))


def test_P9_deciding_against_one_gives_the_name_to_the_other_and_takes_no_address(
    client: Client, operator: User, claimed: tuple[Customer, Customer]
) -> None:
    acme, globex = claimed
    stale(client)
    url = decide("settle", acme)
    assert client.post(url, {"name": "shared.example", "reason": " "}).status_code == 422
    done = client.post(url, {"name": "SHARED.example", "reason": "Globex showed the contract"})
    assert done.headers["Location"] == PAGE, "taking asks for no proof"
    assert Domain.objects.get(name="shared.example", holds=True).customer == globex
    assert User.objects.filter(email="ana@shared.example", customer=acme).exists()
    assert lines_of(client.get(PAGE)) == []
    event = AuditEvent.objects.get(name="SETTLE_DOMAIN", customer_id=acme.pk)
    assert (event.actor_email, event.new_value["reason"]) == (operator.email, "Globex showed the contract")


def test_P9_P13_verifying_for_one_decides_too_and_asks_for_a_fresh_proof(
    client: Client, claimed: tuple[Customer, Customer]
) -> None:
    acme, globex = claimed
    data = {"name": "shared.example", "reason": "Acme has the register's letter"}
    assert client.post(decide("verify", globex), data | {"name": "com"}).status_code == 422
    client.post(decide("verify", acme), data)
    assert Domain.objects.get(name="shared.example", holds=True).customer == acme
    stale(client)
    assert asks(client.post(decide("verify", globex), data | {"name": "more.example"}).headers["Location"])
    assert not Domain.objects.filter(name="more.example").exists()


def test_P9_what_is_verified_below_a_verified_one_of_another_is_listed_where_it_is_asked_for(client: Client) -> None:
    acme, globex = make_customer("Acme", "acme.example"), make_customer("Globex", "globex.example")
    row = verify_domain(actor=None, organisation=globex, name="under.globex.example", reason="A contract")
    assert lines_of(client.get(PAGE, {"what": "below"})) == []
    Domain.objects.filter(pk=row.pk).update(customer=acme)
    found = lines_of(client.get(PAGE, {"what": "below"}))
    assert [line.split()[0] for line in found] == ["globex.example", "under.globex.example"]
    assert lines_of(client.get(PAGE)) == []


def test_comparing_all_addresses_claims_those_elsewhere_as_the_command_does(client: Client) -> None:
    acme = make_customer("Acme", "acme.example")
    person = make_person(acme, email="ana@elsewhere.example")
    Domain.objects.filter(name="elsewhere.example").delete()
    page = client.post(PAGE, follow=True)
    assert "All addresses were compared" in main_text_of(page)
    assert Domain.objects.get(name="elsewhere.example").customer_id == person.customer_id
