"""P12: passkeys, with a device that answers as browsers do; a real browser: tests/browser/test_second_factor.py."""

from __future__ import annotations

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django import Settings

from accounts.directory.rules import organisation_of
from accounts.models import AuditEvent, Mail, User
from accounts.roles import Role
from tests.accounts.signing_in import alice, is_signed_in, no_counted_attempts, sign_in
from tests.client import signed_in
from tests.factories import make_person
from tests.second_factors import ORIGIN, PASSKEY, SIGN_IN, STEP, Device, give_passkey, half_signed_in

__all__ = ["alice", "no_counted_attempts"]

pytestmark = pytest.mark.django_db

ADD = "/accounts/second-factor/passkey/"


def asked(client: Client) -> dict[str, Any]:
    """What the browser is to ask the device for, on the sign-in page."""
    answer: dict[str, Any] = client.get(PASSKEY, headers={"Accept": "application/json"}).json()["publicKey"]
    return answer


def send(client: Client, credential: dict[str, Any], url: str = PASSKEY, **more: str) -> Any:
    return client.post(url, {"credential": json.dumps(credential), **more})


def test_P12_a_passkey_signs_in_alone_and_the_event_says_so(alice: User, client: Client) -> None:
    device = give_passkey(alice)
    planted = client.get(PASSKEY, headers={"Accept": "application/json"})
    before = client.cookies["sessionid"].value
    answer = send(client, device.show(planted.json()["publicKey"]), next="/accounts/sessions/")
    assert answer.headers["Location"] == "/accounts/sessions/"
    assert is_signed_in(client)
    assert client.cookies["sessionid"].value != before
    assert AuditEvent.objects.get(name="login_success").new_value == {"second_factor": "passkey"}


def test_P12_an_answer_counts_once(alice: User, client: Client) -> None:
    device = give_passkey(alice)
    credential = device.show(asked(client))
    assert send(client, credential).headers["Location"] == "/"
    client.post("/accounts/logout/")
    assert send(client, credential).headers["Location"] == SIGN_IN
    asked(client)
    assert send(client, credential).headers["Location"] == SIGN_IN
    assert not is_signed_in(client)


def test_P12_a_device_that_asked_for_no_pin_opens_nothing(alice: User, client: Client) -> None:
    """Neither alone nor with a challenge that the second step of another person made."""
    device = give_passkey(alice)
    device.flags = Device(alice, verifies=False).flags
    assert send(client, device.show(asked(client))).headers["Location"] == SIGN_IN
    mallory = make_person(organisation_of(alice), name="Mallory", password="seven-lantern-orchard")
    give_passkey(mallory)
    half = half_signed_in(mallory)
    challenge = half.get(STEP).context["options"]["publicKey"]
    assert challenge["userVerification"] == "required"
    send(half, device.show(challenge))
    assert not is_signed_in(half)


IMITATIONS = ["https://evil.example", "http://testserver", "https://testserver.evil.example"]
# fido2 takes these for ours.
IMITATIONS += ["https://evil.testserver", "https://testserver:8443"]


@pytest.mark.parametrize("origin", IMITATIONS)
def test_P12_an_imitated_page_gets_nothing(origin: str, alice: User, client: Client) -> None:
    device = give_passkey(alice)
    assert send(client, device.show(asked(client), origin)).headers["Location"] == SIGN_IN
    assert not is_signed_in(client)


def test_P12_a_host_below_ours_gets_nothing_also_where_it_leads_to_us(
    alice: User, client: Client, settings: Settings
) -> None:
    """Its page hands on to us what it was shown, under its own name."""
    settings.DEMO, settings.CONSOLE_URL, settings.ALLOWED_HOSTS = False, ORIGIN, [".testserver"]
    device = give_passkey(alice)
    client.defaults["HTTP_HOST"] = "evil.testserver"
    assert send(client, device.show(asked(client), "https://evil.testserver")).headers["Location"] == SIGN_IN
    assert not is_signed_in(client)
    send(client, device.show(asked(client)))
    assert is_signed_in(client)


def test_P12_another_device_opens_nothing(alice: User, client: Client) -> None:
    give_passkey(alice)
    stranger = Device(alice)
    assert send(client, stranger.show(asked(client))).headers["Location"] == SIGN_IN
    assert not is_signed_in(client)


def test_P8_a_suspended_person_does_not_get_in_by_a_passkey(alice: User, client: Client) -> None:
    device = give_passkey(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert send(client, device.show(asked(client))).headers["Location"] == SIGN_IN
    User.objects.filter(pk=alice.pk).update(is_active=True)
    assert not is_signed_in(client)


def test_P12_a_passkey_is_the_second_step_too_and_only_the_person_s_own(alice: User) -> None:
    own = give_passkey(alice)
    other = make_person(organisation_of(alice), Role.AUDITOR, name="Olaf")
    wrong = give_passkey(other)
    half = half_signed_in(alice)
    assert send(half, wrong.show(half.get(STEP).context["options"]["publicKey"]), STEP).status_code == 200
    assert not is_signed_in(half)
    send(half, own.show(half.get(STEP).context["options"]["publicKey"]), STEP)
    assert is_signed_in(half)


def test_P12_a_passkey_is_added_named_and_removed_and_each_is_told(alice: User) -> None:
    client = signed_in(alice)
    device = Device(alice)
    page = client.get(ADD)
    assert page.context["options"]["publicKey"]["authenticatorSelection"] == {
        "residentKey": "required",
        "userVerification": "required",
        "requireResidentKey": True,
    }
    made = device.make(page.context["options"]["publicKey"])
    answer = send(client, made, ADD, name="Laptop")
    assert answer.headers["Location"] == "/accounts/second-factor/codes/"
    codes = client.get(answer.headers["Location"]).context["codes"]
    assert len(codes) == 10
    assert client.get(answer.headers["Location"]).context["codes"] == []
    row = Authenticator.objects.get(type="webauthn")
    client.post(f"/accounts/second-factor/{row.pk}/name/", {"name": "  Old \u202e laptop "})
    row.refresh_from_db()
    assert row.data["name"] == "Old laptop"
    client.post(f"/accounts/second-factor/{row.pk}/remove/")
    assert not Authenticator.objects.exists()
    names = list(AuditEvent.objects.filter(target_id=alice.pk).order_by("pk").values_list("name", flat=True))
    assert names[-3:] == ["2sv_enroll", "2sv_change", "2sv_disable"]
    assert Mail.objects.filter(kind="factor_changed", recipient=alice).count() == 3
    elsewhere = Client()
    send(elsewhere, device.show(asked(elsewhere)))
    assert not is_signed_in(elsewhere)


def test_a_passkey_without_a_pin_is_not_added(alice: User) -> None:
    client = signed_in(alice)
    made = Device(alice, verifies=False).make(client.get(ADD).context["options"]["publicKey"])
    assert send(client, made, ADD, name="Key").status_code == 200
    assert not Authenticator.objects.exists()


def test_P12_nobody_changes_the_factor_of_another_person(alice: User) -> None:
    give_passkey(alice)
    row = Authenticator.objects.get()
    stranger = signed_in(make_person(organisation_of(alice), Role.SUPER_ADMIN, name="Bob"))
    for what in ("name", "remove"):
        assert stranger.post(f"/accounts/second-factor/{row.pk}/{what}/", {"name": "Mine"}).status_code == 404
    row.refresh_from_db()
    assert row.data["name"] == "Laptop"


def test_without_a_second_factor_the_password_signs_in_as_before(alice: User, client: Client) -> None:
    assert sign_in(client).headers["Location"] == "/"
    assert AuditEvent.objects.get(name="login_success").new_value is None
