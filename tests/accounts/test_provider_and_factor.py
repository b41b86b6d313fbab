"""P12 with P15: of whom the factor of their provider counts, and that nobody falls between the two."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.directory.people import assign_role
from accounts.errors import Refused
from accounts.factors import RequiredOf
from accounts.models import Customer, Proposal, RoleAssignment, TwoPeople, User
from accounts.roles import Role
from accounts.single_sign_on.recognising import recognise
from accounts.two_people.answering import approve
from tests.factories import PASSWORD, make_person
from tests.identity_provider.running import Provider, provider, running_provider
from tests.identity_provider.world import (
    PROOF,
    acme,
    back_at_console,
    identity_of,
    resale,
    set_up_with,
    sign_in,
    to_provider,
)
from tests.second_factors import give_app

__all__ = ["provider", "running_provider"]
pytestmark = pytest.mark.django_db
ENROL = "/accounts/second-factor/"


@pytest.fixture(autouse=True)
def required(settings: Settings, db: None) -> None:
    cache.clear()
    settings.SECOND_FACTOR_REQUIRED = list(RequiredOf)


def end_grace(person: User) -> None:
    User.objects.filter(pk=person.pk).update(factor_due_at=database_now() - timedelta(days=1))


def test_P12_a_factor_at_the_provider_is_enough_for_whom_it_signs_in_alone(provider: Provider, client: Client) -> None:
    org = resale()
    set_up_with(org, provider)
    end_grace(org.person)
    provider.say({"amr": ["mfa"]})
    sign_in(client, provider, org.person.email)
    assert client.get("/reseller/").status_code == 200


def test_P12_whom_the_grace_has_shut_out_can_add_a_factor_by_a_proof_at_their_provider(
    provider: Provider, client: Client
) -> None:
    org = resale()
    set_up_with(org, provider)
    end_grace(org.person)
    provider.say({"auth_time": None})
    sign_in(client, provider, org.person.email)
    assert client.get("/reseller/").headers["Location"] == ENROL
    asked = client.get(f"{ENROL}app/")
    assert asked.headers["Location"].startswith(PROOF)
    provider.say({})
    url = to_provider(client, asked)
    back = back_at_console(client, provider.browser().sign_in(url, org.person.email))
    assert f"{ENROL}app/" in back.headers["Location"]


def test_P12_a_temporary_password_opens_nothing_to_whom_the_grace_has_shut_out(
    provider: Provider, client: Client
) -> None:
    org = resale()
    set_up_with(org, provider)
    end_grace(org.person)
    User.objects.filter(pk=org.person.pk).update(must_change_password=True)
    sign_in(client, provider, org.person.email)
    assert client.get("/reseller/").headers["Location"] == ENROL


def test_P12_who_keeps_a_password_adds_a_factor_here_whatever_the_provider_says(
    provider: Provider, client: Client
) -> None:
    org = acme()
    set_up_with(org, provider)
    end_grace(org.admin)
    provider.say({"amr": ["mfa"]})
    sign_in(client, provider, org.admin.email)
    assert client.get("/console/acme.example/users/").headers["Location"] == ENROL


def test_P12_who_keeps_a_password_shows_their_own_factor_beside_the_providers(
    provider: Provider, client: Client
) -> None:
    org = acme()
    set_up_with(org, provider)
    give_app(org.admin)
    provider.say({"amr": ["mfa"]})
    assert sign_in(client, provider, org.admin.email).headers["Location"] == "/accounts/login/second-step/"


def test_R21_who_chose_the_provider_cannot_approve_their_own_proposal_as_another_admin(provider: Provider) -> None:
    org = acme()
    assert isinstance(org.owner, Customer)
    second = make_person(
        org.owner, Role.SUPER_ADMIN, name="Una", email=f"una@{org.owner.primary_domain}", password=PASSWORD
    )
    TwoPeople.objects.create(customer=org.owner, super_admins=True)
    set_up_with(org, provider)
    waiting = assign_role(actor=Actor(org.admin), person=org.person, role=Role.SUPER_ADMIN)
    assert isinstance(waiting, Proposal)
    said = identity_of(second, org.provider.issuer, showed_factor=True)
    assert recognise(actor=None, provider=org.provider, identity=said, ip_address=None) == second
    with pytest.raises(Refused):
        approve(actor=Actor(second), customer=org.owner, proposal_id=waiting.pk)
    assert not RoleAssignment.objects.filter(user=org.person, role=Role.SUPER_ADMIN).exists()
