"""Hostile assertions at POST /token: forged, huge, nested, mistaken for others. Each is refused as a wrong one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import quote

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.machines.key_pairs import public_key_in
from accounts.machines.tokens import show
from accounts.models import ApiToken, ServiceAccountKey, User
from accounts.roles import Role
from tests.api.machines import assertion, key_of, signing_account
from tests.factories import make_customer, make_person

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@pytest.fixture
def ana(db: None) -> User:
    return make_person(make_customer("Acme", "acme.example"), Role.SUPER_ADMIN, name="Ana")


@pytest.fixture
def file(ana: User, settings: Any) -> dict[str, str]:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "wrong_assertion": "10000/m/ip"}
    return signing_account(ana, name="Backup")[1]


def coded(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims_for(file: dict[str, str], **more: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {"iss": file["client_email"], "aud": "https://oauth2.googleapis.com/token", "iat": now, "exp": now + 600}
    return {**usual, "sub": "ana@acme.example", "scope": "openid", **more}


def ask(text: str) -> tuple[int, str]:
    answer = _post(text)
    return answer.status_code, answer.json()["error"]


def _post(text: str) -> Any:
    body = f"grant_type={GRANT}&assertion={text}"
    return Client().post("/token", body, "application/x-www-form-urlencoded")


def hmac_signed(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    said = f"{coded(header)}.{coded(claims)}"
    return f"{said}.{coded(hmac.new(secret, said.encode(), hashlib.sha256).digest())}"


def test_X2_no_algorithm_but_the_one_is_believed(file: dict[str, str]) -> None:
    """None at all; a keyed digest with the public half, in each of its forms; one of an elliptic curve."""
    kid, claims = file["private_key_id"], claims_for(file)
    key = ServiceAccountKey.objects.get(kid=kid)
    public = public_key_in(key.certificate)
    secrets = [
        key.certificate.encode(),
        key.certificate.strip().encode(),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        b"",
    ]
    hostile = [hmac_signed({"alg": alg, "kid": kid}, claims, each) for each in secrets for alg in ("HS256", "RS256")]
    nothing: tuple[Any, ...] = ("none", "None", "NONE", "", None, 0, [], {})
    for none in nothing:
        hostile += [f"{coded({'alg': none, 'kid': kid})}.{coded(claims)}.", f"{coded({'kid': kid})}.{coded(claims)}."]
    for alg in ("ES256", "PS256", "EdDSA"):
        hostile.append(f"{coded({'alg': alg, 'kid': kid})}.{coded(claims)}.{coded(b'x' * 64)}")
    for text in hostile:
        assert ask(text) == (400, "invalid_grant"), text[:80]
    assert not ApiToken.objects.exists()


def test_X2_a_key_that_comes_with_the_assertion_is_not_looked_at(file: dict[str, str]) -> None:
    """jwk, jku, x5u, x5c: the one who signs would say with what to check it."""
    forger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    numbers = forger.public_key().public_numbers()
    jwk = {"kty": "RSA", "n": coded(numbers.n.to_bytes(256, "big")), "e": "AQAB"}
    for more in ({"jwk": jwk}, {"jku": "https://evil.example/k"}, {"x5u": "https://evil.example/c"}, {"x5c": ["AA"]}):
        headers = {"kid": file["private_key_id"], **more}
        text = jwt.encode(claims_for(file), forger, algorithm="RS256", headers=headers)
        assert ask(text) == (400, "invalid_grant")
    named = {"kid": file["private_key_id"]}
    curve = jwt.encode(claims_for(file), ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers=named)
    assert ask(curve) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "kid",
    ["", " ", "x", "../../etc/passwd", "' OR 1=1 --", "0" * 40, 7, None, [], {}, ["a"], "é", "\x00", "a" * 10_000],
)
def test_X2_a_header_names_a_key_that_there_is(file: dict[str, str], kid: Any) -> None:
    text = f"{coded({'alg': 'RS256', 'kid': kid})}.{coded(claims_for(file))}.{coded(b'x' * 256)}"
    assert ask(text) == (400, "invalid_grant")


def test_X2_the_key_of_another_account_signs_for_that_one_alone(ana: User, file: dict[str, str]) -> None:
    other = signing_account(ana, name="Other")[1]
    globex = make_person(make_customer("Globex", "globex.example"), Role.SUPER_ADMIN)
    theirs = signing_account(globex, name="Theirs")[1]
    for stranger in (other, theirs):
        assert ask(assertion({**stranger, "client_email": file["client_email"]}, ana.email))[1] == "invalid_grant"
        assert ask(assertion({**stranger, "private_key_id": file["private_key_id"]}, ana.email))[1] == "invalid_grant"
        assert ask(assertion({**file, "client_email": stranger["client_email"]}, ana.email))[1] == "invalid_grant"
    assert ask(assertion(theirs, ana.email)) == (401, "unauthorized_client")


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": "soon"},
        {"exp": True},
        {"exp": [1]},
        {"exp": 10**400},
        {"exp": 1e308},
        {"iat": -1, "exp": 10},
        {"iat": 253402300800, "exp": 253402300800},
        {"iat": float("nan")},
        {"exp": float("inf")},
        {"nbf": "now"},
        {"nbf": 10**12},
        {"iss": None},
        {"iss": ""},
        {"sub": 7},
        {"sub": ["ana@acme.example"]},
        {"sub": "ana@acme.example\x00"},
        {"sub": "ana@acme.example\nx"},
        {"sub": "\ud800"},
        {"sub": "a" * 5000},
        {"scope": ["openid"]},
        {"scope": {"a": 1}},
        {"aud": {"a": 1}},
        {"aud": [["https://oauth2.googleapis.com/token"]]},
        {"aud": "https://oauth2.googleapis.com/token.evil.example"},
        {"aud": "https://oauth2.googleapis.com/token/"},
        {"aud": ["x", None, 7]},
    ],
)
def test_X2_claims_of_another_kind_are_refused(ana: User, file: dict[str, str], claims: dict[str, Any]) -> None:
    """Signed as they should be: what they say is wrong."""
    status, error = ask(assertion(file, ana.email, **claims))
    assert (status, error) in {(400, "invalid_grant"), (401, "unauthorized_client"), (400, "invalid_scope")}
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("depth", [100, 900, 5_000])
def test_X2_lists_in_lists_are_refused(file: dict[str, str], depth: int) -> None:
    for text in (
        f"{coded(nested(depth))}.{coded(claims_for(file))}.xx",
        f"{coded({'alg': 'RS256', 'kid': file['private_key_id']})}.{coded(nested(depth))}.xx",
        f"{coded(b'{' + chr(34).encode() + b'kid' + chr(34).encode() + b':' + nested(depth) + b'}')}.e30.xx",
    ):
        assert ask(text) == (400, "invalid_grant")


def test_X2_what_is_too_long_is_not_read(file: dict[str, str]) -> None:
    assert ask(f"{'a' * 20_000}.b.c") == (400, "invalid_grant")
    assert ask("a" * 70_000)[0] == 413
    assert ask(assertion(file, "ana@acme.example", padding="x" * 15_000)) == (400, "invalid_grant")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    ),
    claims=st.binary(max_size=200),
    signature=st.text("abcABC_-=+/. %&\x7f", max_size=60),
)
def test_X2_whatever_is_sent_is_answered_as_wrong(
    file: dict[str, str], header: Any, claims: bytes, signature: str
) -> None:
    text = f"{coded(header)}.{coded(claims)}.{signature}"
    assert ask(quote(text)) == (400, "invalid_grant")
    assert show(text) is None


def test_X2_a_right_one_is_let_in_beside_all_of_them(ana: User, file: dict[str, str]) -> None:
    assert _post(assertion(file, ana.email)).status_code == 200
    second = key_of(ServiceAccountKey.objects.get().account, ana)
    assert _post(assertion(second, ana.email)).status_code == 200
