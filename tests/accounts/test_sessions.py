"""How long a session lasts, where it leads to, and what ends it."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.usersessions.models import UserSession
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.directory.rules import organisation_of
from accounts.models import User
from tests.accounts.signing_in import CHANGE, SESSIONS, alice, is_signed_in, no_counted_attempts, sign_in
from tests.factories import PASSWORD, fresh, make_person
from web.middleware import LAST_SEEN_AT, SIGNED_IN_AT

__all__ = ["alice", "no_counted_attempts"]

pytestmark = pytest.mark.django_db


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
