"""The search of the vendor's pages: organisations, and cases for those who answer them (P5, S11)."""

from __future__ import annotations

from django.urls import reverse

from accounts.organisations import VENDOR
from accounts.roles import Role
from support import cases
from support.models.case import Priority
from support.models.partner import Service
from tests.access.world import World
from tests.client import main_text_of, signed_in
from tests.factories import make_person
from tests.web.search.found import found

SEARCH = "/vendor/search/"


def test_P5_operators_and_support_find_organisations(world: World, twin: World) -> None:
    for role in (Role.VENDOR_OPERATOR, Role.VENDOR_SUPPORT):
        client = signed_in(make_person(VENDOR, role))
        for one in (world, twin):
            assert found(client.get(SEARCH, {"q": one.customer.primary_domain})) == {"Customers": [one.customer.name]}
            assert found(client.get(SEARCH, {"q": one.reseller.primary_domain})) == {"Resellers": [one.reseller.name]}


def test_an_organisation_leads_to_what_there_is_about_it(world: World, twin: World) -> None:
    client = signed_in(make_person(VENDOR, Role.VENDOR_OPERATOR))
    page = client.get(SEARCH, {"q": world.customer.primary_domain}).content.decode()
    url = reverse("operations_organisation", args=["customer", world.customer.pk])
    assert f'href="{url}"' in page
    assert world.customer.primary_domain in main_text_of(client.get(url))
    assert twin.customer.primary_domain not in main_text_of(client.get(url))


def test_S11_cases_are_found_by_those_who_answer_them(world: World) -> None:
    draft = cases.Draft(
        Service.GOOGLE_WORKSPACE, "mail.spam", "Much spam", "Since Monday.", Priority.P1, language="en", time_zone="UTC"
    )
    case = cases.file_case(actor=world.admin, customer=world.customer, draft=draft)
    for role, expected in ((Role.VENDOR_SUPPORT, [case.title]), (Role.VENDOR_OPERATOR, [])):
        client = signed_in(make_person(VENDOR, role))
        for typed in (case.title, f"#{case.pk}"):
            assert found(client.get(SEARCH, {"q": typed})).get("Cases", []) == expected
