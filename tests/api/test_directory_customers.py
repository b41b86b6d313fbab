"""directory.customers, directory.domains and directory.domainAliases with the original's own client."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent, Customer, Domain, User
from accounts.own_domains.adding import add_domain
from accounts.roles import Role
from tests.api.people_world import Directory, reason_of, said
from tests.factories import make_customer, make_person


@pytest.fixture
def api(ana: User) -> Directory:
    return Directory.of(ana)


ADDRESS = {
    "contactName": "Ana Lima",
    "addressLine1": "Hafenstr. 1",
    "locality": "Hamburg",
    "postalCode": "20359",
    "countryCode": "DE",
}


def test_a_customer_is_shown_by_each_of_its_keys(api: Directory, acme: Customer) -> None:
    customers = api.client.customers()
    shown = customers.get(customerKey="my_customer").execute()
    assert {name: shown[name] for name in ("kind", "id", "customerDomain", "postalAddress")} == {
        "kind": "admin#directory#customer",
        "id": acme.customer_id,
        "customerDomain": "acme.example",
        "postalAddress": {"organizationName": "Acme"},
    }
    for key in (acme.customer_id, "ACME.example"):
        assert customers.get(customerKey=key).execute() == shown


def test_its_super_admin_changes_the_profile(api: Directory, acme: Customer) -> None:
    body = {
        "alternateEmail": "Ana@home.example",
        "phoneNumber": "+49 40 123456",
        "postalAddress": {**ADDRESS, "organizationName": "Acme Ltd"},
    }
    shown = api.client.customers().patch(customerKey="my_customer", body=body).execute()
    assert shown["postalAddress"] == {**ADDRESS, "organizationName": "Acme Ltd"}
    assert (shown["alternateEmail"], shown["phoneNumber"]) == ("ana@home.example", "+49 40 123456")
    acme.refresh_from_db()
    assert acme.postal_address == "Hafenstr. 1\n20359 Hamburg\nDE"
    [event] = AuditEvent.objects.filter(name="CHANGE_CUSTOMER")
    assert set(event.new_value or {}) == {"name", "phone_number", "alternate_email", "contact_name", "postal_address"}
    assert set(event.new_value or ()) == {"name", "phone_number", "alternate_email", "contact_name", "postal_address"}
    again = {"postalAddress": {"locality": "Bremen"}}
    shown = api.client.customers().update(customerKey="my_customer", body=again).execute()
    assert shown["postalAddress"] == {**ADDRESS, "organizationName": "Acme Ltd", "locality": "Bremen"}
    number = AuditEvent.objects.count()
    api.client.customers().update(customerKey="my_customer", body=again).execute()
    assert AuditEvent.objects.count() == number


def test_an_address_that_only_a_reseller_wrote_is_lines(api: Directory, acme: Customer) -> None:
    api.client.customers().patch(customerKey="my_customer", body={"postalAddress": ADDRESS}).execute()
    Customer.objects.filter(pk=acme.pk).update(postal_address="Kai 5\nTor 3\nHof\n20457 Hamburg")
    shown = api.client.customers().get(customerKey="my_customer").execute()["postalAddress"]
    assert shown == {
        "contactName": "Ana Lima",
        "organizationName": "Acme",
        "addressLine1": "Kai 5",
        "addressLine2": "Tor 3",
        "addressLine3": "Hof, 20457 Hamburg",
    }


@pytest.mark.parametrize(
    "body",
    [
        {"postalAddress": {"countryCode": "Germany"}},
        {"postalAddress": {"organizationName": "\u200b"}},
        {"alternateEmail": "no address"},
        {"phoneNumber": "call me"},
        {"customerDomain": "nobody.example"},
        {"language": "fr"},
        {"postalAddress": {"addressLine1": "x" * 201}},
    ],
)
def test_what_cannot_be_kept_is_refused(api: Directory, body: dict[str, object]) -> None:
    before = api.client.customers().get(customerKey="my_customer").execute()
    assert reason_of(api.client.customers().patch(customerKey="my_customer", body=body)) == (400, "invalid")
    assert api.client.customers().get(customerKey="my_customer").execute() == before


def test_only_super_admins_change_it_and_strangers_see_nothing(acme: Customer) -> None:
    clerk = Directory.of(make_person(acme, Role.USER_MANAGEMENT_ADMIN, name="Carl")).client.customers()
    assert reason_of(clerk.patch(customerKey="my_customer", body={"phoneNumber": "+49 40 1"})) == (403, "forbidden")
    globex = make_customer("Globex", "globex.example")
    for key in (globex.customer_id, "globex.example", "C0000000x", "nobody.example", "x"):
        for request in (clerk.get(customerKey=key), clerk.patch(customerKey=key, body={})):
            assert said(request)[:2] == (404, "notFound"), key


def test_domains_are_listed_added_and_removed(api: Directory, acme: Customer) -> None:
    domains, aliases = api.client.domains(), api.client.domainAliases()
    [primary] = domains.list(customer="my_customer").execute()["domains"]
    assert (primary["domainName"], primary["isPrimary"], primary["verified"]) == ("acme.example", True, True)
    assert primary["creationTime"].isdigit()
    new = domains.insert(customer="my_customer", body={"domainName": "Labs.example"}).execute()
    assert (new["domainName"], new["isPrimary"], new["verified"]) == ("labs.example", False, False)
    aliases.insert(customer="my_customer", body={"domainAliasName": "acme-alias.example"}).execute()
    listed = domains.list(customer=acme.customer_id).execute()["domains"]
    assert [row["domainName"] for row in listed] == ["acme.example", "labs.example"]
    assert [row["domainAliasName"] for row in listed[0]["domainAliases"]] == ["acme-alias.example"]
    [alias] = aliases.list(customer="my_customer", parentDomainName="acme.example").execute()["domainAliases"]
    assert alias["parentDomainName"] == "acme.example"
    assert "domainAliases" not in aliases.list(customer="my_customer", parentDomainName="labs.example").execute()
    assert domains.get(customer="my_customer", domainName="labs.example").execute()["domainName"] == "labs.example"
    assert aliases.get(customer="my_customer", domainAliasName="acme-alias.example").execute()["verified"] is False
    domains.delete(customer="my_customer", domainName="labs.example").execute()
    aliases.delete(customer="my_customer", domainAliasName="acme-alias.example").execute()
    assert Domain.objects.filter(customer=acme).count() == 1


def test_what_the_rules_of_domains_refuse(api: Directory, acme: Customer) -> None:
    globex = make_customer("Globex", "globex.example")
    add_domain(actor=None, organisation=globex, name="more.example")
    domains, aliases = api.client.domains(), api.client.domainAliases()
    assert reason_of(domains.delete(customer="my_customer", domainName="acme.example")) == (412, "conditionNotMet")
    for name in ("globex.example", "acme.example"):
        assert reason_of(domains.insert(customer="my_customer", body={"domainName": name})) == (409, "duplicate")
    assert reason_of(domains.insert(customer="my_customer", body={"domainName": "co.uk"})) == (400, "invalid")
    for name in ("globex.example", "more.example", "nobody.example"):
        assert said(domains.get(customer="my_customer", domainName=name)) == (
            404,
            "notFound",
            "Resource Not Found: domainName",
        )
    assert reason_of(domains.list(customer=globex.customer_id)) == (404, "notFound")
    other = {"domainAliasName": "a.example", "parentDomainName": "labs.example"}
    assert reason_of(aliases.insert(customer="my_customer", body=other)) == (400, "invalid")
    clerk = Directory.of(make_person(acme, Role.USER_MANAGEMENT_ADMIN, name="Carl")).client.domains()
    assert reason_of(clerk.insert(customer="my_customer", body={"domainName": "x.example"})) == (403, "forbidden")
