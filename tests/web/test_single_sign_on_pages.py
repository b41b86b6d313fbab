"""The page *Single sign-on* of a customer and of a reseller: set up, tested, switched on and off, removed (P15)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client, override_settings

from accounts.actor import Actor
from accounts.encrypting import lock_for
from accounts.errors import Refused
from accounts.identity_providers import provider_of
from accounts.models import AuditEvent, IdentityProvider, Notification
from accounts.notifications.telling import tell
from accounts.single_sign_on.client import SECRETS, ProviderSilent
from accounts.single_sign_on.setting_up import record_test, remove, set_up, switch_off, switch_on
from tests.client import signed_in, text_of
from tests.factories import make_person
from tests.identity_provider.running import Provider, Registered, provider, running_provider
from tests.identity_provider.strange import strange
from tests.identity_provider.world import (
    Organisation,
    acme,
    back_at_console,
    identity_of,
    resale,
    set_up_with,
    sign_in,
    url_to_provider,
)

__all__ = ["provider", "running_provider"]

pytestmark = pytest.mark.django_db

CONSOLE, STAFF = "/console/acme.example/account/single-sign-on/", "/reseller/staff/single-sign-on/"


@pytest.fixture(autouse=True)
def no_counted_attempts(db: None) -> None:
    cache.clear()


def values(registered: Registered, **other: str) -> dict[str, str]:
    return {
        "issuer": registered.issuer,
        "client_id": registered.client_id,
        "secret": registered.secret,
        **other,
    }


def events() -> list[str]:
    found = AuditEvent.objects.filter(name__contains="SSO").order_by("at", "id")
    return [event.name for event in found]


@pytest.mark.parametrize(("made", "page"), [(acme, CONSOLE), (resale, STAFF)])
def test_P15_an_admin_sets_up_tests_and_switches_on(made: Any, page: str, provider: Provider) -> None:
    org = made()
    if page == STAFF:
        provider.say({"email": org.admin.email})
    client = signed_in(org.admin)
    shown = client.get(page).content.decode()
    assert f"http://testserver{org.callback}" in shown
    registered = provider.register(f"http://testserver{org.callback}")
    assert client.post(page, values(registered)).headers["Location"] == page
    shown = client.get(page).content.decode()
    assert registered.secret not in shown and "Not tested yet" in shown and "Switch on" not in shown
    version = org.provider.version
    assert client.post(f"{page}on/", {"seen": version}).status_code == 302
    assert not org.provider.is_on
    url = url_to_provider(client.post(f"{page}test/"))
    answer = back_at_console(client, provider.browser().sign_in(url, "alice@acme.example"))
    assert answer.headers["Location"] == page
    assert "The test succeeded" in text_of(client.get(page))
    client.post(f"{page}on/", {"seen": version})
    assert org.provider.is_on
    client.post(f"{page}off/")
    assert not org.provider.is_on
    client.post(f"{page}remove/")
    assert provider_of(org.owner) is None
    assert events() == [
        "CHANGE_SSO_SETTINGS",
        "TEST_SSO",
        "TOGGLE_SSO_ENABLED",
        "TOGGLE_SSO_ENABLED",
        "REMOVE_SSO_SETTINGS",
    ]


def test_P15_what_was_typed_survives_what_is_wrong(provider: Provider) -> None:
    org = acme()
    client = signed_in(org.admin)
    typed = {"issuer": "http://127.0.0.1:1", "client_id": "the-console", "secret": "typed-secret"}
    page = client.post(CONSOLE, typed)
    assert page.status_code == 422
    assert str(ProviderSilent().message) in text_of(page)
    assert all(f'value="{value}"' in page.content.decode() for value in typed.values())
    assert provider_of(org.owner) is None
    page = client.post(CONSOLE, typed | {"secret": ""})
    assert page.status_code == 422


def test_P15_the_stored_secret_is_encrypted_never_shown_and_sent_to_no_other_issuer(provider: Provider) -> None:
    org = acme()
    set_up_with(org, provider, is_on=False)
    row, client = org.provider, signed_in(org.admin)
    secret = lock_for(SECRETS).decrypt(row.secret.encode()).decode()
    assert secret not in row.secret
    assert secret not in client.get(CONSOLE).content.decode()
    with strange() as another:
        page = client.post(CONSOLE, {"issuer": another.issuer, "client_id": row.client_id, "secret": ""})
    assert page.status_code == 422 and "Enter the client secret" in text_of(page)
    kept = client.post(CONSOLE, {"issuer": row.issuer, "client_id": row.client_id, "secret": ""})
    assert kept.status_code == 302
    assert org.provider.tested_at is not None, "nothing was changed"


def test_P15_a_change_must_be_tested_again_and_none_is_made_while_it_is_on(provider: Provider) -> None:
    org = acme()
    set_up_with(org, provider)
    client, again = signed_in(org.admin), provider.register(f"http://testserver{org.callback}")
    assert "Switch single sign-on off before" in text_of(client.post(CONSOLE, values(again)))
    client.post(f"{CONSOLE}off/")
    client.post(CONSOLE, values(again))
    row = org.provider
    assert (row.client_id, row.tested_at, row.is_on) == (again.client_id, None, False)
    with pytest.raises(Refused, match="Test the sign-in first"):
        switch_on(actor=Actor(org.admin), provider=row, seen=str(row.version))


def test_P15_another_issuer_knows_nobody_yet(provider: Provider) -> None:
    org = acme()
    set_up_with(org, provider)
    sign_in(Client(), provider, org.person.email)
    switch_off(actor=Actor(org.admin), provider=org.provider)
    set_up_with(org, provider, is_on=False)
    assert SocialAccount.objects.count() == 1, "the same issuer, with another client"
    set_up_with(org, provider, issuer=provider.other_issuer, is_on=False)
    assert not SocialAccount.objects.exists()


def test_P15_what_another_admin_changed_meanwhile_is_not_switched_on(provider: Provider) -> None:
    org = acme()
    set_up_with(org, provider, is_on=False)
    seen = str(org.provider.version)
    set_up_with(org, provider, is_on=False)
    client = signed_in(org.admin)
    client.post(f"{CONSOLE}on/", {"seen": seen})
    assert "Another admin has changed this meanwhile" in text_of(client.get(CONSOLE))
    assert not org.provider.is_on


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"address": "bob@acme.example"}, "you are alice@acme.example"),
        ({"address": ""}, "nobody with an address"),
        ({"is_verified": False}, "has not verified this address"),
    ],
)
def test_P15_only_the_admin_themselves_make_a_test(said: dict[str, Any], why: str, provider: Provider) -> None:
    org = acme()
    set_up_with(org, provider, is_on=False)
    IdentityProvider.objects.update(tested_at=None)
    identity = identity_of(org.admin, provider.issuer, **said)
    with pytest.raises(Refused, match=why):
        record_test(actor=Actor(org.admin), provider=org.provider, identity=identity)
    assert org.provider.tested_at is None


def test_P15_a_test_at_an_address_elsewhere_is_none(provider: Provider) -> None:
    org = acme()
    set_up_with(org, provider, is_on=False)
    admin = make_person(org.owner, name="Ada", email="ada@acme-brand.example")
    admin.role_assignments.create(role="super_admin")
    with pytest.raises(Refused, match="not at a verified domain"):
        record_test(actor=Actor(admin), provider=org.provider, identity=identity_of(admin, provider.issuer))


def test_P15_a_test_with_older_values_counts_for_nothing(provider: Provider) -> None:
    org = acme()
    set_up_with(org, provider, is_on=False)
    client = signed_in(org.admin)
    url = url_to_provider(client.post(f"{CONSOLE}test/"))
    url = provider.browser().sign_in(url, org.admin.email)
    row = org.provider
    again = provider.register(f"http://testserver{org.callback}")
    set_up(actor=Actor(org.admin), organisation=org.owner, **values(again))
    assert back_at_console(client, url).headers["Location"] == "/"
    assert row.version != org.provider.version
    assert org.provider.tested_at is None


def test_P13_switching_on_asks_for_a_proof_and_switching_off_never_does(provider: Provider) -> None:
    org = acme()
    set_up_with(org, provider, is_on=False)
    client = signed_in(org.admin)
    client.get(CONSOLE)
    session = client.session
    session["signed_in_at"] = time.time() - 11 * 60
    session.save()
    asked = client.post(f"{CONSOLE}on/", {"seen": org.provider.version})
    assert asked.headers["Location"].startswith("/accounts/confirm/")
    assert not org.provider.is_on
    IdentityProvider.objects.update(switched_on_at="2026-01-01T00:00Z")
    client.post(f"{CONSOLE}off/")
    assert not org.provider.is_on
    client.post(f"{CONSOLE}remove/")
    assert provider_of(org.owner) is None


def test_P15_the_link_of_a_person_is_ended(provider: Provider) -> None:
    org = acme()
    set_up_with(org, provider)
    sign_in(Client(), provider, org.person.email)
    client = signed_in(org.admin)
    page = client.post(f"{CONSOLE}unlink/", {"address": "nobody@acme.example"})
    assert page.status_code == 422 and "Nobody with this address is linked" in text_of(page)
    client.post(f"{CONSOLE}unlink/", {"address": org.person.email})
    assert not SocialAccount.objects.exists()
    assert events()[-1] == "UNLINK_SSO_IDENTITY"
    provider.say({"sub": "another"})
    sign_in(browser := Client(), provider, org.person.email)
    assert browser.session["_auth_user_id"] == str(org.person.pk)


def test_P15_no_admin_changes_the_sign_in_of_another_organisation(provider: Provider) -> None:
    ours, theirs = acme(), resale()
    set_up_with(ours, provider)
    for actor in (Actor(theirs.admin), Actor(ours.person), Actor(theirs.person)):
        for verb in (switch_off, remove):
            with pytest.raises(PermissionDenied):
                verb(actor=actor, provider=ours.provider)
        with pytest.raises(PermissionDenied):
            set_up(actor=actor, organisation=ours.owner, issuer="https://x.example", client_id="x", secret="x")
    assert ours.provider.is_on


def test_R25_other_admins_are_told(provider: Provider) -> None:
    org = acme()
    other = make_person(org.owner, name="Ada")
    other.role_assignments.create(role="super_admin")
    set_up_with(org, provider)
    tell()
    told = Notification.objects.filter(recipient=other, event__name__contains="SSO").count()
    assert told == 2, "set up, and switched on"


def test_P15_a_provider_that_is_away_is_said_and_admins_get_in(provider: Provider, client: Client) -> None:
    org = acme()
    set_up_with(org, provider)
    IdentityProvider.objects.update(issuer="http://127.0.0.1:1")
    page = client.post("/accounts/login/", {"login": org.person.email})
    assert page.status_code == 503
    assert str(ProviderSilent().message) in text_of(page)
    assert "/accounts/login/?with=password" in page.content.decode()
    assert 'name="password"' in client.get("/accounts/login/?with=password").content.decode()


def test_P15_secrets_are_encrypted_again_under_a_new_key(provider: Provider, settings: Any) -> None:
    org = acme()
    set_up_with(org, provider, is_on=False)
    secret = lock_for(SECRETS).decrypt(org.provider.secret.encode())
    old, new = settings.SECRET_KEY, "another-key-for-tests-" + 40 * "y"
    with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[old]):
        call_command("renew_factor_secrets")
    with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[]):
        assert lock_for(SECRETS).decrypt(org.provider.secret.encode()) == secret


def test_P14_asking_providers_is_limited(provider: Provider, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"provider_asked": "1/h/user"}
    client = signed_in(acme().admin)
    typed = {"issuer": "http://127.0.0.1:1", "client_id": "x", "secret": "x"}
    assert [client.post(CONSOLE, typed).status_code for _turn in range(2)] == [422, 429]


def test_P15_nobody_but_admins_opens_the_page(provider: Provider) -> None:
    org: Organisation = acme()
    assert signed_in(org.person).get(CONSOLE).status_code == 403
