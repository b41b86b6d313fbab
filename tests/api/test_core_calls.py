"""A call from the token to its answer: what the layer does for every method of every API (X5)."""

from __future__ import annotations

import gzip
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from googleapiclient.errors import HttpError

from accounts.models import OrgUnit, User
from tests.api.google import Http, service
from tests.api.machines import machine
from tests.api.serving import UNITS, Caller

PATH = f"{UNITS}/Sales"


def directory(ana: User, http: Http | None = None) -> Any:
    return service(Client(), machine(ana), "admin", "directory_v1", http).orgunits()


def names() -> set[str]:
    return set(OrgUnit.objects.filter(parent__isnull=False).values_list("name", flat=True))


def test_X5_the_client_of_the_original_lists_gets_changes_and_deletes(ana: User, units: Caller) -> None:
    client = directory(ana)
    found = client.list(customerId="my_customer").execute()
    assert [unit["name"] for unit in found["organizationUnits"]] == ["Sales", "Éditions"]
    assert client.get(customerId="my_customer", orgUnitPath="Éditions").execute()["name"] == "Éditions"
    client.patch(customerId="my_customer", orgUnitPath="Sales", body={"name": "Ventes"}).execute()
    assert client.delete(customerId="my_customer", orgUnitPath="Ventes").execute() == ""
    assert names() == {"Éditions"}


def test_X5_the_client_of_the_original_writes_with_an_etag(ana: User, units: Caller) -> None:
    """It writes the ETag of a body as If-Match by itself."""
    http = Http(Client(), machine(ana))
    client = directory(ana, http)
    read = client.get(customerId="my_customer", orgUnitPath="Sales").execute()
    http.headers["If-Match"] = read["etag"]
    client.patch(customerId="my_customer", orgUnitPath="Sales", body={"name": "Ventes"}).execute()
    with pytest.raises(HttpError) as stale:
        client.patch(customerId="my_customer", orgUnitPath="Ventes", body={"name": "Sales"}).execute()
    assert (stale.value.status_code, stale.value.error_details[0]["reason"]) == (412, "conditionNotMet")
    assert names() == {"Ventes", "Éditions"}


def test_a_row_has_in_a_list_the_etag_that_it_has_by_itself(units: Caller) -> None:
    rows = units.get(UNITS).json()["organizationUnits"]
    by_itself = units.get(PATH)
    assert rows[0]["etag"] == by_itself.json()["etag"] == by_itself.headers["ETag"]
    assert rows[0]["etag"] != rows[1]["etag"]


def test_if_none_match_answers_304_until_something_changes(units: Caller) -> None:
    etag = units.get(UNITS).headers["ETag"]
    same = units.get(UNITS, If_None_Match=f'"other", W/{etag}')
    assert (same.status_code, same.content) == (304, b"")
    OrgUnit.objects.filter(name="Sales").update(name="Ventes")
    assert units.get(UNITS, If_None_Match=etag).status_code == 200


def test_if_match_is_refused_before_anything_is_done(units: Caller) -> None:
    stale = units.send("DELETE", PATH, If_Match='"of yesterday"')
    assert (stale.status_code, names()) == (412, {"Sales", "Éditions"})
    assert units.send("DELETE", PATH, If_Match="*").status_code == 204
    assert names() == {"Éditions"}


def test_fields_cut_the_answer_to_a_tree(units: Caller) -> None:
    def cut(fields: str) -> Any:
        return units.get(f"{UNITS}?{urlencode({'fields': fields})}").json()

    assert cut("organizationUnits(name)") == {"organizationUnits": [{"name": "Sales"}, {"name": "Éditions"}]}
    assert cut("kind,organizationUnits/name") == cut("organizationUnits(name),kind")
    assert set(cut("*")) == {"kind", "etag", "organizationUnits"}
    assert cut("organizationUnits(name),organizationUnits")["organizationUnits"][0].keys() >= {"kind", "name", "etag"}
    assert cut("etag") == {"etag": units.get(UNITS).json()["etag"]}
    assert cut("") == units.get(UNITS).json()


@pytest.mark.parametrize(
    "fields", ["nothing", "organizationUnits(nothing)", "a(", "a)", ",", "a//b", "()", "a(b", "a" * 9_000, "(" * 900]
)
def test_fields_that_cannot_be_read_are_refused(units: Caller, fields: str) -> None:
    answer = units.get(f"{UNITS}?{urlencode({'fields': fields})}")
    said = answer.json()["error"]["errors"][0]
    assert (answer.status_code, said["reason"], said["location"]) == (400, "invalidParameter", "fields")


def test_the_parameters_of_every_method_are_accepted(units: Caller) -> None:
    query = "key=k&quotaUser=ana&$.xgafv=2&prettyPrint=true&alt=json"
    answer = units.get(f"{UNITS}?{query}")
    assert answer.json() == units.get(UNITS).json()
    assert answer.content.count(b"\n") > 5
    assert units.get(UNITS).content.count(b"\n") == 0


def test_long_answers_are_packed_for_those_who_unpack(units: Caller, ana: User) -> None:
    assert "Content-Encoding" not in units.get(UNITS, Accept_Encoding="gzip").headers
    [root] = OrgUnit.objects.filter(parent=None)
    for number in range(50):
        OrgUnit.objects.create(customer=root.customer, parent=root, name=f"Unit {number}")
    packed = units.get(UNITS, Accept_Encoding="gzip, deflate")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.content)) == units.get(UNITS).json()


def test_head_is_get_without_its_body(units: Caller) -> None:
    whole, head = units.get(UNITS), units.send("HEAD", UNITS)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.content))
    assert head.headers["ETag"] == whole.headers["ETag"]


def test_a_long_get_arrives_as_a_post_with_a_form(units: Caller) -> None:
    """As google-api-python-client sends what is longer than 2,048 characters."""
    form = urlencode({"fields": "kind", "quotaUser": "x" * 3_000})
    long = units.send("POST", UNITS, form, kind="application/x-www-form-urlencoded", X_HTTP_Method_Override="GET")
    assert long.json() == {"kind": "admin#directory#orgUnits"}


def test_the_client_of_the_original_sends_a_long_get(ana: User, units: Caller) -> None:
    http = Http(Client(), machine(ana))
    wide = f"organizationUnits({','.join(['name'] * 500)})"
    found = directory(ana, http).list(customerId="my_customer", fields=wide).execute()
    assert http.calls[-1][0] == "POST"
    assert found == {"organizationUnits": [{"name": "Sales"}, {"name": "Éditions"}]}


def test_another_method_than_it_arrives_with_is_done(units: Caller) -> None:
    assert units.send("POST", PATH, {"name": "Ventes"}, X_HTTP_Method_Override="PATCH").json()["name"] == "Ventes"
    refused = units.send("GET", PATH, X_HTTP_Method_Override="DELETE")
    assert (refused.status_code, names()) == (400, {"Ventes", "Éditions"})


def test_no_cookie_and_no_session_comes_of_a_call(units: Caller) -> None:
    answer = units.get(UNITS)
    assert not answer.cookies
    assert "Cookie" not in answer.headers["Vary"]
    assert answer.headers["Cache-Control"] == "private, no-store"
