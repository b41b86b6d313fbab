"""P15: people sign in with the provider of their organisation, and with no other."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client

from accounts.actor import Actor
from accounts.directory.deleting import delete_user
from accounts.directory.invitations import invite_user
from accounts.directory.suspending import suspend_users
from accounts.mail.sending import send_due_mails
from accounts.models import Address, AuditEvent, Domain, FailedSignIns, User
from accounts.own_domains.adding import add_domain
from accounts.single_sign_on.setting_up import switch_off
from tests.client import main_text_of, text_of
from tests.factories import PASSWORD, make_customer, make_person
from tests.identity_provider.running import Provider, provider, running_provider
from tests.identity_provider.world import (
    SIGN_IN,
    Organisation,
    acme,
    answer_of,
    back_at_console,
    is_signed_in,
    no_counted_attempts,
    org,
    refused,
    resale,
    set_up_with,
    sign_in,
    type_address,
    url_to_provider,
)
from tests.second_factors import STEP, code_of, give_app, give_passkey, show_code

__all__ = ["no_counted_attempts", "org", "provider", "running_provider"]

pytestmark = pytest.mark.django_db

NOBODY = "Nobody in your organisation can sign in here with this account of your provider."


def test_P15_a_person_signs_in_with_the_provider_and_is_linked_the_first_time(
    org: Organisation, provider: Provider, client: Client
) -> None:
    answer = sign_in(client, provider, org.person.email)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(org.person.pk)
    link = AuditEvent.objects.get(name="LINK_SSO_IDENTITY")
    assert (link.actor_email, link.subject, link.customer_id) == (org.person.email, org.person.email, org.owner.pk)
    assert link.new_value == {"issuer": provider.issuer, "sso_subject": "2"}
    assert AuditEvent.objects.get(name="login_success").new_value == {"way": "provider"}
    sign_in(Client(), provider, org.person.email)
    assert AuditEvent.objects.filter(name="LINK_SSO_IDENTITY").count() == 1
    [account] = SocialAccount.objects.all()
    assert account.extra_data == link.new_value


def test_P15_the_question_has_state_nonce_and_pkce_and_the_session_gets_another_key(
    org: Organisation, provider: Provider, client: Client
) -> None:
    url = url_to_provider(type_address(client, org.person.email, next="/preferences/"))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"http://testserver{org.callback}"
    assert asked["login_hint"] == org.person.email
    before = client.cookies["sessionid"].value
    answer = back_at_console(client, provider.browser().sign_in(url, org.person.email))
    assert answer.headers["Location"] == "/preferences/"
    assert client.cookies["sessionid"].value != before
    assert is_signed_in(client)


@pytest.mark.parametrize("where", ["next=//evil.example", "next=https://evil.example/"])
def test_P15_nobody_is_led_elsewhere_afterwards(
    where: str, org: Organisation, provider: Provider, client: Client
) -> None:
    url = url_to_provider(client.post(f"{SIGN_IN}?{where}", {"login": org.person.email}))
    assert back_at_console(client, provider.browser().sign_in(url, org.person.email)).headers["Location"] == "/"


def test_P15_the_page_tells_nobody_whether_an_address_exists(org: Organisation, client: Client) -> None:
    """A person and nobody at a domain with a provider, and the same at one without."""
    make_person(make_customer("Other", "other.example"), email="cem@other.example", password=PASSWORD)
    pages = [type_address(client, address) for address in (org.person.email, "nobody@acme.example")]
    assert [urlsplit(url_to_provider(page)).netloc for page in pages] == 2 * [urlsplit(org.provider.issuer).netloc]
    others = [type_address(client, address) for address in ("cem@other.example", "nobody@other.example")]
    shown = [text_of(page).replace("cem@", "nobody@") for page in others]
    assert shown[0] == shown[1]
    assert 'name="password"' in others[0].content.decode()


def test_P15_only_admins_can_use_their_password(org: Organisation, client: Client) -> None:
    wrong = client.post(SIGN_IN, {"login": org.person.email, "password": "wrong"})
    right = client.post(SIGN_IN, {"login": org.person.email, "password": PASSWORD})
    assert main_text_of(wrong) == main_text_of(right)
    assert "do not match, or the account is suspended" in text_of(right)
    assert not is_signed_in(client)
    assert FailedSignIns.objects.get(person=org.person).number == 2
    client.post(SIGN_IN, {"login": org.admin.email, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(org.admin.pk)


def test_P15_no_passkey_of_ours_steps_around_the_provider(org: Organisation, client: Client) -> None:
    passkey = "/accounts/login/passkey/"
    for person, gets_in in ((org.person, False), (org.admin, True)):
        device, browser = give_passkey(person), Client()
        options = browser.get(passkey, headers={"accept": "application/json"}).json()["publicKey"]
        answer = browser.post(passkey, {"credential": json.dumps(device.show(options))}, secure=True)
        assert is_signed_in(browser) == gets_in, answer.content


def test_P15_admins_can_use_the_provider_too(org: Organisation, provider: Provider, client: Client) -> None:
    sign_in(client, provider, org.admin.email)
    assert client.session["_auth_user_id"] == str(org.admin.pk)


def test_P15_without_the_switch_everybody_uses_a_password(
    org: Organisation, provider: Provider, client: Client
) -> None:
    url = url_to_provider(type_address(client, org.person.email))
    switch_off(actor=Actor(org.admin), provider=org.provider)
    late = back_at_console(client, provider.browser().sign_in(url, org.person.email))
    assert NOBODY in text_of(late)
    assert 'name="password"' in type_address(client, org.person.email).content.decode()
    client.post(SIGN_IN, {"login": org.person.email, "password": PASSWORD})
    assert is_signed_in(client)


def test_P15_people_of_a_reseller_have_its_provider(provider: Provider, client: Client) -> None:
    theirs = resale()
    set_up_with(theirs, provider)
    sign_in(client, provider, theirs.person.email)
    assert client.session["_auth_user_id"] == str(theirs.person.pk)
    [event] = AuditEvent.objects.filter(name="LINK_SSO_IDENTITY")
    assert (event.customer_id, event.actor_reseller_id) == (None, theirs.owner.pk)


# Who does not get in


def test_P15_a_provider_signs_in_nobody_of_another_organisation(
    org: Organisation, provider: Provider, client: Client
) -> None:
    """Acme's provider says that it is Rosa of Resale; then that it is a person at a domain that nobody has."""
    theirs = resale()
    assert refused(sign_in(client, provider, org.person.email, as_whom=theirs.person.email), client)
    assert refused(sign_in(client, provider, org.person.email, as_whom="eve@elsewhere.example"), client)
    assert not SocialAccount.objects.exists()
    assert User.objects.count() == 4


def test_P15_the_same_subject_at_two_issuers_is_two_people(provider: Provider, client: Client) -> None:
    """Each of two organisations has a provider that calls its person subject "2"; also where the issuer is the same."""
    ours, theirs = acme(), resale()
    set_up_with(ours, provider)
    set_up_with(theirs, provider, issuer=provider.other_issuer)
    sign_in(Client(), provider, ours.person.email)
    provider.say({"email": theirs.person.email})
    sign_in(client, provider, theirs.person.email, as_whom="bob@acme.example")
    assert client.session["_auth_user_id"] == str(theirs.person.pk)
    linked = [(account.user, account.extra_data["issuer"]) for account in SocialAccount.objects.order_by("pk")]
    assert linked == [(ours.person, provider.issuer), (theirs.person, provider.other_issuer)]
    assert {account.extra_data["sso_subject"] for account in SocialAccount.objects.all()} == {"2"}


def test_P15_two_organisations_with_one_issuer_share_no_identity(provider: Provider, client: Client) -> None:
    ours, theirs = acme(), resale()
    set_up_with(ours, provider)
    set_up_with(theirs, provider)
    sign_in(Client(), provider, ours.person.email)
    assert refused(sign_in(client, provider, theirs.person.email, as_whom=ours.person.email), client)


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "bob@sub.acme.example"},
        {"email": "bob@acme.example.evil.example"},
        {"email": "bob@"},
        {"email_verified": False},
    ],
)
def test_P15_only_a_verified_address_at_an_own_domain_is_linked(
    claims: dict[str, Any], org: Organisation, provider: Provider, client: Client
) -> None:
    """Also where they have that address too, at a domain that is not verified."""
    Address.objects.get_or_create(email=claims.get("email", org.person.email), defaults={"user": org.person})
    provider.say(claims)
    assert refused(sign_in(client, provider, org.person.email), client)
    assert not SocialAccount.objects.exists()


def test_P15_the_address_may_be_said_elsewhere(org: Organisation, provider: Provider, client: Client) -> None:
    """Not in the token, but where the provider tells more about its person."""
    provider.say({"email": None, "email_verified": None})
    sign_in(client, provider, org.person.email)
    assert client.session["_auth_user_id"] == str(org.person.pk)


def test_P15_a_provider_that_does_not_verify_says_so(org: Organisation, provider: Provider, client: Client) -> None:
    una = make_person(org.owner, name="Una", email="una@acme.example")
    assert refused(sign_in(client, provider, una.email), client)
    provider.say({"email_verified": None})
    sign_in(client, provider, una.email)
    assert is_signed_in(client)


def test_P15_a_domain_that_is_not_verified_leads_nowhere(org: Organisation, client: Client) -> None:
    add_domain(actor=Actor(org.admin), organisation=org.owner, name="acme-brand.example")
    make_person(org.owner, email="brand@acme-brand.example", password=PASSWORD)
    assert 'name="password"' in type_address(client, "brand@acme-brand.example").content.decode()
    client.post(SIGN_IN, {"login": "brand@acme-brand.example", "password": PASSWORD})
    assert is_signed_in(client)


@pytest.mark.parametrize("change", [{"contested_at": "2026-01-01T00:00Z"}, {"holds": False}])
def test_P15_a_domain_that_is_lost_ends_the_provider_for_it(
    change: dict[str, Any], org: Organisation, provider: Provider, client: Client
) -> None:
    url = url_to_provider(type_address(client, org.person.email))
    Domain.objects.filter(name="acme.example").update(**change)
    assert refused(back_at_console(client, provider.browser().sign_in(url, org.person.email)), client)
    assert 'name="password"' in type_address(client, org.person.email).content.decode()


def test_P8_who_is_suspended_or_deleted_stays_out(org: Organisation, provider: Provider) -> None:
    sign_in(Client(), provider, org.person.email)
    suspend_users(actor=Actor(org.admin), organisation=org.owner, people=[org.person.pk])
    client = Client()
    assert refused(sign_in(client, provider, org.person.email), client)
    assert FailedSignIns.objects.get(person=org.person).number == 1
    delete_user(actor=Actor(org.admin), person=org.person)
    assert refused(sign_in(client, provider, org.person.email), client)


def test_P15_a_known_address_is_not_taken_over_by_another_account(
    org: Organisation, provider: Provider, client: Client
) -> None:
    """The address was given to another person at the provider: who has it here is still Bob."""
    sign_in(Client(), provider, org.person.email)
    provider.say({"sub": "another"})
    answer = sign_in(client, provider, org.person.email)
    assert refused(answer, client)
    assert "linked with another account of your provider" in text_of(answer)


def test_P15_a_link_holds_when_the_address_changes_at_the_provider(
    org: Organisation, provider: Provider, client: Client
) -> None:
    sign_in(Client(), provider, org.person.email)
    provider.say({"email": "robert@acme.example"})
    sign_in(client, provider, org.person.email)
    assert client.session["_auth_user_id"] == str(org.person.pk)


# Answers that are none


def test_P12_the_own_factor_is_asked_for_where_the_provider_asked_for_none(
    org: Organisation, provider: Provider, client: Client
) -> None:
    secret = give_app(org.person)
    provider.say({"amr": ["pwd"]})
    assert sign_in(client, provider, org.person.email).headers["Location"] == STEP
    assert not is_signed_in(client)
    show_code(client, code_of(secret))
    assert is_signed_in(client)
    said = AuditEvent.objects.get(name="login_success").new_value
    assert said == {"way": "provider", "second_factor": "totp"}


def test_P12_a_factor_at_the_provider_counts(org: Organisation, provider: Provider, client: Client) -> None:
    give_app(org.person)
    provider.say({"amr": ["pwd", "otp"]})
    sign_in(client, provider, org.person.email)
    assert is_signed_in(client)
    said = AuditEvent.objects.get(name="login_success").new_value
    assert said == {"way": "provider", "second_factor": "provider"}


def test_P12_a_factor_at_the_provider_counts_for_no_password(
    org: Organisation, provider: Provider, client: Client
) -> None:
    """What the provider said in one sign-in does not hold for the next one with a password, in the same browser."""
    give_app(org.admin)
    provider.say({"amr": ["mfa"]})
    sign_in(client, provider, org.admin.email)
    assert not is_signed_in(client), "who keeps a password has a factor of their own"
    answer = client.post(SIGN_IN, {"login": org.admin.email, "password": PASSWORD})
    assert answer.headers["Location"] == STEP


def test_P15_a_temporary_password_is_not_asked_for(org: Organisation, provider: Provider, client: Client) -> None:
    User.objects.filter(pk=org.person.pk).update(must_change_password=True)
    sign_in(client, provider, org.person.email)
    assert is_signed_in(client)


def test_P11_who_is_invited_is_led_to_the_provider(org: Organisation) -> None:
    new = make_person(org.owner, name="New", email="new@acme.example")
    invite_user(actor=Actor(org.admin), person=new)
    send_due_mails()
    [sent] = mail.outbox
    assert "/accounts/login/" in sent.body and "You need no password here." in sent.body
    assert "/password/reset/" not in sent.body


def test_P15_signing_out_ends_the_session_here(org: Organisation, provider: Provider, client: Client) -> None:
    sign_in(client, provider, org.person.email)
    client.post("/accounts/logout/")
    assert not is_signed_in(client)
    assert AuditEvent.objects.filter(name="logout", actor_email=org.person.email).exists()


def test_P15_whoever_is_signed_in_as_another_is_signed_out_first(
    org: Organisation, provider: Provider, client: Client
) -> None:
    url = answer_of(org, provider, client)
    client.post(SIGN_IN, {"login": org.admin.email, "password": PASSWORD})
    back_at_console(client, url)
    assert client.session["_auth_user_id"] == str(org.person.pk)
    assert AuditEvent.objects.filter(name="logout", actor_email=org.admin.email).exists()


def test_P14_addresses_and_answers_are_limited(org: Organisation, settings: Any, client: Client) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {
        "address_typed": "2/m/ip",
        "provider_came_back": "2/m/ip",
    }
    assert [type_address(client, "x@other.example").status_code for _turn in range(3)] == [200, 200, 429]
    assert [client.get(org.callback).status_code for _turn in range(3)] == [302, 302, 429]
