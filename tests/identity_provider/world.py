"""Acme and its people, whose provider runs beside the tests, and the ways through it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.actor import Actor
from accounts.identity_providers import provider_of
from accounts.models import Customer, IdentityProvider, Reseller, RoleAssignment, User
from accounts.models.identity_providers import key_of
from accounts.roles import Role
from accounts.single_sign_on.client import Identity
from accounts.single_sign_on.setting_up import record_test, set_up, switch_on
from tests.factories import PASSWORD, make_customer, make_person, make_reseller
from tests.identity_provider.running import Browser, Provider

SIGN_IN, PROOF = "/accounts/login/", "/accounts/confirm/"


@dataclass
class Organisation:
    """An organisation with its provider: its admin, who keeps a password, and one of its people, who needs none."""

    owner: Customer | Reseller
    admin: User
    person: User

    @property
    def provider(self) -> IdentityProvider:
        found = provider_of(self.owner)
        assert found is not None
        return found

    @property
    def callback(self) -> str:
        is_customer = isinstance(self.owner, Customer)
        key = key_of(self.owner.pk if is_customer else None, None if is_customer else self.owner.pk)
        return f"/accounts/login/provider/{key}/"


def acme() -> Organisation:
    customer = make_customer("Acme", "acme.example")
    admin = make_person(customer, Role.SUPER_ADMIN, name="Alice", email="alice@acme.example", password=PASSWORD)
    person = make_person(customer, Role.AUDITOR, name="Bob", email="bob@acme.example", password=PASSWORD)
    return Organisation(customer, admin, person)


def resale() -> Organisation:
    reseller = make_reseller("Resale", "resale.example")
    admin = make_person(reseller, Role.RESELLER_ADMIN, name="Rita", email="rita@resale.example", password=PASSWORD)
    person = make_person(reseller, Role.RESELLER_AGENT, name="Rosa", email="rosa@resale.example", password=PASSWORD)
    return Organisation(reseller, admin, person)


def set_up_with(organisation: Organisation, provider: Provider, *, issuer: str = "", is_on: bool = True) -> None:
    """Register the console at the provider, and set it up, tested, and by default switched on."""
    registered = provider.register(f"http://testserver{organisation.callback}", issuer)
    actor = Actor(organisation.admin)
    row = set_up(
        actor=actor,
        organisation=organisation.owner,
        issuer=registered.issuer,
        client_id=registered.client_id,
        secret=registered.secret,
    )
    row = record_test(actor=actor, provider=row, identity=identity_of(organisation.admin, registered.issuer))
    if is_on:
        assert switch_on(actor=actor, provider=row, seen=str(row.version))


def identity_of(person: User, issuer: str, **other: Any) -> Identity:
    """What a provider would say of a person."""
    said = {"subject": f"subject of {person.pk}", "address": person.email, "is_verified": True}
    more = {"authenticated_at": None, "showed_factor": False}
    return Identity(issuer=issuer, **{**said, **more, **other})


def url_to_provider(page: Any) -> str:
    """The URL at the provider to which a page leads."""
    assert page.status_code == 200, page.content
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.content.decode())
    assert found, page.content.decode()
    return unescape(found[1])


def type_address(client: Client, address: str, **more: str) -> Any:
    return client.post(SIGN_IN, {"login": address, **more})


def back_at_console(client: Client, url: str) -> Any:
    """Follow the URL that the provider gave."""
    assert url.startswith("http://testserver/"), url
    return client.get(url.removeprefix("http://testserver"))


def sign_in(
    client: Client, provider: Provider, address: str, *, as_whom: str = "", browser: Browser | None = None
) -> Any:
    """Sign in with the provider. as_whom: another person there than the address that was typed."""
    url = url_to_provider(type_address(client, address))
    return back_at_console(client, (browser or provider.browser()).sign_in(url, as_whom or address))


def is_signed_in(client: Client) -> bool:
    return client.get("/accounts/sessions/").status_code == 200


# Giving something, which asks for a fresh proof (P13)


def cem(org: Organisation) -> User:
    return make_person(org.owner, name="Cem")


def ask(client: Client, person: User) -> Any:
    return client.post(f"/console/acme.example/users/{person.pk}/roles/", {"roles": ["super_admin"]})


def is_super_admin(person: User) -> bool:
    return RoleAssignment.objects.filter(user=person, role=Role.SUPER_ADMIN).exists()


def to_provider(client: Client, asked: Any) -> str:
    assert asked.headers["Location"].startswith(PROOF), asked
    return url_to_provider(client.post(asked.headers["Location"], {"provider": "1"}))


@pytest.fixture(autouse=True)
def no_counted_attempts(db: None) -> None:
    cache.clear()


@pytest.fixture
def org(db: None, provider: Provider) -> Organisation:
    """Acme, whose provider is switched on."""
    made = acme()
    set_up_with(made, provider)
    return made


def refused(answer: Any, client: Client) -> bool:
    is_over = answer.headers.get("Location") == SIGN_IN
    return (is_over or answer.status_code == 400) and not is_signed_in(client)


def answer_of(org: Organisation, provider: Provider, client: Client) -> str:
    return provider.browser().sign_in(url_to_provider(type_address(client, org.person.email)), org.person.email)
