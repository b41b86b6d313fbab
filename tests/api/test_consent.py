"""X7: an application asks a person in their browser, and works with what they allow, as the original's clients do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
import pytest
from allauth.idp.oidc.models import Token
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.applications.ending import forget_expired_exchanges
from accounts.applications.registering import Where
from accounts.machines.tokens import digest_of
from accounts.models import ApiToken, AuditEvent, Consent, User
from accounts.roles import Role
from tests.api.applications import AUTH, BACK, ORDER, USERS, Program, application, led_to, sent_back
from tests.client import main_text_of, signed_in, text_of
from tests.factories import make_customer, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(ana: User) -> Program:
    return Program(application(ana))


def errors_of(*answers: Any) -> list[tuple[int, str]]:
    return [(answer.status_code, answer.json()["error"]) for answer in answers]


def test_X7_a_person_allows_an_application_which_acts_for_them(program: Program, ana: User) -> None:
    browser = signed_in(ana)
    asks = main_text_of(browser.get(program.url(USERS, "email")))
    for words in ("Reports", "Acme", ana.email, "See users", "See the address", "http://localhost:4711"):
        assert words in asks, words
    assert not Consent.objects.exists()
    answer = browser.post(program.url(USERS, "email"), {"answer": "allow"})
    assert led_to(answer).startswith(BACK)
    back = sent_back(answer)
    assert back.keys() == {"code", "state"} and back["state"] == "a state"
    said = program.exchange(back["code"])
    assert "no-store" in said.headers["Cache-Control"]
    tokens = said.json()
    assert tokens.keys() == {"access_token", "refresh_token", "expires_in", "token_type", "scope"}
    assert tokens["expires_in"] == 3600 and tokens["scope"] == f"{USERS} email"
    assert program.users(tokens["access_token"]).json()["users"][0]["primaryEmail"] == ana.email
    kept = " ".join(f"{row.hash} {row.data}" for row in Token.objects.all()) + str(ApiToken.objects.values())
    for text in (tokens["access_token"], tokens["refresh_token"], back["code"], program.new.secret):
        assert text not in kept
    assert ApiToken.objects.get().digest == digest_of(tokens["access_token"])


def test_X7_a_person_does_not_allow_it(program: Program, ana: User) -> None:
    answer = signed_in(ana).post(program.url(), {"answer": "refuse"})
    assert sent_back(answer) == {"error": "access_denied", "state": "a state"}
    assert not Consent.objects.exists() and not Token.objects.exists()


def test_X7_a_code_works_once_and_twice_ends_everything(program: Program, ana: User) -> None:
    code = program.code(ana)
    tokens = program.exchange(code).json()
    assert errors_of(program.exchange(code)) == [(400, "invalid_grant")]
    assert program.users(tokens["access_token"]).status_code == 401
    assert errors_of(program.refresh(tokens["refresh_token"])) == [(400, "invalid_grant")]
    event = AuditEvent.objects.get(name="END_OAUTH_CONSENT")
    assert (event.subject, event.actor_kind, event.new_value) == ("Reports", "system", {"email": ana.email})


def test_X7_a_refresh_token_rotates_and_an_old_one_ends_everything(program: Program, ana: User) -> None:
    first = program.allowed_by(ana, USERS, "email")
    second = program.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"] and second["scope"] == f"{USERS} email"
    assert program.users(first["access_token"]).status_code == 200  # for its hour
    assert program.users(second["access_token"]).status_code == 200
    assert errors_of(program.refresh(first["refresh_token"])) == [(400, "invalid_grant")]
    assert [program.users(each["access_token"]).status_code for each in (first, second)] == [401, 401]
    assert errors_of(program.refresh(second["refresh_token"])) == [(400, "invalid_grant")]


def test_X7_a_refresh_gives_no_more_than_was_allowed(program: Program, ana: User) -> None:
    tokens = program.allowed_by(ana, USERS, "email")
    wider = program.refresh(tokens["refresh_token"], scope=f"{USERS} openid")
    assert errors_of(wider) == [(400, "invalid_scope")]
    narrow = program.refresh(tokens["refresh_token"], scope="email").json()
    assert program.users(narrow["access_token"]).status_code == 403
    # What it may ask for next time is not narrower.
    assert program.refresh(narrow["refresh_token"]).json()["scope"] == f"{USERS} email"


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"code_verifier": "another-verifier-of-more-than-forty-three-chars-"}, (400, "invalid_grant")),
        ({"code_verifier": None}, (400, "invalid_request")),
        ({"redirect_uri": "http://localhost:4712/"}, (400, "invalid_request")),
        ({"redirect_uri": None}, (400, "invalid_request")),
        ({"code": "nothing"}, (400, "invalid_grant")),
        ({"client_secret": "wrong"}, (401, "invalid_client")),
        ({"client_id": "123456789012345678901"}, (401, "invalid_client")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ({"grant_type": "client_credentials"}, (400, "unsupported_grant_type")),
    ],
)
def test_X7_what_is_wrong_with_a_code_is_said_as_in_the_original(
    program: Program, ana: User, sent: dict[str, Any], error: tuple[int, str]
) -> None:
    code = program.code(ana)
    if "grant_type" in sent:
        assert errors_of(program.token(**sent, code=code)) == [error]
    else:
        assert errors_of(program.exchange(**{"code": code, **sent})) == [error]
    assert not ApiToken.objects.exists()
    assert program.exchange(code).status_code == 200


def test_X7_a_code_and_a_refresh_token_are_of_one_application(program: Program, ana: User) -> None:
    other = Program(application(ana, name="Other"))
    code = program.code(ana)
    assert errors_of(other.exchange(code)) == [(400, "invalid_grant")]
    tokens = program.exchange(code).json()
    assert errors_of(other.refresh(tokens["refresh_token"])) == [(400, "invalid_grant")]
    assert program.users(tokens["access_token"]).status_code == 200


def test_X7_codes_and_refresh_tokens_expire(program: Program, ana: User) -> None:
    code = program.code(ana)
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert errors_of(program.exchange(code)) == [(400, "invalid_grant")]
    tokens = program.allowed_by(ana)
    Token.objects.filter(type="rt").update(expires_at=timezone.now() - timedelta(seconds=1))
    assert errors_of(program.refresh(tokens["refresh_token"])) == [(400, "invalid_grant")]
    assert forget_expired_exchanges() == 2
    # A code that was used is remembered, so that a second use is noticed.
    assert [row.data["used"] for row in Token.objects.all()] == [True]


@pytest.mark.parametrize(
    "more",
    [
        {"client_id": "123456789012345678901"},
        {"client_id": None},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "http://localhost.evil.example/"},
        {"redirect_uri": "http://localhost:80@evil.example/"},
        {"redirect_uri": "http://localhost:4711/#here"},
        {"redirect_uri": "https://localhost:4711/"},
        {"redirect_uri": "urn:ietf:wg:oauth:2.0:oob"},
        {"redirect_uri": None},
    ],
)
def test_X7_nobody_is_led_where_nothing_was_registered(program: Program, ana: User, more: dict[str, Any]) -> None:
    for answer in (
        signed_in(ana).get(program.url(**more)),
        signed_in(ana).post(program.url(**more), {"answer": "allow"}),
        signed_in(ana).post(program.url(**more), {"answer": "refuse"}),
    ):
        assert answer.status_code == 404 and "http-equiv" not in answer.content.decode()
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"scope": ORDER}, "invalid_scope"),
        ({"scope": "https://mail.google.com/"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"response_type": "code id_token"}, "unauthorized_client"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"prompt": "none"}, "consent_required"),
        ({"prompt": "none", "scope": "openid"}, "consent_required"),
    ],
)
def test_X7_what_is_asked_wrongly_is_told_to_the_application(
    program: Program, ana: User, more: dict[str, Any], error: str
) -> None:
    for answer in (
        signed_in(ana).get(program.url(**more)),
        signed_in(ana).post(program.url(**more), {"answer": "allow"}),
    ):
        back = sent_back(answer)
        assert (back["error"], back["state"]) == (error, "a state")
    assert not Consent.objects.exists()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_X7_an_application_on_a_computer_listens_on_any_port(program: Program, ana: User, host: str) -> None:
    back = f"http://{host}:61999/callback"
    assert led_to(signed_in(ana).post(program.url(redirect_uri=back), {"answer": "allow"})).startswith(f"{back}?code=")


def test_X7_an_application_on_a_server_is_led_to_exactly_where_it_said(ana: User) -> None:
    back = "https://reports.acme.example/back"
    program = Program(application(ana, where=Where.SERVER, redirects=(back,)))
    more = {"redirect_uri": back, "code_challenge": None, "code_challenge_method": None, "access_type": None}
    for foreign in (f"{back}/", f"{back}?a=b", "https://reports.acme.example:8443/back", BACK):
        assert signed_in(ana).get(program.url(**{**more, "redirect_uri": foreign})).status_code == 404
    without = program.exchange(program.code(ana, **more), redirect_uri=back, code_verifier=None, client_secret=None)
    assert errors_of(without) == [(401, "invalid_client")]
    tokens = program.exchange(program.code(ana, **more), redirect_uri=back, code_verifier=None).json()
    # It did not ask for access while the person is away.
    assert "refresh_token" not in tokens
    tokens = program.exchange(
        program.code(ana, **{**more, "access_type": "offline"}), redirect_uri=back, code_verifier=None
    ).json()
    assert program.refresh(tokens["refresh_token"]).status_code == 200


def test_X7_a_public_application_needs_no_secret(program: Program, ana: User) -> None:
    tokens = program.exchange(program.code(ana), client_secret=None).json()
    assert program.refresh(tokens["refresh_token"], client_secret=None).status_code == 200


def test_X7_a_stranger_does_not_learn_that_there_is_an_application(program: Program, ana: User) -> None:
    stranger = make_person(make_customer("Globex", "globex.example"), Role.SUPER_ADMIN, name="Gus")
    unknown = {"client_id": "123456789012345678901"}
    for wrong in ({}, {"redirect_uri": "https://evil.example/"}, {"scope": ORDER}, {"prompt": "none"}):
        pages = [signed_in(stranger).get(program.url(**{**wrong, **more})) for more in ({}, unknown)]
        assert [page.status_code for page in pages] == [404, 404]
        assert text_of(pages[0]) == text_of(pages[1])
    assert signed_in(stranger).post(program.url(), {"answer": "allow"}).status_code == 404
    urls = [Client().get(program.url(**more)).headers["Location"] for more in ({}, unknown)]
    assert all(url.startswith("/accounts/login/?next=/o/oauth2/v2/auth") for url in urls)
    assert not Consent.objects.exists()


def test_X7_an_id_token_says_who_it_is(program: Program, ana: User, client: Client) -> None:
    code = program.code(ana, "openid", "email", nonce="once")
    token = program.exchange(code).json()["id_token"]
    published = client.get("/.well-known/openid-configuration").json()
    keys = client.get("/oauth2/v3/certs").json()["keys"]
    assert published["authorization_endpoint"].endswith(AUTH)
    key = next(key for key in keys if key["kid"] == jwt.get_unverified_header(token)["kid"])
    said = jwt.decode(
        token,
        jwt.PyJWK(key).key,
        algorithms=["RS256"],
        audience=program.account.unique_id,
        issuer=published["issuer"],
    )
    assert (said["sub"], said["email"], said["nonce"]) == (ana.public_id, ana.email, "once")
    assert client.get("/oauth2/v1/certs").json().keys() == {key["kid"] for key in keys}


def test_X7_the_door_explains_and_ends_what_was_allowed(program: Program, ana: User) -> None:
    tokens = program.allowed_by(ana, USERS, "email")
    info = program.client.get("/tokeninfo", {"access_token": tokens["access_token"]}).json()
    assert (info["azp"], info["email"]) == (program.account.unique_id, ana.email)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert program.client.get("/oauth2/v3/userinfo", headers=bearer).json()["sub"] == ana.public_id
    for shown in ("refresh_token", "access_token"):
        again = program.allowed_by(ana, USERS)
        assert [program.give_back(again[shown]).status_code for _time in range(2)] == [200, 400]
        assert program.users(again["access_token"]).status_code == 401
        assert errors_of(program.refresh(again["refresh_token"])) == [(400, "invalid_grant")]
    assert program.users(tokens["access_token"]).status_code == 401
    event = AuditEvent.objects.filter(name="END_OAUTH_CONSENT").latest("id")
    assert (event.actor_email, event.client_name) == (ana.email, "Reports")


@pytest.mark.parametrize(
    "path",
    ["/identity/o/authorize", "/identity/o/api/token", "/o/authorize", "/.well-known/jwks.json"],
)
def test_X7_allauth_s_own_endpoints_are_not_there(ana: User, path: str) -> None:
    for answer in (signed_in(ana).get(path), signed_in(ana).post(path)):
        assert answer.status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("idp:oidc:token")
