"""Batches: each part by itself, from its token to its transaction (X5)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from googleapiclient.errors import HttpError

from accounts.models import ApiToken, OrgUnit, User
from api.core.call import Call
from tests.api.batches import batch, part, statuses
from tests.api.google import service
from tests.api.machines import machine
from tests.api.serving import UNIT_METHODS, UNITS, Caller, serve_only


def test_X5_the_client_of_the_original_sends_a_batch(ana: User, units: Caller) -> None:
    said: dict[str, Any] = {}

    def note(name: str, answer: Any, error: HttpError | None) -> None:
        said[name] = error.status_code if error else answer.get("name", "gone") if answer else "gone"

    client = service(Client(), machine(ana), "admin", "directory_v1")
    calls = client.new_batch_http_request(callback=note)
    calls.add(client.orgunits().get(customerId="my_customer", orgUnitPath="Éditions"), request_id="read")
    patch = client.orgunits().patch(customerId="my_customer", orgUnitPath="Sales", body={"name": "Ventes"})
    calls.add(patch, request_id="changed")
    calls.add(client.orgunits().get(customerId="my_customer", orgUnitPath="Nowhere"), request_id="missing")
    calls.add(client.orgunits().delete(customerId="my_customer", orgUnitPath="Éditions"), request_id="deleted")
    calls.execute()
    assert said == {"read": "Éditions", "changed": "Ventes", "missing": 404, "deleted": "gone"}
    assert set(OrgUnit.objects.exclude(parent=None).values_list("name", flat=True)) == {"Ventes"}


def test_each_part_is_answered_under_its_name_and_in_its_place(units: Caller) -> None:
    answer = batch(units, part(f"GET {UNITS}/Sales", name="a+1"), part("GET /admin/directory/v1/nothing", name="b"))
    assert answer.status_code == 200
    assert statuses(answer) == [200, 404]
    text = answer.content.decode()
    assert text.index("<response-a+1>") < text.index("<response-b>")


def test_X3_a_token_that_ends_during_a_batch_ends_for_the_parts_behind(
    units: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def revoke(_call: Call) -> None:
        ApiToken.objects.update(revoked_at="2026-01-01T00:00:00Z")

    serve_only(monkeypatch, {**UNIT_METHODS, "directory.orgunits.delete": revoke})
    answer = batch(units, part(f"GET {UNITS}"), part(f"DELETE {UNITS}/Sales"), part(f"GET {UNITS}"))
    assert statuses(answer) == [200, 204, 401]


def test_a_part_that_fails_undoes_itself_and_no_other(units: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def change_and_fail(_call: Call) -> None:
        OrgUnit.objects.filter(name="Sales").update(name="Half done")
        raise KeyError("half done")

    serve_only(monkeypatch, {**UNIT_METHODS, "directory.orgunits.update": change_and_fail})
    body = '{"name": "Books"}'
    kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    answer = batch(
        units,
        part(f"PUT {UNITS}/Sales", kind, "{}"),
        part(f"PATCH {UNITS}/%C3%89ditions", kind, body),
    )
    assert statuses(answer) == [500, 200]
    assert set(OrgUnit.objects.exclude(parent=None).values_list("name", flat=True)) == {"Sales", "Books"}


def test_a_part_may_have_a_token_of_its_own(units: Caller, ana: User) -> None:
    narrow = machine(ana, "apps.order")
    answer = batch(units, part(f"GET {UNITS}", f"Authorization: Bearer {narrow}\r\n"), part(f"GET {UNITS}"))
    assert statuses(answer) == [403, 200]


def test_a_part_says_nothing_of_where_it_comes_from(units: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []
    serve_only(monkeypatch, {"directory.orgunits.list": lambda call: seen.append(call.actor.ip_address)})
    batch(units, part(f"GET {UNITS}", "X-Forwarded-For: 203.0.113.66\r\nHost: evil.example\r\n"))
    assert seen == ["127.0.0.1"]


def test_one_hundred_parts_and_no_more(units: Caller) -> None:
    parts = [part("GET /admin/directory/v1/nothing")] * 101
    assert statuses(batch(units, *parts[:100])) == [404] * 100
    answer = batch(units, *parts)
    assert answer.status_code == 400
    assert "101" in answer.json()["error"]["message"] and "100" in answer.json()["error"]["message"]


def test_a_batch_of_one_api_is_for_that_one(units: Caller) -> None:
    other = part("GET /apps/reseller/v1/customers/C1")
    assert statuses(batch(units, part(f"GET {UNITS}"), other, path="/batch/admin/directory_v1")) == [200, 404]
    assert statuses(batch(units, part(f"GET {UNITS}"), other, path="/batch")) == [200, 501]


@pytest.mark.parametrize(
    "request_line",
    ["GET /batch", "POST /batch/admin/directory_v1", "GET /health/live", "GET /console/acme.example/", "POST /token"],
)
def test_nothing_but_calls_is_made_in_a_batch(units: Caller, request_line: str) -> None:
    assert statuses(batch(units, part(request_line))) == [404]


def test_no_file_is_sent_in_a_batch(units: Caller) -> None:
    assert statuses(batch(units, part("POST /upload/v2/organizations/1/cases/1/attachments"))) == [400]


BROKEN = [
    ("no end", [part(f"GET {UNITS}")], ""),
    ("nothing in it", [], "--b--"),
    ("no boundary", ["hello"], ""),
    ("no request line", [part("")], "--b--"),
    ("half a request line", [part("GET")], "--b--"),
    ("an odd method", [part("BREW /coffee")], "--b--"),
    ("no call", ["--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"], "--b--"),
    ("odd headers", [part(f"GET {UNITS}", "no colon\r\n")], "--b--"),
    ("NUL", [part(f"GET {UNITS}", "If-Match: \0\r\n")], "--b--"),
    ("an odd URL", [part("GET http://[::1")], "--b--"),
]


@pytest.mark.parametrize(("parts", "end"), [each[1:] for each in BROKEN], ids=[each[0] for each in BROKEN])
def test_a_broken_batch_is_refused_whole(units: Caller, parts: list[str], end: str) -> None:
    answer = batch(units, part(f"DELETE {UNITS}/Sales"), *parts, end=end) if parts else batch(units, end=end)
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"][0]["reason"] == "badRequest"
    assert OrgUnit.objects.filter(name="Sales").exists()


def test_a_batch_is_posted_as_multipart_mixed(units: Caller) -> None:
    assert units.get("/batch").status_code == 405
    assert units.send("POST", "/batch", "x", kind="application/json").status_code == 400
    assert units.send("POST", "/batch", "x", kind="multipart/mixed").status_code == 400
    assert units.send("POST", "/batch", b"x" * 5_000_001, kind="multipart/mixed; boundary=b").status_code == 413
