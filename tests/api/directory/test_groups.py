"""Groups of the Directory API, called with Google's own client."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Address, AuditEvent, DirectoryGroup
from tests.api.directory.world import all_pages, make_group, refusal
from tests.api.google import service
from tests.api.machines import machine
from tests.cast import Cast


@pytest.fixture
def groups(cast: Cast) -> Any:
    """Acme's groups, for a machine that acts for its super admin."""
    return service(Client(), machine(cast.acme.super_admin), "admin", "directory_v1").groups()


def test_a_group_is_made_read_changed_and_deleted(groups: Any, cast: Cast) -> None:
    # https://developers.google.com/workspace/admin/directory/v1/guides/manage-groups
    made = groups.insert(body={"email": "Sales@ACME.example", "name": "Sales", "description": "Who sells"}).execute()
    assert (made["email"], made["name"], made["description"]) == ("sales@acme.example", "Sales", "Who sells")
    assert (made["kind"], made["directMembersCount"], made["adminCreated"]) == ("admin#directory#group", "0", True)
    group = DirectoryGroup.objects.get()
    assert made["id"] == group.public_id
    for key in (made["id"], "sales@acme.example", "SALES@acme.example"):
        assert groups.get(groupKey=key).execute() == made
    changed = groups.patch(groupKey=made["id"], body={"description": ""}).execute()
    assert (changed["name"], changed["description"]) == ("Sales", "")
    assert changed["etag"] != made["etag"]
    moved = groups.update(groupKey=made["id"], body={"email": "sellers@acme.example", "name": "Sellers"}).execute()
    assert (moved["id"], moved["email"], moved["name"]) == (made["id"], "sellers@acme.example", "Sellers")
    assert groups.delete(groupKey="sellers@acme.example").execute() == ""
    assert not DirectoryGroup.objects.exists()
    names = AuditEvent.objects.filter(target_kind="group").order_by("id").values_list("name", flat=True)
    assert list(names) == ["CREATE_GROUP", "CHANGE_GROUP", "CHANGE_GROUP", "DELETE_GROUP"]
    assert set(AuditEvent.objects.filter(target_kind="group").values_list("actor_id", flat=True)) == {
        cast.acme.super_admin.pk
    }


def test_a_group_without_a_name_is_called_as_its_address(groups: Any) -> None:
    assert groups.insert(body={"email": "info@acme.example"}).execute()["name"] == "info"


def test_an_alias_finds_a_group_and_is_listed_with_it(groups: Any, cast: Cast) -> None:
    group = make_group(cast.acme.customer, "Sales")
    Address.objects.create(email="verkauf@acme.example", group=group)
    assert groups.get(groupKey="verkauf@acme.example").execute()["aliases"] == ["verkauf@acme.example"]
    [listed] = groups.list(customer="my_customer").execute()["groups"]
    assert listed["aliases"] == ["verkauf@acme.example"]


def test_what_cannot_be_a_group_is_refused_as_the_original_refuses(groups: Any, cast: Cast) -> None:
    make_group(cast.acme.customer, "Sales")
    assert refusal(groups.insert(body={"email": "sales@acme.example"})) == (409, "duplicate")
    assert refusal(groups.insert(body={"email": cast.acme.nobody.email})) == (409, "duplicate")
    assert refusal(groups.insert(body={"name": "No address"})) == (400, "required")
    assert refusal(groups.insert(body={"email": "sales@globex.example"})) == (404, "notFound")
    assert refusal(groups.insert(body={"email": "sales@nobody.example"})) == (404, "notFound")
    assert refusal(groups.insert(body={"email": "sales"})) == (404, "notFound")
    assert refusal(groups.insert(body={"email": "x y@acme.example"})) == (400, "invalid")
    assert refusal(groups.insert(body={"email": "x@acme.example", "description": "x" * 301})) == (400, "invalid")
    assert refusal(groups.patch(groupKey="sales@acme.example", body={"name": ""})) == (400, "invalid")
    assert refusal(groups.patch(groupKey="sales@acme.example", body={"email": "sales@globex.example"}))[0] == 400
    for key in ("nobody@acme.example", "0", "no address@", cast.acme.nobody.email):
        assert refusal(groups.get(groupKey=key)) == (404, "notFound")


@pytest.fixture
def four(cast: Cast) -> list[DirectoryGroup]:
    """Sales with Dave in it, Sales Berlin with Sales in it, Support, Valentine's Day; and Globex has Sales too."""
    acme, dave = cast.acme.customer, cast.acme.nobody
    sales = make_group(acme, "Sales", dave)
    berlin = make_group(acme, "Sales Berlin", sales, email="berlin@acme.example")
    support = make_group(acme, "Support", email="a-support@acme.example")
    valentine = make_group(acme, "Valentine's Day", email="valentine@acme.example")
    make_group(cast.globex.customer, "Sales", cast.globex.nobody)
    return [sales, berlin, support, valentine]


def names(answer: dict[str, Any]) -> list[str]:
    return [group["name"] for group in answer["groups"]]


def test_groups_are_listed_by_name_or_by_address(groups: Any, four: list[DirectoryGroup], cast: Cast) -> None:
    by_name = ["Sales", "Sales Berlin", "Support", "Valentine's Day"]
    by_address = ["Support", "Sales Berlin", "Sales", "Valentine's Day"]
    cast.acme.customer.refresh_from_db()
    for customer in ("my_customer", cast.acme.customer.customer_id):
        assert names(groups.list(customer=customer).execute()) == by_name
    assert names(groups.list(domain="acme.example").execute()) == by_name
    assert names(groups.list(customer="my_customer", orderBy="email").execute()) == by_address
    down = groups.list(customer="my_customer", orderBy="email", sortOrder="DESCENDING").execute()
    assert names(down) == by_address[::-1]
    # "Only of use when orderBy is also used."
    assert names(groups.list(customer="my_customer", sortOrder="DESCENDING").execute()) == by_name


@pytest.mark.parametrize("order", [{}, {"orderBy": "email"}, {"orderBy": "email", "sortOrder": "DESCENDING"}])
def test_pages_of_groups_leave_out_none(groups: Any, four: list[DirectoryGroup], order: dict[str, str]) -> None:
    whole = names(groups.list(customer="my_customer", **order).execute())
    pages = all_pages(groups, "list", "groups", customer="my_customer", maxResults=3, **order)
    assert [len(page) for page in pages] == [3, 1]
    assert [group["name"] for page in pages for group in page] == whole
    first = groups.list(customer="my_customer", maxResults=1, **order).execute()
    # A token belongs to its list: https://developers.google.com/workspace/admin/directory/v1/limits
    for asked in ({"domain": "acme.example"}, {"customer": "my_customer", "query": "name:S*"}):
        assert refusal(groups.list(pageToken=first["nextPageToken"], **asked, **order)) == (400, "invalid")
    assert refusal(groups.list(customer="my_customer", pageToken="x")) == (400, "invalid")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        # https://developers.google.com/workspace/admin/directory/v1/guides/search-groups
        ("email:berlin*", ["Sales Berlin"]),
        ("email=BERLIN@acme.example", ["Sales Berlin"]),
        ("name='Sales'", ["Sales"]),
        ("name=sales", ["Sales"]),
        ("name:sales*", ["Sales", "Sales Berlin"]),
        ("name:'sales b*'", ["Sales Berlin"]),
        (r"name='Valentine\'s Day'", ["Valentine's Day"]),
        ("name:s* email:s*", ["Sales"]),
        ("memberKey=dave@acme.example", ["Sales"]),
        ("memberKey=sales@acme.example", ["Sales Berlin"]),
        ("memberKey=alice@acme.example", []),
    ],
)
def test_groups_are_found_in_the_originals_language(
    groups: Any, four: list[DirectoryGroup], query: str, found: list[str]
) -> None:
    assert names(groups.list(customer="my_customer", query=query).execute()) == found


@pytest.mark.parametrize(
    "query",
    [
        "sales",
        "name",
        "name=",
        "name:sales",
        "name=sales*",
        "colour=red",
        "name='Sales",
        "name:s* memberKey=dave@acme.example",
        "memberKey:dave*",
        "name:" + "s" * 2000 + "*",
    ],
)
def test_what_is_no_query_is_an_error(groups: Any, cast: Cast, query: str) -> None:
    assert refusal(groups.list(customer="my_customer", query=query)) == (400, "invalid")


def test_groups_of_a_person_or_of_a_group_are_those_they_are_in_directly(
    groups: Any, four: list[DirectoryGroup], cast: Cast
) -> None:
    dave = cast.acme.nobody
    dave.refresh_from_db()
    for key in (dave.email, dave.public_id):
        assert names(groups.list(userKey=key).execute()) == ["Sales"]
    assert names(groups.list(userKey="sales@acme.example").execute()) == ["Sales Berlin"]
    assert names(groups.list(userKey=dave.email, query="name:b*").execute()) == []
    for key in ("nobody@acme.example", cast.globex.nobody.email, "sales@globex.example"):
        assert refusal(groups.list(userKey=key)) == (404, "notFound")
    assert refusal(groups.list(customer="my_customer", query="memberKey=jack@globex.example")) == (404, "notFound")
    assert refusal(groups.list(customer="my_customer", userKey=dave.email)) == (400, "badRequest")
    assert refusal(groups.list()) == (400, "badRequest")


@pytest.mark.parametrize("request_id", ["short", "1010020027", "long" * 30, "long with spaces " * 4])
def test_a_part_of_a_batch_may_have_an_id_that_goes_on_in_the_next_line(
    cast: Cast, four: list[DirectoryGroup], request_id: str
) -> None:
    # The client writes headers with email.generator, which folds long ones: GAM's `info user` sends such a batch.
    api = service(Client(), machine(cast.acme.super_admin), "admin", "directory_v1")
    found: list[tuple[str, Any]] = []
    batch = api.new_batch_http_request(callback=lambda key, answer, error: found.append((key, error or answer["name"])))
    batch.add(api.groups().get(groupKey="berlin@acme.example"), request_id=request_id)
    batch.execute()
    assert found == [(request_id, "Sales Berlin")]
