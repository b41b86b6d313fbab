"""Organisational units of the Directory API, called with Google's own client."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.directory.tree import tree_of
from accounts.models import AuditEvent, OrgUnit
from tests.api.directory.world import refusal, refusal_in_words
from tests.api.google import service
from tests.api.machines import machine
from tests.cast import Cast
from tests.factories import make_person, make_unit


@pytest.fixture
def units(cast: Cast) -> Any:
    return service(Client(), machine(cast.acme.super_admin), "admin", "directory_v1").orgunits()


@pytest.fixture
def tree(cast: Cast) -> dict[str, OrgUnit]:
    """/Sales, /Sales/North + South, /Support."""
    acme = cast.acme.customer
    sales, support = make_unit(acme, "Sales"), make_unit(acme, "Support")
    found = {"sales": sales, "support": support, "north": make_unit(acme, "North + South", sales)}
    for unit in found.values():
        unit.refresh_from_db()
    return found


def paths(answer: dict[str, Any]) -> list[str]:
    return [unit["orgUnitPath"] for unit in answer["organizationUnits"]]


def test_units_are_listed_below_a_unit(units: Any, tree: dict[str, OrgUnit], cast: Cast) -> None:
    # https://developers.google.com/workspace/admin/directory/v1/guides/manage-org-units
    assert paths(units.list(customerId="my_customer").execute()) == ["/Sales", "/Support"]
    assert paths(units.list(customerId="my_customer", type="all").execute()) == [
        "/Sales",
        "/Sales/North + South",
        "/Support",
    ]
    whole = units.list(customerId="my_customer", type="allIncludingParent", orgUnitPath="/").execute()
    assert paths(whole) == ["/", "/Sales", "/Sales/North + South", "/Support"]
    sales = f"id:{tree['sales'].public_id}"
    for place in ("/Sales", "Sales", "sales", sales):
        listed = units.list(customerId="my_customer", orgUnitPath=place, type="allIncludingParent").execute()
        assert paths(listed) == ["/Sales", "/Sales/North + South"]
    assert paths(units.list(customerId="my_customer", orgUnitPath="/Support").execute()) == []
    assert refusal(units.list(customerId="my_customer", orgUnitPath="/Sales/West")) == (404, "notFound")


def test_a_unit_is_read_by_its_path_or_its_id(units: Any, tree: dict[str, OrgUnit], cast: Cast) -> None:
    north, root = tree["north"], tree_of(cast.acme.customer).root
    shown = units.get(customerId="my_customer", orgUnitPath="Sales/North + South").execute()
    assert {**shown, "etag": ""} == {
        "kind": "admin#directory#orgUnit",
        "etag": "",
        "name": "North + South",
        "description": "",
        "orgUnitPath": "/Sales/North + South",
        "orgUnitId": f"id:{north.public_id}",
        "parentOrgUnitPath": "/Sales",
        "parentOrgUnitId": f"id:{tree['sales'].public_id}",
        "blockInheritance": False,
    }
    for place in ("/Sales/North + South", "sales/north + south", f"id:{north.public_id}"):
        assert units.get(customerId="my_customer", orgUnitPath=place).execute() == shown
    top = units.get(customerId="my_customer", orgUnitPath="/").execute()
    assert (top["orgUnitPath"], top["orgUnitId"]) == ("/", f"id:{root.public_id}")
    assert "parentOrgUnitId" not in top
    for place in ("Sales/West", "id:x", "id:", f"id:{north.pk}"):
        said = refusal_in_words(units.get(customerId="my_customer", orgUnitPath=place))
        assert said == (404, "notFound", "Org unit not found")


def test_a_unit_is_made_changed_moved_and_deleted(units: Any, tree: dict[str, OrgUnit], cast: Cast) -> None:
    body = {"name": "West", "parentOrgUnitPath": "/Sales", "description": "Where the sun sets"}
    made = units.insert(customerId="my_customer", body=body).execute()
    assert (made["orgUnitPath"], made["description"]) == ("/Sales/West", "Where the sun sets")
    place = made["orgUnitId"]
    changed = units.patch(customerId="my_customer", orgUnitPath=place, body={"description": ""}).execute()
    assert (changed["name"], changed["description"], changed["orgUnitPath"]) == ("West", "", "/Sales/West")
    renamed = units.update(customerId="my_customer", orgUnitPath="Sales/West", body={"name": "Far West"}).execute()
    assert (renamed["orgUnitId"], renamed["orgUnitPath"]) == (place, "/Sales/Far West")
    for key, parent in (("parentOrgUnitPath", "/Support"), ("parentOrgUnitId", f"id:{tree['sales'].public_id}")):
        moved = units.patch(customerId="my_customer", orgUnitPath=place, body={key: parent}).execute()
        assert moved[key] == parent
    assert units.delete(customerId="my_customer", orgUnitPath="Sales/Far West").execute() == ""
    assert not OrgUnit.objects.filter(name="Far West").exists()
    names = AuditEvent.objects.filter(name__endswith="_ORG_UNIT").order_by("id").values_list("name", flat=True)
    assert list(names)[3:] == [
        "CREATE_ORG_UNIT",
        "EDIT_ORG_UNIT",
        "EDIT_ORG_UNIT",
        "MOVE_ORG_UNIT",
        "MOVE_ORG_UNIT",
        "REMOVE_ORG_UNIT",
    ]


def test_a_unit_by_the_parents_id_inherits_its_settings(units: Any, tree: dict[str, OrgUnit]) -> None:
    body = {"name": "West", "parentOrgUnitId": f"id:{tree['sales'].public_id}"}
    assert units.insert(customerId="my_customer", body=body).execute()["orgUnitPath"] == "/Sales/West"
    assert OrgUnit.objects.get(name="West").approves_mobile_devices is None
    units.patch(customerId="my_customer", orgUnitPath="Sales/West", body={"description": "x"}).execute()
    assert OrgUnit.objects.get(name="West").approves_mobile_devices is None


def test_what_cannot_be_a_unit_is_refused(units: Any, tree: dict[str, OrgUnit], cast: Cast) -> None:
    def insert(**body: str) -> tuple[int, str]:
        return refusal(units.insert(customerId="my_customer", body=body))

    def patch(place: str, **body: str) -> tuple[int, str]:
        return refusal(units.patch(customerId="my_customer", orgUnitPath=place, body=body))

    assert insert(name="West") == (400, "invalid")
    assert insert(name="West", parentOrgUnitPath="/Nowhere") == (400, "invalid")
    assert insert(name="West", parentOrgUnitId="id:nowhere") == (400, "invalid")
    assert insert(name="", parentOrgUnitPath="/") == (400, "invalid")
    assert insert(name="A/B", parentOrgUnitPath="/") == (400, "invalid")
    assert insert(name="sales", parentOrgUnitPath="/") == (409, "duplicate")
    assert patch("Support", name="Sales") == (409, "duplicate")
    assert patch("Sales", parentOrgUnitPath="/Sales/North + South") == (412, "conditionNotMet")
    assert patch("/", name="Top") == (400, "invalid")
    assert refusal(units.delete(customerId="my_customer", orgUnitPath="Sales")) == (412, "conditionNotMet")
    assert refusal(units.delete(customerId="my_customer", orgUnitPath="/")) == (412, "conditionNotMet")
    eve = make_person(cast.acme.customer, name="Eve")
    eve.org_unit = tree["support"]
    eve.save(update_fields=["org_unit"])
    said = refusal_in_words(units.delete(customerId="my_customer", orgUnitPath="Support"))
    assert said[:2] == (412, "conditionNotMet")
    assert "1 person" in said[2]


def test_a_change_that_fails_half_way_changes_nothing(units: Any, tree: dict[str, OrgUnit], cast: Cast) -> None:
    body = {"parentOrgUnitPath": "/Support", "description": "x" * 301}
    place = f"id:{tree['north'].public_id}"
    assert refusal(units.patch(customerId="my_customer", orgUnitPath=place, body=body)) == (400, "invalid")
    assert tree_of(cast.acme.customer).path(tree["north"].pk) == "/Sales/North + South"
