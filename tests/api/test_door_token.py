"""POST /token (RFC 7523): what a machine signs becomes a token, or an error as the original says it."""

from __future__ import annotations

import time
from typing import Any

import google.auth.transport.requests
import pytest
from django.test import Client
from google.oauth2 import service_account

from accounts.actor import Actor
from accounts.machines.scopes import PREFIX
from accounts.machines.service_accounts import withdraw_scopes
from accounts.machines.tokens import show
from accounts.models import ApiToken, Customer, ServiceAccountKey, User
from accounts.roles import Role
from tests.api.machines import assertion, key_of, machine, signing_account
from tests.factories import make_customer, make_person

USERS = f"{PREFIX}admin.directory.user"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme", "acme.example")


@pytest.fixture
def ana(acme: Customer) -> User:
    return make_person(acme, Role.SUPER_ADMIN, name="Ana")


@pytest.fixture
def file(ana: User) -> dict[str, str]:
    """The file of a key of an account of Acme's to which users are delegated."""
    return signing_account(ana, "admin.directory.user", name="Backup")[1]


def ask(text: str, path: str = "/token", **more: str) -> Any:
    return Client().post(
        path,
        f"grant_type={more.get('grant_type', GRANT)}&assertion={text}",
        "application/x-www-form-urlencoded",
    )


def error_of(response: Any) -> tuple[int, str]:
    said = response.json()
    assert set(said) == {"error", "error_description"} and "no-store" in response.headers["Cache-Control"]
    return response.status_code, said["error"]


@pytest.mark.parametrize("path", ["/token", "/oauth2/v4/token"])
def test_X2_a_machine_gets_a_token_for_a_person_of_its_organisation(ana: User, file: dict[str, str], path: str) -> None:
    response = ask(assertion(file, ana.email), path)
    said = response.json()
    assert set(said) == {"access_token", "expires_in", "token_type"} and said["token_type"] == "Bearer"
    assert 3500 < said["expires_in"] <= 3600
    shown = show(said["access_token"])
    assert shown and shown.person == ana and shown.account.name == "Backup" and shown.scopes == {USERS}
    assert shown.actor("203.0.113.7").client == shown.account and shown.actor(None).is_stale
    assert ServiceAccountKey.objects.get(kid=file["private_key_id"]).last_used_at
    assert "no-store" in response.headers["Cache-Control"] and not response.cookies


def test_X3_a_token_is_kept_as_a_digest_only(ana: User, file: dict[str, str]) -> None:
    token = ask(assertion(file, ana.email)).json()["access_token"]
    assert token not in str(ApiToken.objects.values().get())


def test_X5_google_auth_gets_a_token_with_the_file_as_it_is(live_server: Any, ana: User, file: dict[str, str]) -> None:
    """It writes Google's audience whatever the file says."""
    info = {**file, "token_uri": f"{live_server.url}/token"}
    made: Any = service_account.Credentials.from_service_account_info
    credentials = made(info, scopes=[USERS], subject=ana.email)
    credentials.refresh(google.auth.transport.requests.Request())
    shown = show(credentials.token)
    assert shown and shown.person == ana and credentials.valid


def test_X2_an_assertion_without_a_person_gives_a_token_of_the_account_itself(file: dict[str, str]) -> None:
    for text in (assertion(file), assertion(file, file["client_email"])):
        shown = show(ask(text).json()["access_token"])
        assert shown and shown.person is None
        actor = shown.actor(None)
        assert actor.user.pk is None and not actor.user.roles and actor.client == shown.account


def test_X2_replaying_an_assertion_opens_nothing_more_and_nothing_longer(ana: User, file: dict[str, str]) -> None:
    text = assertion(file, ana.email, exp=int(time.time()) + 60)
    first, second = ask(text).json(), ask(text).json()
    assert first["access_token"] != second["access_token"]
    assert max(first["expires_in"], second["expires_in"]) <= 70
    one, two = show(first["access_token"]), show(second["access_token"])
    assert one and two and one.expires_at == two.expires_at


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"exp": 0}, (400, "invalid_grant")),
        ({"iat": None}, (400, "invalid_grant")),
        ({"exp": None}, (400, "invalid_grant")),
        ({"aud": "https://example.com/token"}, (400, "invalid_grant")),
        ({"aud": None}, (400, "invalid_grant")),
        ({"iss": "other@project.iam.serviceaccount.internal"}, (400, "invalid_grant")),
        ({"sub": "nobody@acme.example"}, (400, "invalid_grant")),
        ({"sub": "someone@globex.example"}, (401, "unauthorized_client")),
        ({"sub": "gus@globex.example"}, (401, "unauthorized_client")),
        ({"scope": f"{USERS} {PREFIX}apps.order"}, (401, "unauthorized_client")),
        ({"scope": ""}, (400, "invalid_scope")),
        ({"scope": None}, (400, "invalid_scope")),
        ({"scope": "https://mail.google.com/"}, (400, "invalid_scope")),
    ],
)
def test_X5_errors_are_those_of_the_original(
    ana: User, file: dict[str, str], claims: dict[str, Any], expected: tuple[int, str]
) -> None:
    """https://developers.google.com/identity/protocols/oauth2/service-account#error-codes

    Whether a person has an address at a stranger's domain makes no difference: gus does, someone does not.
    """
    make_person(make_customer("Globex", "globex.example"), Role.SUPER_ADMIN, name="Gus")
    assert error_of(ask(assertion(file, ana.email, **claims))) == expected


@pytest.mark.parametrize(
    ("before", "lasts", "status"),
    [
        (0, 3600, 200),
        (0, 3601, 400),
        (3605, 3600, 200),
        (3615, 3600, 400),
        (-5, 3600, 200),
        (-15, 3600, 400),
        (0, 0, 400),
        (0, -1, 400),
    ],
)
def test_X2_an_assertion_lasts_an_hour_at_most_and_clocks_may_differ_by_ten_seconds(
    ana: User, file: dict[str, str], before: int, lasts: int, status: int
) -> None:
    issued = int(time.time()) - before
    assert ask(assertion(file, ana.email, iat=issued, exp=issued + lasts)).status_code == status


def test_X5_other_grants_are_no_grants(ana: User, file: dict[str, str]) -> None:
    text = assertion(file, ana.email)
    for grant_type in ("password", "client_credentials", "implicit", ""):
        assert error_of(ask(text, grant_type=grant_type)) == (400, "unsupported_grant_type")
    get = Client().get("/token")
    assert (get.status_code, get.headers["Allow"]) == (405, "POST")
    assert error_of(Client().post("/token", {"assertion": text}, "application/json"))[0] == 400


def test_X2_narrower_delegation_holds_for_tokens_of_before(ana: User, file: dict[str, str]) -> None:
    token = ask(assertion(file, ana.email)).json()["access_token"]
    shown = show(token)
    assert shown
    withdraw_scopes(actor=Actor(user=ana), account=shown.account, scopes=[USERS])
    shown = show(token)
    assert shown and shown.scopes == frozenset()


def test_X5_a_client_may_sign_for_the_service_itself(ana: User, file: dict[str, str], settings: Any) -> None:
    """google-cloud-support does, without asking for a token: it acts for no person."""
    cloud_support = "https://cloudsupport.googleapis.com/"
    for audience in (cloud_support, settings.CONSOLE_URL, "https://admin.googleapis.com/"):
        shown = show(assertion(file, file["client_email"], aud=audience, scope=None))
        assert shown and shown.person is None and shown.scopes == {USERS}
    for wrong in (
        assertion(file, file["client_email"], aud="https://oauth2.googleapis.com/token"),
        assertion(file, ana.email, aud=cloud_support),
        assertion(file, file["client_email"], aud=cloud_support, exp=int(time.time()) + 7200),
    ):
        assert show(wrong) is None


def test_X2_an_assertion_of_an_account_is_signed_with_a_key_of_its_own(ana: User, file: dict[str, str]) -> None:
    other, _file = signing_account(ana, name="Other")
    theirs = key_of(other, ana)
    forged = {**theirs, "client_email": file["client_email"]}
    assert error_of(ask(assertion(forged, ana.email))) == (400, "invalid_grant")
    assert error_of(ask(assertion({**file, "private_key": theirs["private_key"]}, ana.email))) == (400, "invalid_grant")


def test_too_many_wrong_assertions_from_one_address_are_too_many(
    ana: User, file: dict[str, str], settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "wrong_assertion": "2/m/ip"}
    assert [ask("x.y.z").status_code for _each in range(3)] == [400, 400, 429]
    answer = ask("x.y.z")
    assert answer.headers["Retry-After"] == "60"
    assert ask(assertion(file, ana.email)).status_code == 200, "who shows a right one is let in"


def test_tokens_are_explained_and_given_back_by_those_who_show_them(ana: User, acme: Customer) -> None:
    token = machine(ana, "admin.directory.user", "userinfo.email", "openid")
    said = Client().get("/tokeninfo", {"access_token": token}).json()
    assert (said["email"], said["email_verified"], said["sub"]) == (ana.email, "true", ana.public_id)
    assert said["scope"].split() == sorted([USERS, f"{PREFIX}userinfo.email", "openid"])
    assert 3500 < int(said["expires_in"]) <= 3600 and abs(int(said["exp"]) - time.time() - int(said["expires_in"])) < 3
    old = Client().post("/oauth2/v1/tokeninfo", f"access_token={token}", FORM).json()
    assert (old["user_id"], old["expires_in"], old["verified_email"]) == (ana.public_id, int(said["expires_in"]), True)
    who = Client().get("/oauth2/v3/userinfo", headers={"Authorization": f"Bearer {token}"}).json()
    assert who == {"sub": ana.public_id, "email": ana.email, "email_verified": True, "hd": "acme.example"}
    assert Client().get("/revoke", {"token": token}).json() == {}
    assert show(token) is None
    assert error_of(Client().get("/revoke", {"token": token})) == (400, "invalid_token")
    assert error_of(Client().get("/tokeninfo", {"access_token": token})) == (400, "invalid_token")
    assert error_of(Client().get("/oauth2/v3/userinfo", headers={"Authorization": f"Bearer {token}"}))[0] == 401


def test_userinfo_says_no_more_than_the_scopes_open(ana: User) -> None:
    def ask_who(*scopes: str) -> Any:
        return Client().get("/oauth2/v3/userinfo", headers={"Authorization": f"Bearer {machine(ana, *scopes)}"})

    assert ask_who("openid").json() == {"sub": ana.public_id}
    named = ask_who("profile").json()
    assert (named["name"], "email" in named) == (ana.name, False)
    refused = ask_who("admin.directory.user")
    assert refused.status_code == 403 and "insufficient_scope" in refused.headers["WWW-Authenticate"]


def test_the_certificates_of_working_keys_are_published(ana: User, file: dict[str, str]) -> None:
    path = f"/robot/v1/metadata/x509/{file['client_email']}"
    found = Client().get(path)
    assert list(found.json()) == [file["private_key_id"]] and "BEGIN CERTIFICATE" in found.content.decode()
    ServiceAccountKey.objects.update(revoked_at="2026-01-01T00:00Z")
    assert Client().get(path).json() == {}
    assert Client().get("/robot/v1/metadata/x509/x@y.iam.serviceaccount.internal").status_code == 404
    assert Client().get("/oauth2/nothing").status_code == 404
