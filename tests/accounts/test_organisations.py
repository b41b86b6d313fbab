"""Customers and resellers: who creates them, and under which domain (P5, P6)."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from accounts import organisations
from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import AuditEvent, Customer
from tests.cast import Cast
from tests.factories import make_customer, make_reseller

pytestmark = pytest.mark.django_db


def trail() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("name", flat=True))


def test_a_customer_is_found_under_the_canonical_spelling_of_its_domain() -> None:
    customer = organisations.create_customer(actor=None, name="  Bücher  AG ", primary_domain="BÜCHER.example.")
    assert customer.primary_domain == "xn--bcher-kva.example"
    assert (customer.name, customer.sort_name) == ("Bücher AG", "bucher ag")
    assert trail() == ["CREATE_CUSTOMER"]


@pytest.mark.parametrize("domain", ["GMAIL.com", "google\u200bmail.com", "nonsense", ""])
def test_P6_an_organisation_needs_a_domain_of_its_own(domain: str) -> None:
    with pytest.raises(Refused) as refused:
        organisations.create_reseller(actor=None, name="Resale", primary_domain=domain)
    assert refused.value.field == "primary_domain"
    assert trail() == []


def test_two_customers_cannot_share_a_domain_in_any_spelling() -> None:
    make_customer(domain="acme.example")
    with pytest.raises(Refused) as refused:
        make_customer(domain="ＡＣＭＥ。example")
    assert refused.value.field == "primary_domain"
    assert Customer.objects.count() == 1


def test_suspending_a_reseller_twice_is_one_event() -> None:
    reseller = make_reseller()
    suspended = organisations.suspend_reseller(actor=None, reseller=reseller)
    again = organisations.suspend_reseller(actor=None, reseller=reseller)
    assert suspended.suspended_at is not None and again.suspended_at == suspended.suspended_at
    assert organisations.unsuspend_reseller(actor=None, reseller=reseller).suspended_at is None
    assert trail() == ["CREATE_RESELLER", "SUSPEND_RESELLER", "UNSUSPEND_RESELLER"]


def test_P5_only_an_operator_creates_organisations(cast: Cast) -> None:
    organisations.create_customer(actor=Actor(cast.operator), name="New", primary_domain="new.example")
    for person in (cast.acme.super_admin, cast.resale_one.admin, cast.vendor_support):
        with pytest.raises(PermissionDenied):
            organisations.create_customer(actor=Actor(person), name="Other", primary_domain="other.example")
        with pytest.raises(PermissionDenied):
            organisations.suspend_reseller(actor=Actor(person), reseller=cast.resale_two.reseller)
    assert not Customer.objects.filter(name="Other").exists()
