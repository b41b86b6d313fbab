"""What clients are told when nothing was done: in the envelope of each API, and never an error of the server (X5)."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError
from django.test import override_settings

from accounts.errors import Duplicate, Refused
from accounts.locking import CustomerBusy
from accounts.models import ApiToken, OrgUnit, User
from accounts.proof import ProofNeeded
from api.core.call import Call
from api.core.errors import ConditionNotMet, DuplicateEntity, Invalid
from tests.api.serving import UNITS, Caller, serve_only, units_of

CASE = "/v2/organizations/123456789012/cases/1"


def raising(error: Exception) -> Any:
    def function(call: Call) -> dict[str, Any]:
        units_of(call).filter(name="Sales").update(name="Changed")
        raise error

    return function


def test_X3_a_call_without_a_token_is_told_to_sign_in(units: Caller) -> None:
    answer = Caller().get(UNITS)
    error = answer.json()["error"]
    assert (answer.status_code, error["status"], error["errors"][0]["reason"]) == (401, "UNAUTHENTICATED", "required")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer realm=")


@pytest.mark.parametrize("token", ["nobody's", "rcapi_nobodys", "é", "x" * 5_000, "a b"])
def test_X3_a_token_that_opens_nothing_says_nothing_more(units: Caller, token: str) -> None:
    answer = Caller(token).get(UNITS)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["status"]) == (401, 401, "UNAUTHENTICATED")
    assert error["errors"][0]["reason"] == "authError"
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_X3_a_token_in_the_url_is_none(units: Caller) -> None:
    assert Caller().get(f"{UNITS}?access_token={units.token}").status_code == 401


def test_X3_a_token_is_asked_for_at_every_call(units: Caller, ana: User) -> None:
    assert units.get(UNITS).status_code == 200
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert units.get(UNITS).status_code == 401
    User.objects.filter(pk=ana.pk).update(is_active=True)
    ApiToken.objects.update(revoked_at="2026-01-01T00:00:00Z")
    assert units.get(UNITS).status_code == 401


def test_X3_tokens_that_nobody_has_are_counted(units: Caller) -> None:
    statuses = [Caller("rcapi_guessed").get(UNITS).status_code for _ in range(61)]
    assert (set(statuses[:60]), statuses[60]) == ({401}, 429)
    assert units.get(UNITS).status_code == 200


def test_X2_one_of_the_scopes_of_the_document_is_asked_for(units: Caller, ana: User) -> None:
    assert Caller.of(ana, "admin.directory.orgunit.readonly").get(UNITS).status_code == 200
    for asker in (Caller.of(ana, "admin.directory.user"), Caller.of(ana, "apps.order")):
        answer = asker.get(UNITS)
        error = answer.json()["error"]
        assert (answer.status_code, error["status"]) == (403, "PERMISSION_DENIED")
        assert error["errors"][0]["reason"] == "insufficientPermissions"
        assert "admin.directory.orgunit.readonly" in answer.headers["WWW-Authenticate"]
    writes = Caller.of(ana, "admin.directory.orgunit.readonly").send("DELETE", f"{UNITS}/Sales")
    assert (writes.status_code, OrgUnit.objects.filter(name="Sales").count()) == (403, 1)


def test_a_token_that_was_sent_over_plain_http_is_refused_and_not_led_on(units: Caller) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True):
        answer = units.get(UNITS)
    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", "/admin/directory/v1/nothing", 404, "notFound"),
        ("GET", "/admin/directory/v1/", 404, "notFound"),
        ("GET", "/batchwork", 404, "notFound"),
        ("PUT", UNITS, 405, "httpMethodNotAllowed"),
        ("OPTIONS", UNITS, 405, "httpMethodNotAllowed"),
        ("TRACE", UNITS, 405, "httpMethodNotAllowed"),
        ("GET", "/admin/directory/v1/users", 501, "notImplemented"),
    ],
)
def test_what_is_not_there_is_said_in_json(units: Caller, method: str, path: str, status: int, reason: str) -> None:
    answer = units.send(method, path)
    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (status, reason)
    assert "status" not in answer.json()["error"]
    if status == 405:
        assert answer.headers["Allow"] == "GET, POST, HEAD"


RAISED = [
    (Refused("No.", "name"), 400, "invalid", "INVALID_ARGUMENT"),
    (Duplicate("There is one."), 409, "duplicate", "ALREADY_EXISTS"),
    (DuplicateEntity(), 409, "duplicate", "ALREADY_EXISTS"),
    (ConditionNotMet(), 412, "conditionNotMet", "FAILED_PRECONDITION"),
    (Invalid("name"), 400, "invalid", "INVALID_ARGUMENT"),
    (PermissionDenied(), 403, "forbidden", "PERMISSION_DENIED"),
    (ProofNeeded(), 403, "forbidden", "PERMISSION_DENIED"),
    (OrgUnit.DoesNotExist(), 404, "notFound", "NOT_FOUND"),
    (CustomerBusy("busy"), 503, "backendError", "UNAVAILABLE"),
    (InterfaceError("away"), 503, "backendError", "UNAVAILABLE"),
    (KeyError("ours"), 500, "backendError", "INTERNAL"),
]


@pytest.mark.parametrize(("error", "status", "reason", "_newer"), RAISED, ids=lambda each: type(each).__name__)
def test_what_a_verb_refuses_has_its_reason_and_nothing_was_done(
    units: Caller,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    status: int,
    reason: str,
    _newer: str,
) -> None:
    """The older APIs name reasons in a list, and no status: GAM would take that for the reason (api.md, 11)."""
    serve_only(monkeypatch, {"directory.orgunits.patch": raising(error)})
    with caplog.at_level(logging.ERROR):
        answer = units.send("PATCH", f"{UNITS}/Sales", {"name": "x"})
    said = answer.json()["error"]
    assert (answer.status_code, said["code"], said["errors"][0]["reason"]) == (status, status, reason)
    assert said["message"] and "status" not in said
    assert ("Retry-After" in answer.headers) == (status == 503)
    is_ours = status == 500 or (status == 503 and not isinstance(error, CustomerBusy))
    assert any(record.name.startswith("api.") for record in caplog.records) == is_ours
    assert not OrgUnit.objects.filter(name="Changed").exists()


@pytest.mark.parametrize(("error", "status", "_reason", "newer"), RAISED, ids=lambda each: type(each).__name__)
def test_the_newer_apis_name_one_status_and_no_reasons(
    units: Caller, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, _reason: str, newer: str
) -> None:
    serve_only(monkeypatch, {"cloudsupport.cases.patch": raising(error)})
    answer = units.send("PATCH", CASE, {"displayName": "x"})
    said = answer.json()["error"]
    assert (answer.status_code, said["status"]) == (status, newer)
    assert "errors" not in said


def test_a_refused_value_names_its_field_in_the_newer_apis(units: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    serve_only(monkeypatch, {"cloudsupport.cases.patch": raising(Refused("No.", "display_name"))})
    [detail] = units.send("PATCH", CASE, {"displayName": "x"}).json()["error"]["details"]
    assert detail["fieldViolations"] == [{"field": "display_name", "description": "No."}]


def test_what_is_said_is_english_whatever_the_browser_speaks(units: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(call: Call) -> dict[str, Any]:
        from django.utils.translation import gettext  # noqa: PLC0415  in the language of the call

        raise Refused(gettext("Nothing is saved yet."))

    serve_only(monkeypatch, {"directory.orgunits.list": refuse})
    answer = units.get(UNITS, Accept_Language="fr")
    assert answer.json()["error"]["message"] == "Nothing is saved yet."
