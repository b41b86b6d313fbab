"""X6: who adds, changes and removes webhooks, and what is kept of their secrets."""

from __future__ import annotations

import pytest
from cryptography.fernet import InvalidToken
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import override_settings

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.event_families import Family
from accounts.models import AuditEvent, Customer, User, WebhookEndpoint
from accounts.models.event_names import EventName
from accounts.models.webhooks import PausedBecause
from accounts.proof import ProofNeeded
from accounts.roles import Role
from accounts.webhooks import asking, endpoints
from accounts.webhooks.asking import replay_delivery, send_test
from accounts.webhooks.endpoints import (
    add_webhook,
    pause_webhook,
    remove_webhook,
    resume_webhook,
    rotate_webhook_secret,
)
from accounts.webhooks.queueing import new_endpoint
from accounts.webhooks.rules import endpoints_of, families_for
from accounts.webhooks.signing import opened
from subscriptions.restoring import close_restored_access
from tests.accounts.webhooks.receiver import listen
from tests.factories import make_customer, make_person, make_reseller

URL = "http://127.0.0.1:1/hooks?key=secret"


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme", "acme.example")


@pytest.fixture
def ana(acme: Customer) -> User:
    return make_person(acme, Role.SUPER_ADMIN, name="Ana")


def test_X6_a_secret_is_kept_encrypted_only_and_stands_in_no_event(ana: User) -> None:
    endpoint, secret = listen(ana, URL)
    row = WebhookEndpoint.objects.filter(pk=endpoint.pk).values().get()
    assert secret not in str(row) and opened(endpoint.secret) == secret
    [event] = AuditEvent.objects.filter(name=EventName.CREATE_WEBHOOK)
    assert (event.subject, event.new_value["host"]) == ("Ticketing", "127.0.0.1:1")
    assert secret not in str(event.new_value) and "key=secret" not in str(event.new_value)


def test_X6_secrets_move_under_a_new_key(ana: User) -> None:
    endpoint, secret = listen(ana, URL)
    rotate_webhook_secret(actor=Actor(user=ana), endpoint=endpoint)
    new = "n" * 60
    with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[_key()]):
        call_command("renew_factor_secrets")
    endpoint.refresh_from_db()
    with pytest.raises(InvalidToken):
        opened(endpoint.old_secret)
    with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[]):
        assert opened(endpoint.old_secret) == secret


def _key() -> str:
    from django.conf import settings  # noqa: PLC0415  as it is at this moment

    return str(settings.SECRET_KEY)


def test_X6_only_super_admins_and_reseller_admins_have_webhooks(acme: Customer, ana: User) -> None:
    endpoint, _secret = listen(ana, URL)
    delivery = send_test(actor=Actor(user=ana), endpoint=endpoint)
    reseller = make_reseller("Resale", "resale.example")
    strangers = [make_person(make_customer("Globex", "globex.example"), Role.SUPER_ADMIN)]
    strangers += [make_person(acme, role) for role in (Role.USER_MANAGEMENT_ADMIN, Role.AUDITOR)]
    strangers += [make_person(reseller, role) for role in (Role.RESELLER_AGENT, Role.RESELLER_ADMIN)]
    for person in strangers:
        actor = Actor(user=person)
        with pytest.raises(PermissionDenied):
            listen(person, URL, organisation=acme)
        for verb in (rotate_webhook_secret, pause_webhook, resume_webhook, remove_webhook, send_test):
            with pytest.raises(PermissionDenied):
                verb(actor=actor, endpoint=endpoint)
        with pytest.raises(PermissionDenied):
            replay_delivery(actor=actor, delivery=delivery)
    with pytest.raises(PermissionDenied):
        listen(ana, URL, organisation=reseller)
    assert listen(strangers[-1], URL)


def test_P13_giving_asks_for_a_proof_and_taking_does_not(acme: Customer, ana: User) -> None:
    stale = Actor(user=ana, is_stale=True)
    with pytest.raises(ProofNeeded):
        add_webhook(actor=stale, organisation=acme, name="x", url=URL, families=[Family.ACCESS])
    endpoint, _secret = listen(ana, URL)
    with pytest.raises(ProofNeeded):
        rotate_webhook_secret(actor=stale, endpoint=endpoint)
    assert pause_webhook(actor=stale, endpoint=endpoint)
    assert not pause_webhook(actor=stale, endpoint=endpoint)
    with pytest.raises(ProofNeeded):
        resume_webhook(actor=stale, endpoint=endpoint)
    assert remove_webhook(actor=stale, endpoint=endpoint)
    assert not remove_webhook(actor=stale, endpoint=endpoint)
    for verb in (rotate_webhook_secret, resume_webhook, send_test):
        with pytest.raises(Refused):
            verb(actor=Actor(user=ana), endpoint=endpoint)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "https://ana:pass@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com:port/",
        "https://hooks.example.com:0/",
        "https://hooks.example.com/\r\nX: y",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fe80::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://hööks.example.com/",
        f"https://hooks.example.com/{'x' * 500}",
    ],
)
def test_X6_only_https_on_the_internet_is_a_url_of_a_webhook(ana: User, url: str) -> None:
    with pytest.raises(Refused) as refused:
        listen(ana, url)
    assert refused.value.field == "url"
    with pytest.raises(Refused):
        new_endpoint(organisation=ana.customer, kind="channel", name="1", url=url)  # type: ignore[arg-type]


def test_X6_http_and_loopback_are_for_tests_and_the_demo(ana: User) -> None:
    with override_settings(WEBHOOK_NETWORKS=[]):
        for url in (URL, "https://127.0.0.1/", "https://localhost/", "https://[::1]/"):
            with pytest.raises(Refused):
                listen(ana, url)
        assert listen(ana, "https://hooks.example.com/a?b=c")


def test_X6_a_webhook_chooses_families_that_its_organisation_hears_of(acme: Customer, ana: User) -> None:
    for families in ([], [Family.STAFF], [Family.ACCESS, Family.STAFF]):
        with pytest.raises(Refused) as refused:
            add_webhook(actor=Actor(user=ana), organisation=acme, name="x", url=URL, families=families)
        assert refused.value.field == "families"
    assert Family.STAFF in families_for(make_reseller("Resale", "resale.example"))


def test_X6_names_are_given_once_and_there_are_a_few(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint, _secret = listen(ana, URL)
    with pytest.raises(Refused) as refused:
        listen(ana, URL, name="TICKETING")
    assert refused.value.field == "name"
    monkeypatch.setattr(endpoints, "MOST", 1)
    with pytest.raises(Refused):
        listen(ana, URL, name="Second")
    remove_webhook(actor=Actor(user=ana), endpoint=endpoint)
    assert listen(ana, URL)


def test_X6_tests_are_few_and_none_goes_to_a_paused_webhook(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "TESTS", 2)
    endpoint, _secret = listen(ana, URL)
    first = send_test(actor=Actor(user=ana), endpoint=endpoint)
    send_test(actor=Actor(user=ana), endpoint=endpoint)
    with pytest.raises(Refused):
        send_test(actor=Actor(user=ana), endpoint=endpoint)
    with pytest.raises(Refused):
        replay_delivery(actor=Actor(user=ana), delivery=first)  # it waits anyway
    pause_webhook(actor=Actor(user=ana), endpoint=endpoint)
    monkeypatch.setattr(asking, "TESTS", 20)
    with pytest.raises(Refused):
        send_test(actor=Actor(user=ana), endpoint=endpoint)


def test_X6_a_restored_backup_sends_nothing(ana: User) -> None:
    """The webhook may have been removed since the backup was taken."""
    endpoint, _secret = listen(ana, URL)
    close_restored_access(restored_from=database_now(), last_numbers=None)
    endpoint.refresh_from_db()
    assert endpoint.paused_because == PausedBecause.RESTORED
    [event] = AuditEvent.objects.filter(name=EventName.PAUSE_WEBHOOK)
    assert (event.actor_kind, event.customer_id) == ("system", ana.customer_id)
    assert resume_webhook(actor=Actor(user=ana), endpoint=endpoints_of(ana.customer).get())  # type: ignore[arg-type]
