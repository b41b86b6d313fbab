from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import get_hasher
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.directory import people
from accounts.directory.rules import organisation_of
from accounts.models import AuditEvent, User
from tests.accounts.signing_in import SIGN_IN, alice, is_signed_in, no_counted_attempts, sign_in
from tests.factories import PASSWORD, make_person

__all__ = ["alice", "no_counted_attempts"]

pytestmark = pytest.mark.django_db


def errors(response: Any) -> list[str]:
    form = response.context["form"]
    return [str(error) for errors in form.errors.values() for error in errors]


# --- Who gets in -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["alice@acme.example", " Alice@ACME.Example. ", "ａｌｉｃｅ＠ａｃｍｅ。example", "alice@ac\u200bme.example"],
)
def test_P6_any_spelling_of_the_address_finds_the_same_person(typed: str, alice: User, client: Client) -> None:
    response = sign_in(client, typed)
    assert response.status_code == 302
    assert int(client.session["_auth_user_id"]) == alice.pk


@pytest.mark.parametrize("typed", ["alice@gmail.com", "ALICE@ＧＭＡＩＬ。com.", "alice@google\u200bmail.com"])
@pytest.mark.parametrize("known", [True, False])
def test_P6_a_consumer_address_gets_the_reason_without_a_look_up(
    typed: str, known: bool, alice: User, client: Client
) -> None:
    if known:
        # Something the verbs refuse, put there behind their back: it must change nothing.
        User.objects.filter(pk=alice.pk).update(email="alice@gmail.com")
    for page in (SIGN_IN, "/accounts/password/reset/"):
        response = client.post(page, {"login": typed, "email": typed, "password": PASSWORD})
        assert response.status_code == 200
        assert len(errors(response)) == 1
        assert "Use a managed account" in errors(response)[0]
    assert not is_signed_in(client)
    assert mail.outbox == []


def test_nobody_signs_up(client: Client) -> None:
    for response in (
        client.get("/accounts/signup/"),
        client.post("/accounts/signup/", {"email": "new@acme.example", "password1": PASSWORD}),
    ):
        assert "account/signup_closed.html" in [template.name for template in response.templates]
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "path", ["email/", "confirm-email/", "confirm-email/x/", "login/code/", "3rdparty/", "reauthenticate/"]
)
def test_allauth_pages_that_are_not_needed_do_not_exist(path: str, alice: User, client: Client) -> None:
    client.force_login(alice, backend="accounts.backends.SignInBackend")
    assert client.get(f"/accounts/{path}").status_code == 404


# --- What a stranger learns --------------------------------------------------------------------


class HashesCounted:
    """Counts how often the slow hash is computed: the work that could be measured from outside."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.number = 0
        hasher = type(get_hasher())
        for name in ("encode", "verify"):
            monkeypatch.setattr(hasher, name, self._counted(getattr(hasher, name)))

    def _counted(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.number += 1
            return method(*args, **kwargs)

        return counted


def test_unknown_suspended_and_wrong_password_get_the_same_answer_for_the_same_work(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    suspended = make_person(organisation_of(alice), name="Sue", email="sue@acme.example", password=PASSWORD)
    make_person(organisation_of(alice), name="Lea", email="lea@acme.example")
    people.suspend_user(actor=None, person=suspended)
    hashes = HashesCounted(monkeypatch)
    answers = set()
    for login, password in [
        ("alice@acme.example", "wrong-lantern-orchard"),
        ("nobody@acme.example", PASSWORD),
        ("sue@acme.example", PASSWORD),
        ("sue@acme.example", "wrong-lantern-orchard"),
        ("lea@acme.example", PASSWORD),
    ]:
        client, before = Client(), hashes.number
        response = sign_in(client, login, password)
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode()).replace(login, "X")
        answers.add((response.status_code, page, hashes.number - before))
        assert not is_signed_in(client)
    assert len(answers) == 1, [answer[2] for answer in answers]
    [(status, _, work)] = answers
    assert (status, work) == (200, 1)


def test_a_password_reset_tells_nobody_who_has_an_account(alice: User) -> None:
    suspended = make_person(organisation_of(alice), name="Sue", email="sue@acme.example", password=PASSWORD)
    people.suspend_user(actor=None, person=suspended)
    answers = set()
    for email in ("Alice@acme.example", "sue@acme.example", "nobody@acme.example"):
        client = Client()
        response = client.post("/accounts/password/reset/", {"email": email}, follow=True)
        answers.add((response.status_code, tuple(response.redirect_chain), response.content))
    assert len(answers) == 1
    assert [message.to for message in mail.outbox] == [
        ["alice@acme.example"],
        ["sue@acme.example"],
        ["nobody@acme.example"],
    ]
    assert [bool(re.search(r"/password/reset/key/\S+", str(m.body))) for m in mail.outbox] == [True, False, False]


def test_a_link_for_a_new_password_works_once_and_ends_every_session(alice: User, client: Client) -> None:
    elsewhere = Client()
    sign_in(elsewhere)
    client.post("/accounts/password/reset/", {"email": "alice@acme.example"})
    [link] = re.findall(r"http://127.0.0.1:8000(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))
    form = client.get(link, follow=True)
    path = form.redirect_chain[-1][0]
    assert link != path
    new = "another-lantern-orchard"
    assert client.post(path, {"password1": new, "password2": new}).status_code == 302
    assert not is_signed_in(elsewhere)
    assert "token_fail" in Client().get(link, follow=True).context
    assert sign_in(Client(), password=PASSWORD).status_code == 200
    assert sign_in(Client(), password=new).status_code == 302
    changed = AuditEvent.objects.get(name="password_edit")
    assert (changed.actor_email, changed.customer_id) == (alice.email, alice.customer_id)
    assert changed.ip_address == "127.0.0.1"


# --- Limits ------------------------------------------------------------------------------------


def test_after_five_failures_an_address_waits_in_whatever_spelling(alice: User) -> None:
    spellings = [
        "alice@acme.example",
        "ALICE@acme.example",
        "alice@acme.example.",
        "ａlice@acme.example",
        "Alice@acme。example",
    ]
    for typed in spellings:
        assert "do not match" in errors(sign_in(Client(), typed, "wrong-lantern-orchard"))[0]
    for client, password in ((Client(), "wrong-lantern-orchard"), (Client(REMOTE_ADDR="192.0.2.9"), PASSWORD)):
        response = sign_in(client, password=password)
        assert errors(response) == ["Too many attempts. Wait five minutes, then try again."]
        assert not is_signed_in(client)


def test_an_unknown_address_is_limited_like_a_known_one(alice: User) -> None:
    answers = {
        login: [errors(sign_in(Client(), login, "wrong-lantern-orchard")) for _ in range(5)]
        for login in ("alice@acme.example", "nobody@acme.example")
    }
    assert answers["alice@acme.example"] == answers["nobody@acme.example"]


def test_one_ip_address_cannot_try_many_people(alice: User) -> None:
    answers = [errors(sign_in(Client(), f"person{n}@acme.example"))[0] for n in range(12)]
    assert ["do not match" in answer for answer in answers] == [True] * 10 + [False] * 2
    assert sign_in(Client(REMOTE_ADDR="192.0.2.9")).status_code == 302


def test_many_other_counters_do_not_push_a_counter_out(alice: User) -> None:
    for _ in range(5):
        sign_in(Client(), password="wrong-lantern-orchard")
    for number in range(400):
        cache.set(f"other-{number}", [1.0])
    assert "Too many attempts" in errors(sign_in(Client(REMOTE_ADDR="192.0.2.9")))[0]


def test_somebody_else_may_not_say_where_it_comes_from(alice: User) -> None:
    """TRUSTED_PROXY_COUNT is 0: a header from outside changes no counter."""
    for number in range(10):
        sign_in(Client(HTTP_X_FORWARDED_FOR=f"198.51.100.{number}"), f"person{number}@acme.example")
    response = sign_in(Client(HTTP_X_FORWARDED_FOR="198.51.100.99"), "person@acme.example")
    assert "Too many attempts" in errors(response)[0]


def test_too_many_sign_ins_from_one_ip_address_get_a_page_that_says_so(alice: User) -> None:
    # Without a password nothing is checked, but each is counted.
    assert [sign_in(Client(), password="").status_code for _ in range(30)] == [200] * 30
    response = sign_in(Client())
    assert response.status_code == 429
    assert "429.html" in [template.name for template in response.templates]
