"""Pages of lists by keyset, and tokens that nobody else makes (X5)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.core import signing
from django.test import Client

from accounts.models import OrgUnit, User
from api.core.errors import Invalid
from api.core.paging import page
from tests.api.calls import call_of
from tests.api.google import service
from tests.api.machines import machine
from tests.api.serving import Caller

GROUPS = "/admin/directory/v1/groups"


@pytest.fixture
def many(ana: User) -> list[str]:
    """Names of units, some of them equal but for the parent."""
    [root] = OrgUnit.objects.filter(parent=None)
    for number in range(23):
        OrgUnit.objects.create(customer=root.customer, parent=root, name=f"Unit {number:02}")
    return sorted(OrgUnit.objects.exclude(parent=None).values_list("name", flat=True))


@pytest.mark.parametrize("size", [1, 2, 5, 24, 25, 26, 500])
def test_every_row_stands_on_one_page_in_order(many: list[str], ana: User, size: int) -> None:
    call, found, pages = call_of(ana, "directory.groups.list"), [], 0
    while True:
        rows, token = page(call, OrgUnit.objects.exclude(parent=None), keys=("name", "id"), size=size)
        found += [row.name for row in rows]
        pages += 1
        if token is None:
            break
        call = call_of(ana, "directory.groups.list", {"pageToken": token})
    assert found == many
    assert pages == -(-len(many) // size)


def test_pages_go_downwards_too(many: list[str], ana: User) -> None:
    units = OrgUnit.objects.exclude(parent=None)
    call = call_of(ana, "directory.groups.list")
    rows, token = page(call, units, keys=("name", "id"), size=20, descending=True)
    call = call_of(ana, "directory.groups.list", {"pageToken": token})
    rest, end = page(call, units, keys=("name", "id"), size=20, descending=True)
    assert [row.name for row in rows + rest] == many[::-1]
    assert end is None


def test_pages_in_the_order_of_moments_and_of_another_table(many: list[str], ana: User) -> None:
    units = OrgUnit.objects.exclude(parent=None).values("id", "customer__name", "customer__created_at")
    keys = ("customer__created_at", "customer__name", "id")
    rows, token = page(call_of(ana, "m"), units, keys=keys, size=20)
    rest, _end = page(call_of(ana, "m", {"pageToken": token}), units, keys=keys, size=20)
    assert [row["id"] for row in rows + rest] == sorted(units.values_list("id", flat=True))


def test_the_client_of_the_original_turns_the_pages(many: list[str], ana: User, units: Caller) -> None:
    groups, found = service(Client(), machine(ana), "admin", "directory_v1").groups(), []
    request = groups.list(customer="my_customer", maxResults=10)
    while request is not None:
        answer = request.execute()
        found += [group["name"] for group in answer["groups"]]
        request = groups.list_next(request, answer)
    assert found == many


def test_a_token_is_good_for_its_method_its_filters_and_nothing_else(many: list[str], ana: User, units: Caller) -> None:
    def asked(**params: str) -> int:
        status: int = units.get(f"{GROUPS}?{urlencode(params)}").status_code
        return status

    token = units.get(f"{GROUPS}?customer=my_customer&maxResults=2").json()["nextPageToken"]
    assert asked(customer="my_customer", pageToken=token) == 200
    assert asked(customer="my_customer", pageToken=token, maxResults="7", fields="kind") == 200
    assert asked(customer="my_customer", pageToken=token, query="name:x") == 400
    assert asked(pageToken=token) == 400
    assert asked(customer="my_customer", pageToken=token[:-1]) == 400
    assert asked(customer="my_customer", pageToken=f"A{token}") == 400
    other = call_of(ana, "directory.users.list", {"customer": "my_customer", "pageToken": token})
    with pytest.raises(Invalid):
        page(other, OrgUnit.objects.all(), keys=("name", "id"), size=2)


def test_a_token_of_another_length_is_none(ana: User) -> None:
    signed = signing.Signer(salt="api.page.m", sep=".").sign_object(["", "name"])
    with pytest.raises(Invalid):
        page(call_of(ana, "m", {"pageToken": signed}), OrgUnit.objects.all(), keys=("name", "id"), size=2)


def test_a_page_is_one_query_whatever_its_size(many: list[str], ana: User, django_assert_num_queries: Any) -> None:
    for size in (1, 500):
        with django_assert_num_queries(1):
            page(call_of(ana, "m"), OrgUnit.objects.all(), keys=("name", "id"), size=size)
