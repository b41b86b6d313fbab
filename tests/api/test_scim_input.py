"""What no provider sends is refused in SCIM's own form, changes nothing, and never fails the service."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import OperationalError
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import AuditEvent, Customer, User
from accounts.provisioning import showing
from api.scim import people
from tests.api.scim_world import CORE, PATCH, Program, program_of
from tests.factories import make_person

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
DEEP = 100_000


def refused(answer: Any, *statuses: int) -> bool:
    """Answered with an error in SCIM's form, and nothing that belongs to a page."""
    said = answer.json()
    assert said["schemas"] == [ERROR] and said["status"] == str(answer.status_code), said
    assert answer.headers["Content-Type"] == "application/scim+json"
    assert "no-store" in answer.headers["Cache-Control"]
    assert not answer.cookies
    return answer.status_code in statuses


BODIES = [
    "", "{", "[]", "3", "null", '"x"', "NaN", '{"userName": NaN}', '{"userName": Infinity}',
    '{"userName": ' + "9" * 5_000 + "}",
    '{"userName": 5}', '{"userName": null}', '{"userName": ["a@acme.example"]}', '{"userName": {"a": 1}}',
    '{"userName": ""}', '{"userName": "a\\u0000b@acme.example"}', '{"userName": "a\\ud800@acme.example"}',
    '{"userName": "new@acme.example", "displayName": "a\\u0000b"}',
    '{"userName": "new@acme.example", "displayName": "\\u200b"}',
    '{"userName": "new@acme.example", "displayName": "' + "x" * 201 + '"}',
    '{"userName": "new@acme.example", "externalId": "' + "x" * 256 + '"}',
    '{"userName": "new@acme.example", "externalId": 7}',
    '{"userName": "new@acme.example", "active": "perhaps"}', '{"userName": "new@acme.example", "active": {}}',
    '{"userName": "new@acme.example", "name": "Zoe"}', '{"userName": "new@acme.example", "name": {"givenName": []}}',
    '{"userName": "' + "x" * 100_000 + '@acme.example"}',
    "[" * DEEP + "]" * DEEP, '{"userName": ' + '{"a": ' * DEEP + "1" + "}" * DEEP + "}",
    b"\xff\xfe", b'{"userName": "\xff@acme.example"}', b"\0",
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_no_body_that_means_nothing_does_anything(
    acme: Customer, entra: Program, method: str, body: str | bytes
) -> None:
    person = make_person(acme, name="Zoe")
    before = User.objects.count(), AuditEvent.objects.count()
    answer = entra.send(method, "Users" if method == "POST" else f"Users/u{person.pk}", body)
    assert refused(answer, 400)
    assert (User.objects.count(), AuditEvent.objects.count()) == before


@pytest.mark.parametrize(
    "operations",
    [
        "x", {}, [3], [None], [{}], [{"op": "frob", "path": "active", "value": True}], [{"op": 5}],
        [{"op": "remove"}], [{"op": "add", "path": "active"}], [{"op": "replace", "path": "(((", "value": 1}],
        [{"op": "replace", "path": 5, "value": 1}], [{"op": "replace", "path": "userName", "value": None}],
        [{"op": "remove", "path": "userName"}], [{"op": "replace", "path": "id", "value": "u1"}],
        [{"op": "replace", "path": "active", "value": [1]}],
        [{"op": "replace", "path": "displayName", "value": {"a": 1}}],
        [{"op": "remove", "path": "displayName"}, {"op": "remove", "path": "name"}],
        [{"op": "replace", "path": "emails[" * 500, "value": 1}],
        [{"op": "replace", "path": "userName", "value": "x@acme.example\0"}],
    ],
)  # fmt: skip
def test_no_patch_that_means_nothing_does_anything(acme: Customer, entra: Program, operations: object) -> None:
    person = make_person(acme, name="Zoe")
    before = AuditEvent.objects.count()
    answer = entra.send("PATCH", f"Users/u{person.pk}", {"schemas": [PATCH], "Operations": operations})
    assert refused(answer, 400), answer.content
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize(
    "query",
    [
        "filter=userName eq", "filter=nonsense eq %22x%22", "filter=userName zz %22x%22", "filter=(((((",
        "filter=userName gt %22x%22", "filter=active eq %22x%22", "filter=userName eq 5", "filter=id sw %22u%22",
        "filter=userName eq %22" + "x" * 2_000 + "%22", "filter=userName eq %22%00%22", "filter=%ff",
        "filter=userName co %22\\u0000%22", "filter=displayName co %22\\ud800%22",
        "startIndex=x", "count=1.5", "count=%D9%A3", "attributes=userName&excludedAttributes=emails",
        "attributes=emails[type eq %22work%22]", "filter=meta.created gt %222011-05-13T04:42:34Z%22",
    ],
)  # fmt: skip
def test_no_query_that_means_nothing_is_answered(entra: Program, query: str) -> None:
    answer = entra.client.get("/scim/v2/Users", QUERY_STRING=query, headers={"Authorization": f"Bearer {entra.code}"})
    assert refused(answer, 400)


@pytest.mark.parametrize("around", [("(" * 480, ")" * 480), ("not (" * 160, ")" * 160)])
def test_no_filter_is_too_deep_to_be_answered(entra: Program, around: tuple[str, str]) -> None:
    assert entra.get(f"Users?filter={around[0]}active eq true{around[1]}").status_code in (200, 400)


def test_what_is_too_long_is_413_and_what_is_no_json_415(entra: Program) -> None:
    assert refused(entra.send("POST", "Users", json.dumps({"userName": "x" * 1_000_001})), 413)
    long = entra.client.post(
        "/scim/v2/Users", b"{}", "application/json", headers=bearer(entra), CONTENT_LENGTH="99999999999999"
    )
    assert refused(long, 413)
    for kind in ("application/x-www-form-urlencoded", "text/xml", "application/json; charset=utf-16"):
        assert refused(entra.client.post("/scim/v2/Users", b"{}", kind, headers=bearer(entra)), 415), kind


def bearer(program: Program) -> dict[str, str]:
    return {"Authorization": f"Bearer {program.code}"}


class Cut(BytesIO):
    """What arrives on a connection that was cut."""

    def read(self, *_size: object) -> bytes:
        raise ConnectionResetError


def test_a_request_of_which_the_rest_never_arrives_is_refused(entra: Program) -> None:
    cut: Any = {"wsgi.input": Cut()}
    answer = entra.client.generic(
        "POST", "/scim/v2/Users", b"{}", "application/scim+json", headers=bearer(entra), **cut
    )
    assert refused(answer, 400)


@pytest.mark.parametrize(
    "path", ["nothing", "Users/", "Users/u1/x", "Schemas/x", "ResourceTypes/x", "%00", "Users/%00"]
)
def test_what_is_nowhere_is_404_in_scim_s_form(entra: Program, path: str) -> None:
    assert refused(entra.get(path), 404, 400)


@pytest.mark.parametrize(
    "number", ["u", "u0", "g1", "1", "u-1", "u1.5", "u" + "9" * 30, "u１", "x" * 5_000, "u1%27--", "U1"]
)
def test_what_is_no_id_is_nobody_s(acme: Customer, entra: Program, number: str) -> None:
    assert refused(entra.get(f"Users/{number}"), 404)


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic eDp5",
        "Bearer a b",
        "Bearer " + "x" * 9_999,
        "Bearer \xff",
        "bearer é",
        "Token x",
    ],
)
def test_no_header_that_is_no_token_opens_anything(acme: Customer, shown: str) -> None:
    answer = Client(raise_request_exception=False).get("/scim/v2/Users", headers={"Authorization": shown})
    assert refused(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["userName", "name", "active", "members", "op", "path", "value"]), inner)
        ),
        max_leaves=12,
    )
)
def test_nothing_that_json_can_say_fails_the_service(acme: Customer, payload: object) -> None:
    program = Program(_code(acme), Client(raise_request_exception=False))
    for method, path in (("POST", "Users"), ("POST", "Groups")):
        assert program.send(method, path, payload).status_code < 500
        body = payload if isinstance(payload, dict) else {"Operations": payload}
        assert program.send(method, path, {"schemas": [f"{CORE}:User"], **body}).status_code < 500
    person = acme.people.order_by("pk").first()
    assert person
    operations = payload if isinstance(payload, list) else [payload]
    assert program.send("PATCH", f"Users/u{person.pk}", {"Operations": operations}).status_code < 500


_codes: dict[int, str] = {}


def _code(acme: Customer) -> str:
    if acme.pk not in _codes:
        _codes[acme.pk] = program_of(acme).code
    return _codes[acme.pk]


def test_P15_no_cookie_no_session_and_no_csrf_token(acme: Customer, entra: Program) -> None:
    strict = Program(entra.code, Client(enforce_csrf_checks=True))
    answer = strict.create("zoe@acme.example")
    assert answer.status_code == 201
    assert not answer.cookies
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_P15_a_token_in_the_clear_is_refused_and_not_led_on(entra: Program, settings: LazySettings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = entra.get("Users")
    assert refused(answer, 403)
    assert "Location" not in answer.headers
    assert entra.client.get("/scim/v2/Users", secure=True, headers=bearer(entra)).status_code == 200


def test_P15_another_host_is_refused(entra: Program) -> None:
    assert refused(entra.client.get("/scim/v2/Users", headers={**bearer(entra), "Host": "evil.example"}), 400)


def test_P15_too_many_requests_of_a_token_wait(entra: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "MOST_IN_A_MINUTE", 3)
    statuses = [entra.get("Users").status_code for _time in range(8)]
    assert statuses[:3] == [200] * 3
    assert 429 in statuses
    limited = next(answer for _time in range(8) if (answer := entra.get("Users")).status_code == 429)
    assert refused(limited, 429)
    assert limited.headers["Retry-After"]


def test_P15_nobody_tries_tokens_for_long(db: None, settings: LazySettings) -> None:
    assert settings.ACCOUNT_RATE_LIMITS["unknown_scim_token"] == "60/m/ip"
    program = Program("rcscim_guess", Client())
    assert [program.get("Users").status_code for _time in range(62)] == [401] * 60 + [429] * 2


@pytest.mark.parametrize(("error", "status"), [(ValueError("x"), 500), (OperationalError("x"), 503)])
def test_what_fails_inside_is_told_in_scim_s_form(
    acme: Customer, entra: Program, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise error

    monkeypatch.setattr(people, "drawn", fail)
    answer = entra.get("Users")
    assert refused(answer, status)
    assert "x" not in answer.json()["detail"].split()
