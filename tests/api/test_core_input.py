"""What arrives that no client of the original sends: an answer in JSON, and never an error of the server."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import OrgUnit
from api.core.bodies import LONGEST_BODY
from tests.api.serving import UNITS, Caller, serve_only

PATH = f"{UNITS}/Sales"
USERS = "/admin/directory/v1/users"


def refused(answer: Any, status: int = 400) -> dict[str, Any]:
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, status)
    said: dict[str, Any] = error["errors"][0]
    return said


BODIES: list[tuple[str, bytes, int]] = [
    ("no JSON", b"{", 400),
    ("a list", b"[]", 400),
    ("a text", b'"name"', 400),
    ("null", b"null", 400),
    ("not UTF-8", b'{"name": "\xff"}', 400),
    ("UTF-16", '{"name": "x"}'.encode("utf-16"), 400),
    ("NUL", b'{"name": "a\\u0000b"}', 400),
    ("half a character", b'{"name": "\\ud800"}', 400),
    ("NaN", b'{"name": NaN}', 400),
    ("deep", b'{"name":' + b"[" * 100_000, 400),
    ("deep in a field", b'{"description":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}", 400),
    ("a number of 10,000 digits", b'{"name": ' + b"9" * 10_000 + b"}", 400),
    ("a number for a text", b'{"name": 7}', 400),
    ("a list for a text", b'{"name": ["x"]}', 400),
    ("a text for true or false", b'{"blockInheritance": "maybe"}', 400),
    ("a field that is none", b'{"nam": "x"}', 400),
    ("a field with a long name", b'{"' + b"x" * 5_000 + b'": 1}', 400),
    ("too much", b'{"name": "' + b"x" * LONGEST_BODY + b'"}', 413),
]


@pytest.mark.parametrize(("body", "status"), [each[1:] for each in BODIES], ids=[each[0] for each in BODIES])
def test_a_body_that_cannot_be_read_is_refused(units: Caller, body: bytes, status: int) -> None:
    refused(units.send("PATCH", PATH, body), status)
    assert OrgUnit.objects.filter(name="Sales").exists()


KINDS = ["text/plain", "application/xml", "multipart/form-data", "x" * 3_000, "application/json; charset=utf-16"]


@pytest.mark.parametrize("kind", KINDS)
def test_another_type_than_json_is_refused(units: Caller, kind: str) -> None:
    assert refused(units.send("PATCH", PATH, '{"name": "x"}', kind=kind))["reason"] == "badContent"


def test_what_is_only_read_is_dropped_and_null_takes_a_value_away(
    units: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies: list[dict[str, Any]] = []

    def note(call: Any) -> None:
        bodies.append(call.body)

    serve_only(monkeypatch, {"directory.users.insert": note, "cloudsupport.cases.create": note})
    person = {
        "primaryEmail": "a@acme.example",
        "isAdmin": True,
        "recoveryPhone": None,
        "password": "seven-lantern-orchard",
        "name": {"givenName": "A", "familyName": "B"},
        "phones": [{"value": "1"}],
    }
    assert units.send("POST", USERS, person).status_code == 204
    case = {"displayName": "x", "priority": 3, "state": "NEW", "subscriberEmailAddresses": None}
    assert units.send("POST", "/v2/organizations/1/cases", case).status_code == 204
    assert bodies == [
        {
            "primaryEmail": "a@acme.example",
            "recoveryPhone": "",
            "password": "seven-lantern-orchard",
            "name": {"givenName": "A", "familyName": "B"},
            "phones": [{"value": "1"}],
        },
        # Generated clients send enums as numbers: their places in the document.
        {"displayName": "x", "priority": "P2", "subscriberEmailAddresses": []},
    ]


def test_what_a_new_thing_needs_is_asked_for(units: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    serve_only(monkeypatch, {"directory.users.insert": lambda _call: None, "directory.users.patch": lambda _call: None})
    person = {"primaryEmail": "a@acme.example", "password": "x", "name": {"givenName": "A"}}
    said = refused(units.send("POST", USERS, person))
    assert (said["reason"], said["location"]) == ("required", "name.familyName")
    assert units.send("PATCH", f"{USERS}/a@acme.example", {"name": {"givenName": "A"}}).status_code == 204


@pytest.mark.parametrize("priority", [-1, 99, "P9", True, 1.5, [], "99999999999999999999999"])
def test_an_enum_that_there_is_not_is_refused(units: Caller, monkeypatch: pytest.MonkeyPatch, priority: Any) -> None:
    serve_only(monkeypatch, {"cloudsupport.cases.create": lambda _call: None})
    answer = units.send("POST", "/v2/organizations/1/cases", {"priority": priority})
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert answer.json()["error"]["details"][0]["fieldViolations"][0]["field"] == "priority"


def test_numbers_come_as_text_too_and_within_their_bounds(units: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    bodies: list[dict[str, Any]] = []
    serve_only(monkeypatch, {"reseller.subscriptions.changeSeats": lambda call: bodies.append(call.body)})
    path = "/apps/reseller/v1/customers/C1/subscriptions/1/changeSeats"
    assert units.send("POST", path, {"numberOfSeats": "7"}).status_code == 204
    wrongs: list[Any] = [2**31, "2147483648", "7.5", 7.5, "seven", "٧", True, {}]
    for wrong in wrongs:
        assert refused(units.send("POST", path, {"numberOfSeats": wrong}))["location"] == "numberOfSeats"
    assert bodies[0] == {"numberOfSeats": 7}


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("maxResults=0", "maxResults"),
        ("maxResults=2147483648", "maxResults"),
        ("maxResults=ten", "maxResults"),
        ("maxResults=" + "9" * 5_000, "maxResults"),
        ("maxResults=%D9%A7", "maxResults"),
        ("maxResults=5&maxResults=6", "maxResults"),
        ("orderBy=age", "orderBy"),
        ("sortOrder=ascending", "sortOrder"),
        ("nothing=1", "nothing"),
        ("alt=proto", "alt"),
        ("alt=media", "alt"),
        ("prettyPrint=perhaps", "prettyPrint"),
        ("pageToken=x", "pageToken"),
        ("pageToken=" + "x" * 5_000, "pageToken"),
        ("callback=alert", "callback"),
    ],
)
def test_a_parameter_that_cannot_be_is_named(units: Caller, query: str, location: str) -> None:
    assert refused(units.get(f"/admin/directory/v1/groups?{query}"))["location"] == location


@pytest.mark.parametrize("path", ["%00", "a%00b", "%FF%FE", "Sales%0A", "a" * 9_000, "../../x", "%2e%2e/x"])
def test_odd_paths_find_nothing(units: Caller, path: str) -> None:
    answer = units.get(f"{UNITS}/{path}")
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["errors"]


def test_a_query_that_is_no_text_is_refused(units: Caller) -> None:
    refused(units.get(f"{UNITS}?fields=%FF"))
    refused(units.get(f"{UNITS}?quotaUser=a%00b"))


def test_an_unknown_host_is_refused_in_json(units: Caller) -> None:
    refused(units.get(UNITS, Host="evil.example"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(["name", "description", "blockInheritance", "orgUnitPath", "etag", "kind", "parentOrgUnitId"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(FIELDS, JSON, max_size=5))
def test_no_body_is_an_error_of_the_server(units: Caller, body: dict[str, Any]) -> None:
    answer = units.send("PATCH", f"{UNITS}/nowhere", json.dumps(body))
    assert answer.status_code in (400, 404), answer.content
    assert answer.json()["error"]["code"] == answer.status_code


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60) | st.integers(0, 2**31).map(lambda number: struct.pack(">I", number)))
def test_no_bytes_are_an_error_of_the_server(units: Caller, body: bytes) -> None:
    for path, kind in (
        (f"{UNITS}/nowhere", "application/json"),
        ("/batch", "multipart/mixed; boundary=b"),
        ("/upload/v2/organizations/1/cases/1/attachments?uploadType=multipart", "multipart/related; boundary=b"),
    ):
        answer = units.send("POST" if kind != "application/json" else "PATCH", path, body, kind=kind)
        assert 400 <= answer.status_code < 500 or answer.status_code == 501, (path, answer.content)
        assert answer.json()["error"]["code"] == answer.status_code
