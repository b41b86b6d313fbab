"""P15: an answer of a provider is taken once, from whom it was asked, and as it was signed."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from accounts.audit import EventName
from accounts.clock import database_now
from accounts.models import AuditEvent
from subscriptions.restoring import close_restored_access, would_close
from tests.client import text_of
from tests.identity_provider.running import Provider, provider, running_provider
from tests.identity_provider.world import (
    Organisation,
    answer_of,
    back_at_console,
    is_signed_in,
    no_counted_attempts,
    org,
    refused,
    resale,
    set_up_with,
    type_address,
    url_to_provider,
)

__all__ = ["no_counted_attempts", "org", "provider", "running_provider"]

pytestmark = pytest.mark.django_db

NOBODY = "Nobody in your organisation can sign in here with this account of your provider."


def test_P15_an_answer_is_taken_once_and_in_the_browser_that_asked(
    org: Organisation, provider: Provider, client: Client
) -> None:
    url = answer_of(org, provider, client)
    thief = Client()
    assert refused(back_at_console(thief, url), thief)
    back_at_console(client, url)
    assert is_signed_in(client)
    assert back_at_console(client, url).headers["Location"] == "/", "nothing waits for it, and no provider is asked"
    assert "This sign-in is over" in text_of(client.get("/accounts/sessions/"))
    client.post("/accounts/logout/")
    assert refused(back_at_console(client, url), client)


def test_P15_an_answer_to_another_organisation_s_url_is_none(
    org: Organisation, provider: Provider, client: Client
) -> None:
    theirs = resale()
    set_up_with(theirs, provider)
    url = answer_of(org, provider, client)
    assert refused(back_at_console(client, url.replace(org.callback, theirs.callback)), client)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another question"},
        {"nonce": None},
        {"iss": "https://another.example"},
        {"aud": "another client"},
        {"azp": "another client"},
        {"exp": 1},
        {"exp": None},
        {"sub": ""},
        {"sub": None, "email": "bob@acme.example"},
        {"sub": 2},
        {"sub": 300 * "x"},
        {"iat": 9_999_999_999},
        {"email": None, "sub": "1"},  # what is said elsewhere is about another person
    ],
)
def test_P15_a_token_that_says_something_else_is_refused(
    claims: dict[str, Any], org: Organisation, provider: Provider, client: Client
) -> None:
    url = url_to_provider(type_address(client, org.person.email))
    url = provider.browser().sign_in(url, org.person.email)
    provider.say(claims)
    assert refused(back_at_console(client, url), client)


@pytest.mark.parametrize("query", ["", "?error=access_denied", "?code=x", "?code=x&state=x", "?state=", "?code=%00"])
def test_P15_what_no_provider_sends_is_an_answer_of_nobody(query: str, org: Organisation, client: Client) -> None:
    assert refused(client.get(org.callback + query), client)


def test_P15_an_answer_of_another_issuer_is_refused(org: Organisation, provider: Provider, client: Client) -> None:
    """RFC 9207: a provider may say in the answer which one it is."""
    url = answer_of(org, provider, client)
    assert refused(back_at_console(client, f"{url}&iss=https%3A%2F%2Fanother.example"), client)


def test_P15_who_cancels_at_the_provider_is_told_so(org: Organisation, provider: Provider, client: Client) -> None:
    url = url_to_provider(type_address(client, org.person.email))
    [state] = parse_qs(urlsplit(url).query)["state"]
    answer = client.get(f"{org.callback}?error=access_denied&state={state}")
    assert "You cancelled at the provider." in text_of(answer)
    assert refused(answer, client)


# The second factor (P12), and what comes with a session


def test_P15_a_restored_backup_signs_nobody_in_with_a_provider(
    org: Organisation, provider: Provider, client: Client
) -> None:
    """It may have been removed since the backup was taken, because it could not be trusted any more."""
    url = answer_of(org, provider, client)
    assert would_close().providers == 1
    closed = close_restored_access(restored_from=database_now(), last_numbers=None)
    assert closed and closed.providers == 1
    assert refused(back_at_console(client, url), client)
    event = AuditEvent.objects.filter(name=EventName.TOGGLE_SSO_ENABLED).latest("pk")
    assert (event.actor_kind, event.customer_id, event.new_value) == ("system", org.owner.pk, {"enabled": False})
    assert would_close().providers == 0
