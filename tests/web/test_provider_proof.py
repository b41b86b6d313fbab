"""P13: people whose provider signs them in prove themselves there again, and what they sent is saved after it."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.proof import PROVED_AT
from tests.client import text_of
from tests.factories import PASSWORD
from tests.identity_provider.running import Browser, Provider, provider, running_provider
from tests.identity_provider.world import (
    PROOF,
    Organisation,
    acme,
    ask,
    back_at_console,
    cem,
    is_super_admin,
    set_up_with,
    sign_in,
    to_provider,
)
from tests.second_factors import give_app

__all__ = ["provider", "running_provider"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def org(db: None, provider: Provider) -> Organisation:
    cache.clear()
    made = acme()
    set_up_with(made, provider)
    return made


@pytest.fixture
def browser(provider: Provider) -> Browser:
    """Signed in at the provider, as browsers are for days."""
    return provider.browser()


def signed_in_with(client: Client, org: Organisation, provider: Provider, browser: Browser, **claims: Any) -> None:
    provider.say(claims)
    sign_in(client, provider, org.admin.email, browser=browser)
    provider.say({})


def test_P13_a_sign_in_with_the_provider_is_as_fresh_as_its_question(
    org: Organisation, provider: Provider, browser: Browser, client: Client
) -> None:
    """The provider asked an hour ago, or does not say when: that is no proof. It asked just now: that is one."""
    person = cem(org)
    signed_in_with(client, org, provider, browser, auth_time=int(time.time()) - 3600)
    assert ask(client, person).headers["Location"].startswith(PROOF)
    signed_in_with(fresh := Client(), org, provider, browser, auth_time=None)
    assert ask(fresh, person).headers["Location"].startswith(PROOF)
    assert not is_super_admin(person)
    signed_in_with(fresh := Client(), org, provider, browser)
    ask(fresh, person)
    assert is_super_admin(person)


def test_P13_nobody_is_fresh_for_longer_by_a_clock_that_is_ahead(
    org: Organisation, provider: Provider, browser: Browser, client: Client
) -> None:
    signed_in_with(client, org, provider, browser, auth_time=int(time.time()) + 3600)
    assert client.session[PROVED_AT] <= time.time()


def test_P13_what_was_ticked_is_saved_after_the_proof_at_the_provider(
    org: Organisation, provider: Provider, browser: Browser, client: Client
) -> None:
    person = cem(org)
    signed_in_with(client, org, provider, browser, auth_time=1)
    asked = ask(client, person)
    page = client.get(asked.headers["Location"]).content.decode()
    assert 'name="password"' not in page
    url = to_provider(client, asked)
    said = parse_qs(urlsplit(url).query)
    assert (said["max_age"], said["prompt"]) == (["0"], ["login"])
    key = client.session.session_key
    onward = back_at_console(client, browser.sign_in(url, org.admin.email))
    assert client.session.session_key != key
    saved = client.get(onward.headers["Location"])
    assert saved.status_code == 302
    assert is_super_admin(person)


@pytest.mark.parametrize("claims", [{"auth_time": None}, {"auth_time": 1}, {"auth_time": "now"}, {"auth_time": True}])
def test_P13_a_provider_that_did_not_ask_proves_nothing(
    claims: dict[str, Any], org: Organisation, provider: Provider, browser: Browser, client: Client
) -> None:
    """`max_age` was asked for; what comes back says when, or is no proof."""
    person = cem(org)
    signed_in_with(client, org, provider, browser, auth_time=1)
    asked = ask(client, person)
    url = browser.sign_in(to_provider(client, asked), org.admin.email)
    provider.say(claims)
    again = back_at_console(client, url)
    assert again.headers["Location"] == asked.headers["Location"]
    assert "The provider did not ask you who you are" in text_of(client.get(again.headers["Location"]))
    assert ask(client, person).headers["Location"].startswith(PROOF)
    assert not is_super_admin(person)


def test_P13_somebody_else_s_proof_is_none(
    org: Organisation, provider: Provider, browser: Browser, client: Client
) -> None:
    person = cem(org)
    signed_in_with(client, org, provider, browser, auth_time=1)
    sign_in(Client(), provider, org.person.email)
    url = to_provider(client, ask(client, person))
    again = back_at_console(client, provider.browser().sign_in(url, org.person.email))
    assert "signed in another person" in text_of(client.get(again.headers["Location"]))
    assert client.session["_auth_user_id"] == str(org.admin.pk)
    assert ask(client, person).headers["Location"].startswith(PROOF)


def test_P12_an_own_factor_is_not_stepped_around_by_a_proof(
    org: Organisation, provider: Provider, browser: Browser, client: Client
) -> None:
    person = cem(org)
    signed_in_with(client, org, provider, browser, auth_time=1, amr=["mfa"])
    give_app(org.admin)
    url = to_provider(client, ask(client, person))
    again = back_at_console(client, browser.sign_in(url, org.admin.email))
    assert "did not ask you for a second factor" in text_of(client.get(again.headers["Location"]))
    provider.say({"amr": ["mfa"]})
    url = to_provider(client, ask(client, person))
    client.get(back_at_console(client, browser.sign_in(url, org.admin.email)).headers["Location"])
    assert is_super_admin(person)


def test_P13_a_proof_belongs_to_the_session_that_asked(
    org: Organisation, provider: Provider, browser: Browser, client: Client
) -> None:
    signed_in_with(client, org, provider, browser, auth_time=1)
    url = browser.sign_in(to_provider(client, ask(client, cem(org))), org.admin.email)
    client.post("/accounts/logout/")
    client.post("/accounts/login/", {"login": org.admin.email, "password": PASSWORD})
    before = client.session.get(PROVED_AT)
    assert back_at_console(client, url).headers["Location"] == "/"
    assert client.session.get(PROVED_AT) == before


def test_P13_who_signed_in_with_a_password_is_asked_for_it(org: Organisation, client: Client) -> None:
    client.post("/accounts/login/", {"login": org.admin.email, "password": PASSWORD})
    session = client.session
    session["signed_in_at"] = time.time() - 11 * 60
    session.save()
    asked = ask(client, cem(org))
    page = client.get(asked.headers["Location"]).content.decode()
    assert 'name="password"' in page
    assert 'name="provider"' not in page
