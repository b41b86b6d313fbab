from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.usersessions.models import UserSession
from django.conf import LazySettings
from django.contrib.auth.hashers import get_hasher
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.directory import people
from accounts.directory.rules import organisation_of
from accounts.models import AuditEvent, User
from accounts.roles import Role
from tests.factories import PASSWORD, fresh, make_customer, make_person
from web.middleware import LAST_SEEN_AT, SIGNED_IN_AT

pytestmark = pytest.mark.django_db

SIGN_IN, SESSIONS, CHANGE = "/accounts/login/", "/accounts/sessions/", "/accounts/password/change/"


@pytest.fixture(autouse=True)
def no_counted_attempts(db: None) -> Iterator[None]:
    """Each test begins with all its attempts."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def alice(db: None) -> User:
    customer = make_customer("Acme", "acme.example")
    return make_person(customer, Role.SUPER_ADMIN, name="Alice", email="alice@acme.example", password=PASSWORD)


def sign_in(client: Client, login: str = "alice@acme.example", password: str = PASSWORD, **more: str) -> Any:
    return client.post(SIGN_IN, {"login": login, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return client.get(SESSIONS).status_code == 200


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


# --- Sessions ----------------------------------------------------------------------------------


def test_sign_in_gives_a_new_session_id(alice: User, client: Client) -> None:
    client.post("/preferences/", {"language": "xx"})
    session = client.session
    session["planted"] = "by someone else"
    session.save()
    planted = str(session.session_key)
    client.cookies["sessionid"] = planted
    sign_in(client)
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()
    assert is_signed_in(client)


@pytest.mark.parametrize("url", ["/help/reseller-access/?x=1", "/accounts/sessions/"])
def test_after_sign_in_a_person_is_where_it_wanted_to_go(url: str, alice: User, client: Client) -> None:
    to_sign_in = client.get(url)
    assert to_sign_in.status_code == 302
    response = sign_in(client, next=parse_qs(urlsplit(to_sign_in["Location"]).query)["next"][0])
    assert (response.status_code, response["Location"]) == (302, url)


@pytest.mark.parametrize(
    "url",
    [
        *("https://evil.example/", "//evil.example", "/\\evil.example", "http:evil.example", "javascript:alert(1)"),
        *("\thttps://evil.example", "https://testserver@evil.example/", "///evil.example"),
    ],
)
def test_next_leads_nowhere_else(url: str, alice: User, client: Client) -> None:
    assert sign_in(client, next=url)["Location"] == "/"
    assert client.post("/preferences/", {"language": "fr", "next": url})["Location"] == "/"
    assert client.post("/accounts/logout/", {"next": url})["Location"] == "/"


def age(client: Client, **seconds: float) -> None:
    """Make the session of a browser older."""
    session = client.session
    for key, by in seconds.items():
        session[key] -= by
    session.save()


@pytest.mark.parametrize(
    ("ages", "reason"),
    [
        ({LAST_SEEN_AT: 30 * 60 + 5}, "had not used the console"),
        ({SIGNED_IN_AT: 12 * 60 * 60 + 5}, "signed in for a long time"),
    ],
)
def test_a_session_that_timed_out_ends_says_why_and_comes_back(
    ages: dict[str, float], reason: str, alice: User, client: Client
) -> None:
    sign_in(client)
    assert is_signed_in(client)
    key = client.session.session_key
    age(client, **{name: by - 60 for name, by in ages.items()})
    assert is_signed_in(client), "not yet"
    age(client, **ages)
    response = client.get("/help/reseller-access/?x=1", follow=True)
    assert response.redirect_chain == [("/accounts/login/?next=/help/reseller-access/%3Fx%3D1", 302)]
    assert reason in response.content.decode()
    assert not Session.objects.filter(session_key=key).exists()
    assert not is_signed_in(client)


def test_what_a_page_asks_for_by_itself_keeps_no_session_alive(alice: User, client: Client) -> None:
    sign_in(client)
    assert is_signed_in(client)
    for _ in range(4):
        age(client, **{LAST_SEEN_AT: 8 * 60})
        client.get("/help/reseller-access/", headers={"HX-Request": "true"})
    shown = client.get(SESSIONS, follow=True)
    assert "had not used the console" in shown.content.decode()


def test_work_keeps_a_session_alive(alice: User, client: Client) -> None:
    sign_in(client)
    assert is_signed_in(client)
    for _ in range(4):
        age(client, **{LAST_SEEN_AT: 10 * 60})
        assert is_signed_in(client)


def test_a_form_sent_too_late_comes_back_to_its_page(alice: User, client: Client) -> None:
    sign_in(client)
    assert is_signed_in(client)
    for referer, back in (
        ("http://testserver/accounts/password/change/?a=1", "/accounts/password/change/%3Fa%3D1"),
        ("http://evil.example/x", CHANGE),
        ("", CHANGE),
    ):
        age(client, **{LAST_SEEN_AT: 31 * 60})
        response = client.post(CHANGE, {"oldpassword": PASSWORD}, headers={"Referer": referer})
        assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={back}")
        sign_in(client)
        assert is_signed_in(client)


def test_an_old_session_does_not_stand_in_the_way_of_signing_in(alice: User, client: Client) -> None:
    sign_in(client)
    assert is_signed_in(client)
    age(client, **{LAST_SEEN_AT: 31 * 60})
    assert sign_in(client).status_code == 302
    assert is_signed_in(client)


def test_sign_out_ends_the_session(alice: User, client: Client) -> None:
    sign_in(client)
    key = client.session.session_key
    client.get("/accounts/logout/")
    assert is_signed_in(client), "a link alone signs nobody out"
    client.post("/accounts/logout/")
    assert not is_signed_in(client)
    assert not Session.objects.filter(session_key=key).exists()


def test_sign_out_everywhere_else_leaves_this_browser_and_other_people(alice: User) -> None:
    bob = make_person(organisation_of(alice), name="Bob", password=PASSWORD)
    here, there, of_bob = Client(), Client(), Client()
    for client, email in ((here, alice.email), (there, alice.email), (of_bob, bob.email)):
        sign_in(client, email)
    assert "End all other sessions" in here.get(SESSIONS).content.decode()
    assert here.post(SESSIONS).status_code == 302
    assert [is_signed_in(client) for client in (here, there, of_bob)] == [True, False, True]


def test_one_other_browser_is_signed_out_and_nobody_elses(alice: User) -> None:
    bob = make_person(organisation_of(alice), name="Bob", password=PASSWORD)
    agents = {
        "here": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
        "there": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
        "phone": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1",
    }
    clients = {name: Client(headers={"User-Agent": agent}) for name, agent in agents.items()}
    for client in clients.values():
        sign_in(client, alice.email)
        client.get(SESSIONS)
    of_bob = Client()
    sign_in(of_bob, bob.email)
    of_bob.get(SESSIONS)
    here = clients["here"]
    page = here.get(SESSIONS).content.decode()
    for words in ("Chrome on Linux", "Firefox on Windows", "Safari on iOS"):
        assert words in page
    there = UserSession.objects.get(session_key=clients["there"].session.session_key)
    assert f'name="session" value="{there.pk}"' in page
    assert "That browser is signed out." in here.post(SESSIONS, {"session": there.pk}, follow=True).content.decode()
    assert {name: is_signed_in(client) for name, client in clients.items()} == {
        "here": True,
        "there": False,
        "phone": True,
    }
    theirs = UserSession.objects.get(session_key=of_bob.session.session_key)
    for named in (str(theirs.pk), str(there.pk), "x", "9" * 30, ""):
        here.post(SESSIONS, {"session": named})
    assert is_signed_in(of_bob)


def test_a_changed_password_ends_every_session(alice: User) -> None:
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there)
    new = "another-lantern-orchard"
    answer = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post(CHANGE, {**answer, "oldpassword": "wrong"}).status_code == 200
    assert here.post(CHANGE, answer).status_code == 302
    assert [is_signed_in(client) for client in (here, there)] == [False, False]
    assert sign_in(Client(), password=new).status_code == 302
    assert fresh(alice).password.startswith("argon2$")


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    alice: User, client: Client, settings: LazySettings
) -> None:
    sign_in(client)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie["expires"] == "", "it ends with the browser"
    expires = Session.objects.get(session_key=client.session.session_key).expire_date.timestamp()
    assert expires - time.time() < settings.SESSION_ABSOLUTE_TIMEOUT + 60
