"""P12: signing in with a second factor. Half signed in opens nothing, and a code works once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings, settings
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from fido2.utils import websafe_encode

from accounts.actor import Actor
from accounts.directory.deleting import purge_deleted_users
from accounts.directory.rules import organisation_of
from accounts.links import password_link
from accounts.models import AuditEvent, FailedSignIns, User
from accounts.sign_in.codes import unused_recovery_codes, use_code
from accounts.sign_in.enrolling import make_recovery_codes
from tests.accounts.signing_in import alice, is_signed_in, no_counted_attempts, sign_in
from tests.factories import PASSWORD, make_person
from tests.second_factors import SIGN_IN, STEP, code_of, give_app, half_signed_in, show_code

__all__ = ["alice", "no_counted_attempts"]

pytestmark = pytest.mark.django_db

NEW = "another-lantern-orchard"


def key_of(client: Client) -> str:
    return client.cookies["sessionid"].value


def test_P12_the_password_alone_signs_nobody_in_who_has_a_second_factor(alice: User, client: Client) -> None:
    secret = give_app(alice)
    half = half_signed_in(alice)
    assert not is_signed_in(half)
    assert not AuditEvent.objects.filter(name="login_success").exists()
    assert show_code(half, code_of(secret)).headers["Location"] == "/"
    assert is_signed_in(half)
    assert AuditEvent.objects.get(name="login_success").new_value == {"second_factor": "totp"}


def test_P12_each_step_has_a_session_of_its_own(alice: User, client: Client) -> None:
    secret = give_app(alice)
    client.get(f"{SIGN_IN}?next=/")
    planted = client.session
    planted["planted"] = "before"
    planted.save()
    client.cookies["sessionid"] = planted.session_key or ""
    client.post(SIGN_IN, {"login": alice.email, "password": PASSWORD})
    half = key_of(client)
    show_code(client, code_of(secret))
    assert len({planted.session_key, half, key_of(client)}) == 3
    for old in (planted.session_key, half):
        thief = Client()
        thief.cookies["sessionid"] = old or ""
        assert not is_signed_in(thief)
        assert thief.get(STEP).headers["Location"] == SIGN_IN


def test_P12_a_code_is_used_once_whoever_asks(alice: User) -> None:
    secret = give_app(alice)
    code = code_of(secret)
    first, second = half_signed_in(alice), half_signed_in(alice)
    assert show_code(first, code).status_code == 302
    refused = show_code(second, code)
    assert refused.status_code == 200
    assert "was used already" in refused.content.decode()
    assert not is_signed_in(second)


def test_P12_a_code_of_an_earlier_step_is_over_once_a_later_one_was_used(alice: User) -> None:
    secret = give_app(alice)
    assert use_code(alice, code_of(secret)) is not None
    assert use_code(alice, code_of(secret, steps=-1)) is None
    assert use_code(alice, code_of(secret, steps=1)) is not None


@pytest.mark.parametrize("steps", [-3, 3])
def test_P12_a_code_of_long_ago_or_of_later_opens_nothing(steps: int, alice: User) -> None:
    assert use_code(alice, code_of(give_app(alice), steps=steps)) is None


@pytest.mark.django_db(transaction=True)
def test_P12_of_two_processes_with_the_same_code_one_gets_in(alice: User) -> None:
    """Each thread has a connection of its own, as two web processes have; no cache is asked."""
    secret = give_app(alice)

    def use(code: str) -> bool:
        try:
            return use_code(alice, code) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        code = code_of(secret)
        assert sorted(pool.map(use, [code] * 8)) == [False] * 7 + [True]


def test_P12_a_recovery_code_stands_in_once(alice: User) -> None:
    give_app(alice)
    codes = make_recovery_codes(actor=Actor(alice))
    assert len(set(codes)) == 10
    assert show_code(half_signed_in(alice), codes[3]).status_code == 302
    assert AuditEvent.objects.get(name="login_success").new_value == {"second_factor": "recovery_code"}
    assert show_code(half_signed_in(alice), codes[3]).status_code == 200
    assert unused_recovery_codes(alice) == 9


def test_P14_wrong_codes_count_as_failures_and_end_after_five(alice: User) -> None:
    secret = give_app(alice)
    half = half_signed_in(alice)
    for _ in range(5):
        assert "wrong" in show_code(half, "000000").content.decode()
    assert "Too many attempts" in show_code(half, code_of(secret)).content.decode()
    assert not is_signed_in(half)
    assert FailedSignIns.objects.get(person=alice).number == 6


def test_P14_wrong_codes_elsewhere_do_not_lock_out_a_browser_that_is_known(alice: User) -> None:
    known = Client()
    assert sign_in(known).status_code == 302
    known.post("/accounts/logout/")
    secret = give_app(alice)
    stranger = half_signed_in(alice)
    for _ in range(6):
        show_code(stranger, "000000")
    known.post(SIGN_IN, {"login": alice.email, "password": PASSWORD})
    assert show_code(known, code_of(secret)).status_code == 302
    assert is_signed_in(known)


def test_P12_a_new_password_does_not_step_around_the_factor(alice: User, client: Client) -> None:
    give_app(alice)
    client.post("/accounts/password/reset/", {"email": alice.email})
    [link] = [line for line in mail.outbox[0].body.split() if "/password/reset/key/" in line]
    page = client.get(link, follow=True).request["PATH_INFO"]
    client.post(page, {"password1": NEW, "password2": NEW})
    assert not is_signed_in(client)
    assert not is_signed_in(half_signed_in(alice, NEW))


def test_P12_between_the_steps_another_password_ends_what_the_old_one_began(alice: User) -> None:
    secret = give_app(alice)
    half = half_signed_in(alice)
    alice.set_password(NEW)
    alice.save(update_fields=["password"])
    assert show_code(half, code_of(secret)).headers["Location"] == SIGN_IN
    assert not is_signed_in(half)


def test_P8_between_the_steps_a_person_is_suspended(alice: User) -> None:
    secret = give_app(alice)
    half = half_signed_in(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert show_code(half, code_of(secret)).headers["Location"] == SIGN_IN
    User.objects.filter(pk=alice.pk).update(is_active=True)
    assert not is_signed_in(half)


def test_the_second_step_can_be_left_for_another_person(alice: User) -> None:
    give_app(alice)
    half = half_signed_in(alice)
    assert half.post(STEP, {"cancel": "1"}).headers["Location"] == SIGN_IN
    assert half.get(STEP).headers["Location"] == SIGN_IN
    assert half.get(SIGN_IN).status_code == 200


def test_the_second_step_leads_to_the_page_that_was_asked_for(alice: User, client: Client) -> None:
    secret = give_app(alice)
    client.post(SIGN_IN, {"login": alice.email, "password": PASSWORD, "next": "/accounts/sessions/"})
    assert show_code(client, code_of(secret)).headers["Location"] == "/accounts/sessions/"


NO_PASSKEYS = [
    "",
    "null",
    "[]",
    "{}",
    '{"id": 1}',
    '{"response": {"userHandle": "x"}}',
    "{",
    "[" * 19_000,
    "1" * 20_001,
]


def cut_off(part: bytes) -> str:
    """What a browser answers, with a part that ends too early for its reader."""
    asked = {"type": "webauthn.get", "challenge": "AAAA", "origin": "https://testserver"}
    parts = {"clientDataJSON": json.dumps(asked).encode(), "authenticatorData": part, "signature": b"x"}
    said = {name: websafe_encode(each) for name, each in parts.items()} | {"userHandle": None}
    return json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": said})


@pytest.mark.parametrize("credential", [*NO_PASSKEYS, cut_off(bytes(32) + b"\x85" + bytes(4)), cut_off(bytes(40))])
def test_a_passkey_that_is_none_is_refused(credential: str, alice: User, client: Client) -> None:
    options: Any = client.get("/accounts/login/passkey/", headers={"Accept": "application/json"}).json()
    assert options["publicKey"]["userVerification"] == "required"
    assert client.post("/accounts/login/passkey/", {"credential": credential}).headers["Location"] == SIGN_IN
    give_app(alice)
    assert half_signed_in(alice).post(STEP, {"credential": credential}).status_code == 200


def test_asking_for_a_passkey_is_limited_and_begins_no_session_each_time(client: Client) -> None:
    asked = [client.get("/accounts/login/passkey/", headers={"Accept": "application/json"}) for _ in range(125)]
    assert {answer.status_code for answer in asked[-5:]} == {429}


def test_P12_another_link_for_a_password_gives_no_more_guesses_at_the_code(alice: User) -> None:
    secret = give_app(alice)
    browser = Client()
    for number in range(2):
        browser.cookies.clear()
        url = password_link(alice).removeprefix(settings.CONSOLE_URL)
        new = f"{NEW}-{number}"
        page = browser.get(url).headers["Location"]
        assert browser.post(page, {"password1": new, "password2": new}).status_code == 302
        alice.refresh_from_db()
        assert browser.post(SIGN_IN, {"login": alice.email, "password": new}).headers["Location"] == STEP
        said = [show_code(browser, "000000").content.decode() for _ in range(5)]
        assert ["Too many attempts" in page for page in said] == [number == 1] * 5
    assert "Too many attempts" in show_code(browser, code_of(secret)).content.decode()


def test_purged_people_leave_no_factor(alice: User) -> None:
    second = make_person(organisation_of(alice), name="Bea")
    give_app(second)
    User.objects.filter(pk=second.pk).update(is_active=False, deleted_at="2020-01-01T00:00Z")
    assert purge_deleted_users(actor=None) == 1
    assert not Authenticator.objects.exists()


def test_secrets_are_encrypted_and_outlive_the_key_that_they_were_under(alice: User, settings: LazySettings) -> None:
    secret = give_app(alice)
    codes = make_recovery_codes(actor=Actor(alice))
    assert not Authenticator.objects.filter(data__icontains=secret).exists()
    old, settings.SECRET_KEY = settings.SECRET_KEY, "a-new-key-of-this-installation-0123456789-abcdefghijklm"
    assert use_code(alice, code_of(secret)) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert use_code(alice, code_of(secret)) is not None
    call_command("renew_factor_secrets")
    settings.SECRET_KEY_FALLBACKS = []
    assert use_code(alice, code_of(secret, steps=1)) is not None
    assert use_code(alice, codes[0]) is not None
