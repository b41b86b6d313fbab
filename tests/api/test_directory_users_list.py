"""directory.users.list: pages, orders, the query language, and that 500 people cost as many queries as one (X5)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.directory import deleting, people, renaming
from accounts.models import Customer, OrgUnit, User
from accounts.names import sort_key
from accounts.roles import Role
from api.directory import users
from tests.api.calls import call_of
from tests.api.people_world import Directory, reason_of, said
from tests.factories import fresh, make_customer, make_domain, make_person


@pytest.fixture
def crowd(acme: Customer, ana: User) -> dict[str, User]:
    """Some people of Acme by their names, beside Ana."""
    sales = OrgUnit.objects.get(customer=acme, name="Sales")
    found = {
        name: make_person(acme, name=name, email=email)
        for name, email in (
            ("Bob Smith", "bob@acme.example"),
            ("Zoé Adams", "zoe@acme.example"),
            ("Carla Smithers", "carla@labs.example"),
            ("Dan O'Neil", "dan@acme.example"),
        )
    }
    people.move_to_org_unit(actor=None, person=found["Bob Smith"], org_unit=sales)
    people.assign_role(actor=None, person=found["Zoé Adams"], role=Role.HELP_DESK_ADMIN)
    people.suspend_user(actor=None, person=found["Carla Smithers"])
    renaming.add_alias(actor=None, person=found["Dan O'Neil"], email="boss@acme.example")
    User.objects.filter(pk=found["Zoé Adams"].pk).update(
        contact={
            "organizations": [{"title": "Head of Sales", "department": "Sales (EU)"}],
            "relations": [{"type": "manager", "value": "ana@acme.example"}, {"type": "friend", "value": "bob"}],
            "phones": [{"value": "+49 40 1"}],
        }
    )
    return found


@pytest.fixture
def api(ana: User) -> Directory:
    return Directory.of(ana)


def names(answer: Any) -> list[str]:
    return [person["name"]["fullName"] for person in answer.get("users", [])]


def found(api: Directory, query: str) -> set[str]:
    return set(names(api.users.list(customer="my_customer", query=query).execute()))


def test_all_are_listed_page_by_page_in_each_order(api: Directory, crowd: dict[str, User]) -> None:
    everybody = ["Ana", "Bob Smith", "Carla Smithers", "Dan O'Neil", "Zoé Adams"]
    orders = {
        None: everybody,
        "email": ["Ana", "Bob Smith", "Carla Smithers", "Dan O'Neil", "Zoé Adams"],
        "givenName": everybody,
        "familyName": ["Ana", "Zoé Adams", "Dan O'Neil", "Bob Smith", "Carla Smithers"],
    }
    for order, expected in orders.items():
        for direction, wanted in (("ASCENDING", expected), ("DESCENDING", expected[::-1])):
            request = api.users.list(customer="my_customer", maxResults=2, orderBy=order, sortOrder=direction)
            pages = []
            while request is not None:
                answer = request.execute()
                pages.append(names(answer))
                request = api.users.list_next(request, answer)
            assert [len(page) for page in pages] == [2, 2, 1]
            assert [name for page in pages for name in page] == wanted, (order, direction)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("bob", "Bob Smith"),
        ("smith", "Bob Smith|Carla Smithers"),
        ("familyName=smith", "Bob Smith"),
        ("familyName:mith", "Bob Smith|Carla Smithers"),
        ("familyName:Smith*", "Bob Smith|Carla Smithers"),
        ("givenName='zoé'", "Zoé Adams"),
        ("name:'Bob Smith'", "Bob Smith"),
        ('name="bob smith"', "Bob Smith"),
        (r"familyName='O\'Neil'", "Dan O'Neil"),
        ('familyName:"O\'Ne"*', "Dan O'Neil"),
        ("email:boss*", "Dan O'Neil"),
        ("email=BOSS@acme.example", "Dan O'Neil"),
        ("email:labs.example", "Carla Smithers"),
        ("isAdmin=true", "Ana"),
        ("isAdmin=false", "Bob Smith|Carla Smithers|Dan O'Neil|Zoé Adams"),
        ("isDelegatedAdmin=true", "Zoé Adams"),
        ("isSuspended=true", "Carla Smithers"),
        ("isSuspended=true isAdmin=true", ""),
        ("isArchived=true", ""),
        ("isEnrolledIn2Sv=false familyName=smith", "Bob Smith"),
        ("orgUnitPath=/Sales", "Bob Smith"),
        ("orgUnitPath='/'", "Ana|Bob Smith|Carla Smithers|Dan O'Neil|Zoé Adams"),
        ("orgUnitPath=/Nowhere", ""),
        ("orgTitle:sales", "Zoé Adams"),
        ("orgTitle='head of sales'", "Zoé Adams"),
        ("orgDepartment='Sales (EU)'", "Zoé Adams"),
        ("orgDepartment:'.*'", ""),
        ("directManager=ana@acme.example", "Zoé Adams"),
        ("directManager=bob", ""),
        ("phone='+49 40 1'", "Zoé Adams"),
        ("givenName:% ", ""),
        ("name:_o", ""),
    ],
)
def test_the_query_language(api: Directory, crowd: dict[str, User], query: str, expected: str) -> None:
    """https://developers.google.com/admin-sdk/directory/v1/guides/search-users, clause by clause."""
    assert found(api, query) == set(filter(None, expected.split("|")))


@pytest.mark.parametrize(
    "query",
    ["nothing=1", "isAdmin=perhaps", "isAdmin:true", "name:'open", "name:", "'a'b", "=x", "x" * 2_001, "a " * 21],
)
def test_what_is_no_query_is_refused(api: Directory, crowd: dict[str, User], query: str) -> None:
    assert reason_of(api.users.list(customer="my_customer", query=query)) == (400, "invalid")


def test_a_domain_narrows_and_a_stranger_has_none(api: Directory, acme: Customer, crowd: dict[str, User]) -> None:
    assert names(api.users.list(domain="LABS.example").execute()) == ["Carla Smithers"]
    assert names(api.users.list(customer=acme.customer_id, domain="labs.example").execute()) == ["Carla Smithers"]
    globex = make_customer("Globex", "globex.example")
    make_person(globex, name="Mia")
    for arguments in ({"domain": "globex.example"}, {"customer": globex.customer_id}, {"domain": "nobody.example"}):
        what = "customer"
        assert said(api.users.list(**arguments)) == (404, "notFound", f"Resource Not Found: {what}"), arguments
    assert reason_of(api.users.list(customer="my_customer", domain="globex.example")) == (404, "notFound")
    assert reason_of(api.users.list()) == (400, "badRequest")


def test_a_page_token_belongs_to_its_list(api: Directory, crowd: dict[str, User]) -> None:
    token = api.users.list(customer="my_customer", maxResults=2).execute()["nextPageToken"]
    other = api.users.list(customer="my_customer", maxResults=2, orderBy="email", pageToken=token)
    assert reason_of(other) == (400, "invalid")
    assert reason_of(api.users.list(customer="my_customer", pageToken="x")) == (400, "invalid")


def test_the_deleted_are_in_a_list_of_their_own(api: Directory, crowd: dict[str, User]) -> None:
    deleting.delete_user(actor=None, person=crowd["Bob Smith"])
    assert "Bob Smith" not in names(api.users.list(customer="my_customer").execute())
    assert names(api.users.list(customer="my_customer", showDeleted="true").execute()) == ["Bob Smith"]


def test_no_row_is_in_an_empty_list(api: Directory) -> None:
    answer = api.users.list(customer="my_customer", query="isSuspended=true").execute()
    answer.pop("etag")
    assert answer == {"kind": "admin#directory#users"}


def queries_of(ana: User, number: int, **more: Any) -> int:
    call = call_of(fresh(ana), "directory.users.list", {"customer": "my_customer", "maxResults": number, **more})
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = users.list_users(call)
    assert len(answer["users"]) == number
    return len(asked)


def test_500_people_cost_as_many_queries_as_one(ana: User, acme: Customer) -> None:
    root = OrgUnit.objects.get(customer=acme, parent=None)
    make_domain(acme, "many.example")
    User.objects.bulk_create(
        User(
            email=f"p{number}@many.example",
            name=f"Person {number}",
            sort_name=sort_key(f"Person {number}"),
            customer=acme,
            org_unit=root,
        )
        for number in range(520)
    )
    few, many = queries_of(ana, 1), queries_of(ana, 500)
    assert few == many
    assert few <= 9
    assert queries_of(ana, 500, orderBy="familyName", query="isSuspended=false") == few
    get = call_of(fresh(ana), "directory.users.get", {"userKey": ana.email})
    with CaptureQueriesContext(connection) as asked:
        users.get(get)
    assert len(asked) <= 9


def test_an_order_reads_its_index(ana: User, acme: Customer) -> None:
    """A row comparison on the index of each order: any page costs the same."""
    root = OrgUnit.objects.get(customer=acme, parent=None)
    User.objects.bulk_create(
        User(email=f"p{n}@acme.example", name=f"P{n} F{n}", sort_name=f"p{n}", customer=acme, org_unit=root)
        for n in range(3_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_user")
    indexes = {"email": "people_by_address", "familyName": "people_by_family_name", "givenName": "people_by_given_name"}
    for order, index in indexes.items():
        params = {"customer": "my_customer", "maxResults": 20, "orderBy": order}
        token = users.list_users(call_of(ana, "directory.users.list", params))["nextPageToken"]
        with CaptureQueriesContext(connection) as asked:
            users.list_users(call_of(ana, "directory.users.list", {**params, "pageToken": token}))
        [listed] = [one["sql"] for one in asked if "order_key" in one["sql"]]
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {listed}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert index in plan, plan
        assert "Sort" not in plan, plan
        assert "Index Cond" in plan, plan
