"""P12: of whom a second factor is required: 14 days of grace with a countdown, then nothing else opens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.test import Client

from accounts.actor import Actor
from accounts.authorisation import authorise, authorise_operator
from accounts.clock import database_now
from accounts.directory.rules import organisation_of
from accounts.factors import GRACE, RequiredOf, duty_of, is_locked_out
from accounts.mail.sending import send_due_mails
from accounts.models import AuditEvent, Mail, Notification, User
from accounts.organisations import VENDOR
from accounts.permissions import Permission
from accounts.roles import Role
from accounts.sign_in.enrolling import add_app, new_app_secret, remove_factor
from accounts.sign_in.factor_adapter import FactorAdapter
from accounts.sign_in.grace import reminders
from tests.accounts.reading_notices import tell
from tests.accounts.signing_in import alice, no_counted_attempts, sign_in
from tests.client import signed_in, text_of
from tests.factories import fresh, make_person, make_reseller
from tests.second_factors import code_of, give_app

__all__ = ["alice", "no_counted_attempts"]

pytestmark = pytest.mark.django_db

HOME, FACTORS, APP = "/console/acme.example/", "/accounts/second-factor/", "/accounts/second-factor/app/"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _required(settings: LazySettings) -> None:
    settings.SECOND_FACTOR_REQUIRED = list(RequiredOf)


def grace_ends_in(person: User, left: timedelta) -> None:
    User.objects.filter(pk=person.pk).update(factor_due_at=database_now() + left)


def is_led_away(client: Client) -> bool:
    return client.get(HOME).headers.get("Location") == FACTORS


def test_P12_the_grace_begins_with_the_first_request_and_once(alice: User, client: Client) -> None:
    assert alice.factor_due_at is None
    assert sign_in(client).status_code == 302
    page = text_of(client.get(HOME))
    assert "14 days left to add a second factor." in page
    due = fresh(alice).factor_due_at
    assert due is not None and abs(due - database_now() - GRACE) < timedelta(minutes=1)
    [event] = AuditEvent.objects.filter(name="2SV_REQUIRED")
    assert (event.actor_id, event.target_id, event.new_value) == (None, alice.pk, {"due_at": due.isoformat()})
    client.get(HOME)
    assert sign_in(Client()).status_code == 302
    assert fresh(alice).factor_due_at == due
    assert AuditEvent.objects.filter(name="2SV_REQUIRED").count() == 1


def test_P12_nobody_is_locked_out_on_the_day_of_the_upgrade(
    alice: User, client: Client, settings: LazySettings
) -> None:
    """A person who has been here for years, and is signed in while the rule begins."""
    settings.SECOND_FACTOR_REQUIRED = []
    sign_in(client)
    User.objects.update(created_at=F("created_at") - timedelta(days=900), last_login=database_now() - 800 * DAY)
    assert "second factor is required" not in text_of(client.get(HOME)).lower()
    settings.SECOND_FACTOR_REQUIRED = list(RequiredOf)
    assert "14 days left" in text_of(client.get(HOME))


def test_P12_the_countdown_is_on_each_page_and_its_last_day_counts(alice: User, client: Client) -> None:
    sign_in(client)
    grace_ends_in(alice, timedelta(minutes=5))
    for path in (HOME, "/notifications/", FACTORS, APP, "/accounts/password/change/"):
        assert "1 day left to add a second factor." in text_of(client.get(path)), path


def test_P12_after_the_grace_only_adding_one_opens_and_then_everything(alice: User, client: Client) -> None:
    sign_in(client)
    grace_ends_in(alice, -timedelta(seconds=1))
    assert is_led_away(client)
    assert client.get("/no/such/page/").headers["Location"] == FACTORS
    page = client.get(FACTORS)
    assert "A second factor is required of you." in text_of(page)
    assert "<nav class" not in page.content.decode().split("<main")[0]
    assert client.post("/preferences/", {"language": "fr"}).status_code == 302
    client.get(APP)
    secret = _secret_of(client)
    assert client.post(APP, {"code": code_of(secret)}).status_code == 303
    assert client.get(HOME).status_code == 200
    assert "second facteur" not in text_of(client.get(HOME))


def _secret_of(client: Client) -> str:
    return FactorAdapter().decrypt(client.session["second_factor_secret"])


def test_P12_after_the_grace_one_can_sign_out(alice: User, client: Client) -> None:
    sign_in(client)
    grace_ends_in(alice, -DAY)
    assert client.post("/accounts/logout/").status_code == 302
    assert "login" in client.get(HOME).headers["Location"]


def test_P12_a_temporary_password_is_replaced_before_the_factor_is_asked_for(alice: User, client: Client) -> None:
    grace_ends_in(alice, -DAY)
    User.objects.filter(pk=alice.pk).update(must_change_password=True)
    sign_in(client)
    assert client.get(HOME).headers["Location"] == "/accounts/password/change/"
    assert client.get("/accounts/password/change/").status_code == 200


def test_P12_who_removes_the_last_one_has_no_second_grace(alice: User, client: Client) -> None:
    sign_in(client)
    client.get(HOME)
    secret = new_app_secret()
    added = add_app(actor=Actor(alice), secret=secret, code=code_of(secret))
    grace_ends_in(alice, -DAY)
    assert client.get(HOME).status_code == 200
    remove_factor(actor=Actor(alice), factor_id=added.row.pk)
    assert is_led_away(client)


def person_of(kind: str, alice: User) -> User:
    customer = organisation_of(alice)
    return {
        "super admin": lambda: alice,
        "auditor": lambda: make_person(customer, Role.AUDITOR),
        "agent": lambda: make_person(make_reseller(), Role.RESELLER_AGENT),
        "vendor support": lambda: make_person(VENDOR, Role.VENDOR_SUPPORT),
    }[kind]()


@pytest.mark.parametrize(
    ("kind", "named"),
    [("super admin", "super-admins"), ("auditor", ""), ("agent", "resellers"), ("vendor support", "vendor")],
)
def test_P12_of_whom_it_is_required(kind: str, named: str, alice: User, settings: LazySettings) -> None:
    person = person_of(kind, alice)
    grace_ends_in(person, -DAY)
    assert is_locked_out(fresh(person)) == bool(named)
    settings.SECOND_FACTOR_REQUIRED = [other for other in RequiredOf if other != named]
    assert duty_of(fresh(person)) is None
    settings.SECOND_FACTOR_REQUIRED = list(RequiredOf)
    give_app(person)
    assert duty_of(fresh(person)) is None


def test_P12_what_acts_for_a_person_behind_the_pages_is_refused_too(alice: User) -> None:
    customer, operator = alice.customer, make_person(VENDOR, Role.VENDOR_OPERATOR)
    assert customer is not None
    authorise(Actor(alice), Permission.MANAGE_USERS, customer)
    authorise_operator(Actor(operator))
    for person in (alice, operator):
        grace_ends_in(person, -DAY)
    with pytest.raises(PermissionDenied, match="second factor"):
        authorise(Actor(alice), Permission.MANAGE_USERS, customer)
    with pytest.raises(PermissionDenied):
        authorise_operator(Actor(operator))


def remind() -> list[str]:
    """Queue what is due, send it, and return what it says."""
    mail.outbox.clear()
    for _done in reminders():
        pass
    send_due_mails()
    return [str(message.body) for message in mail.outbox if "second factor" in message.subject]


@pytest.mark.usefixtures("_no_other_mail")
def test_P12_reminders_by_mail_at_the_beginning_7_days_and_1_day_before(alice: User, client: Client) -> None:
    sign_in(client)
    client.get(HOME)
    assert len(remind()) == 1
    for left, mails in ((8 * DAY, 0), (7 * DAY, 1), (6 * DAY, 0), (DAY, 1), (DAY / 2, 0), (-DAY, 0)):
        grace_ends_in(alice, left)
        found = remind()
        assert len(found) == mails, left
        assert all("/accounts/second-factor/" in body for body in found)


@pytest.mark.usefixtures("_no_other_mail")
def test_P12_who_has_added_one_meanwhile_gets_no_reminder(alice: User, client: Client) -> None:
    sign_in(client)
    client.get(HOME)
    give_app(alice)
    assert remind() == []
    grace_ends_in(alice, DAY)
    assert remind() == []


@pytest.fixture
def _no_other_mail(alice: User) -> None:
    Mail.objects.all().delete()


def test_P12_the_person_hears_of_it_in_the_console(alice: User) -> None:
    User.objects.update(created_at=database_now() - DAY)
    client: Any = signed_in(alice)
    client.get(HOME)
    tell()
    assert Notification.objects.filter(recipient=alice, event__name="2SV_REQUIRED").count() == 1
    assert "A second factor is required of you: add one" in text_of(client.get("/notifications/"))
