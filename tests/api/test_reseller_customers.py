"""Reseller v1, customers: with the original's own client (P4, P7, P9; api.md 1.7 no. 1, 7)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from accounts.models import AuditEvent, Customer, User
from accounts.roles import Role
from subscriptions.lifecycle import cancel_subscription
from subscriptions.models import AccessGrant
from tests.access.world import World, make_world
from tests.api.reseller_world import Desk, desk, desk_of, new_customer, refused, registered
from tests.factories import put_person


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def stranger(world: World) -> World:
    return make_world()


@pytest.fixture
def admin(world: World) -> Desk:
    return desk_of(world.reseller)


def test_get_shows_ones_own_customer_by_its_id_and_its_domain(world: World, admin: Desk) -> None:
    customer = world.customer
    shown = admin.customers("get", customerId=customer.customer_id)
    assert admin.customers("get", customerId=customer.primary_domain.upper()) == shown
    assert shown["customerId"] == customer.customer_id
    assert shown["customerDomain"] == customer.primary_domain
    assert shown["customerType"] == "domain"
    assert shown["customerDomainVerified"] is True
    assert shown["resourceUiUrl"].endswith(f"/console/{customer.primary_domain}/")
    assert shown["postalAddress"] == {"kind": "customers#address", "organizationName": "Customer"}


def test_P4_of_anothers_customer_it_says_only_that_it_is_there(world: World, stranger: World, admin: Desk) -> None:
    """https://developers.google.com/workspace/admin/reseller/v1/how-tos/manage_customers#get_customer"""
    shown = admin.customers("get", customerId=stranger.customer.primary_domain)
    assert shown.keys() - {"etag"} == {"kind", "customerId", "customerDomain", "customerType", "resourceUiUrl"}
    assert refused(admin.customers, method="get", customerId="free.example") == (404, "notFound")
    assert refused(admin.customers, method="get", customerId="C00000000") == (404, "notFound")


def test_P4_an_agent_out_of_scope_gets_the_minimal_form(world: World) -> None:
    agent = desk_of(world.reseller, Role.RESELLER_AGENT)
    assert "postalAddress" not in agent.customers("get", customerId=world.customer.customer_id)
    assert "postalAddress" in desk(world.agent).customers("get", customerId=world.customer.customer_id)


def test_R13_a_customer_of_before_is_a_strangers(world: World, admin: Desk) -> None:
    cancel_subscription(actor=None, subscription=world.sold)
    assert "postalAddress" not in admin.customers("get", customerId=world.customer.customer_id)


def test_P4_whose_domain_is_taken_is_told_as_rarely_as_on_the_page(world: World, stranger: World, admin: Desk) -> None:
    for _ in range(20):
        admin.customers("get", customerId=stranger.customer.primary_domain)
    asked = {"method": "get", "customerId": stranger.customer.primary_domain}
    assert refused(admin.customers, **asked) == (429, "rateLimitExceeded")
    assert refused(admin.customers, method="get", customerId="free.example") == (429, "rateLimitExceeded")
    assert admin.customers("get", customerId=world.customer.primary_domain)["customerId"]


# --- Registering -------------------------------------------------------------------------------------


def test_P7_insert_registers_a_customer_without_people(world: World, admin: Desk) -> None:
    shown = admin.customers("insert", body=new_customer())
    customer = registered("initech.example")
    assert shown["customerId"] == customer.customer_id
    assert shown["postalAddress"] == {
        "kind": "customers#address",
        "organizationName": "Initech",
        "contactName": "Peter Gibbons",
        "addressLine1": "1 Main Street",
        "locality": "Austin",
        "region": "TX",
        "postalCode": "78701",
        "countryCode": "US",
    }
    assert (shown["alternateEmail"], shown["phoneNumber"]) == ("peter@elsewhere.example", "+1 555 0100")
    assert customer.registered_by == world.reseller
    assert not User.objects.filter(customer=customer).exists()
    assert AccessGrant.objects.get(customer=customer).reseller == world.reseller
    event = AuditEvent.objects.get(name="CREATE_CUSTOMER", customer_id=customer.pk)
    assert event.actor_id == admin.person.pk
    assert event.client_name


def test_P9_a_taken_domain_is_a_duplicate_and_counts_though_nothing_is_saved(
    world: World, stranger: World, admin: Desk
) -> None:
    """https://developers.google.com/workspace/admin/reseller/v1/how-tos/batch: 409 duplicate"""
    customers = Customer.objects.count()
    for domain in (stranger.customer.primary_domain, world.customer.primary_domain):
        assert refused(admin.customers, method="insert", body=new_customer(domain)) == (409, "duplicate")
    assert Customer.objects.count() == customers
    told = AuditEvent.objects.filter(name="DOMAIN_IN_USE").values_list("subject", flat=True)
    assert set(told) == {stranger.customer.primary_domain, world.customer.primary_domain}, "the operators decide"
    for _ in range(18):
        refused(admin.customers, method="insert", body=new_customer(stranger.customer.primary_domain))
    assert refused(admin.customers, method="insert", body=new_customer()) == (429, "rateLimitExceeded")
    cache.clear()
    assert admin.customers("insert", body=new_customer())


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"customerDomain": ""}, "required"),
        ({"alternateEmail": ""}, "required"),
        ({"alternateEmail": "peter@initech.example"}, "invalid"),
        ({"alternateEmail": "nobody"}, "invalid"),
        ({"postalAddress": {"organizationName": "Initech"}}, "required"),
        ({"customerDomain": "gmail.com"}, "invalid"),
        ({"customerType": "team"}, "invalid"),
    ],
)
def test_what_is_missing_or_wrong_registers_nothing(admin: Desk, changed: dict[str, Any], reason: str) -> None:
    assert refused(admin.customers, method="insert", body=new_customer(**changed)) == (400, reason)
    assert not Customer.objects.filter(name="Initech").exists()


def test_P4_only_who_adds_customers_and_no_customer(world: World) -> None:
    for person in (world.agent, put_person(world.reseller, Role.SUPPORT_AGENT), world.admin.user):
        assert refused(desk(person).customers, method="insert", body=new_customer()) == (403, "forbidden")
    assert refused(desk(world.admin.user).customers, method="get", customerId="a.example") == (403, "forbidden")
    assert desk_of(world.reseller, Role.INDIRECT_RESELLER_ADMIN).customers("insert", body=new_customer())


# --- How it is reached -------------------------------------------------------------------------------


def test_patch_changes_what_is_sent_and_update_empties_the_rest(world: World, admin: Desk) -> None:
    admin.customers("insert", body=new_customer())
    patched = admin.customers("patch", customerId="initech.example", body={"phoneNumber": "+49 40 1234"})
    assert (patched["phoneNumber"], patched["alternateEmail"]) == ("+49 40 1234", "peter@elsewhere.example")
    ignored = admin.customers("patch", customerId="initech.example", body={"phoneNumber": "call me"})
    assert ignored["phoneNumber"] == "+49 40 1234", "the reference: silently ignored if invalid"
    address = {"organizationName": "Initech", "addressLine1": "2 Side Street"}
    updated = admin.customers("update", customerId="initech.example", body={"postalAddress": address})
    assert updated["postalAddress"] == {"kind": "customers#address", **address}
    assert "alternateEmail" not in updated
    assert AuditEvent.objects.filter(name="CHANGE_CUSTOMER").count() >= 2


def test_P4_name_and_domain_are_the_customers_own(world: World, stranger: World, admin: Desk) -> None:
    key = world.customer.customer_id
    for body in ({"postalAddress": {"organizationName": "Mine"}}, {"customerDomain": "mine.example"}):
        assert refused(admin.customers, method="patch", customerId=key, body=body) == (403, "forbidden")
    body = {"alternateEmail": "x@elsewhere.example"}
    other = stranger.customer.customer_id
    assert refused(admin.customers, method="patch", customerId=other, body=body) == (404, "notFound")
    assert refused(desk(world.agent).customers, method="patch", customerId=key, body=body) == (403, "forbidden")
    assert not Customer.objects.exclude(alternate_email="").exists()


def test_X2_a_readers_scope_changes_nothing(world: World) -> None:
    reader = desk(put_person(world.reseller, Role.RESELLER_ADMIN), "apps.order.readonly")
    assert reader.customers("get", customerId=world.customer.customer_id)["postalAddress"]
    assert refused(reader.customers, method="insert", body=new_customer())[0] == 403
