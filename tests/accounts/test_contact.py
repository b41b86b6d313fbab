"""How people are reached, and passwords that a machine gives them: the verbs behind Directory v1."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.directory import deleting, passwords
from accounts.directory.contact import change_contact
from accounts.directory.signing_out import end_sessions_of
from accounts.errors import Refused
from accounts.models import AuditEvent, Customer, User
from accounts.proof import ProofNeeded
from accounts.roles import Role
from tests.client import signed_in as browser
from tests.factories import fresh, make_customer, make_person

GOOD = "nine-copper-harbour-9"


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme", "acme.example")


@pytest.fixture
def ana(acme: Customer) -> User:
    return make_person(acme, Role.SUPER_ADMIN, name="Ana")


@pytest.fixture
def bob(acme: Customer) -> User:
    return make_person(acme, name="Bob", email="bob@acme.example")


def test_an_event_says_what_was_and_what_is(bob: User) -> None:
    phones = [{"type": "work", "value": "+4940"}]
    change_contact(actor=None, person=bob, recovery_email="B@home.example", contact={"phones": phones, "notes": {}})
    [event] = AuditEvent.objects.filter(name="CHANGE_USER")
    assert event.old_value == {"recovery_email": "", "phones": []}
    assert event.new_value == {"recovery_email": "b@home.example", "phones": ["type: work, value: +4940"]}
    change_contact(actor=None, person=bob, recovery_email="b@home.example", contact={"phones": phones})
    assert AuditEvent.objects.filter(name="CHANGE_USER").count() == 1
    assert fresh(bob).contact == {"phones": phones}


@pytest.mark.parametrize(
    "contact",
    [
        {"unknown": [1]},
        {"phones": [{"value": "9" * 20_000}]},
        {"notes": {"a": {"b": {"c": {"d": {"e": "deep"}}}}}},
    ],
)
def test_what_no_directory_keeps_is_refused(bob: User, contact: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        change_contact(actor=None, person=bob, contact=contact)
    assert fresh(bob).contact == {}


def test_text_is_text_that_a_person_can_read(bob: User) -> None:
    change_contact(actor=None, person=bob, contact={"notes": {"value": "a\u202eb\nc\u200bd"}})
    assert fresh(bob).contact == {"notes": {"value": "ab\ncd"}}


def test_nothing_of_it_is_left_of_who_is_purged(bob: User) -> None:
    change_contact(actor=None, person=bob, recovery_phone="+49 40 123456", contact={"notes": {"value": "x"}})
    deleting.delete_user(actor=None, person=bob)
    User.objects.filter(pk=bob.pk).update(deleted_at=fresh(bob).deleted_at - deleting.UNDELETE_WITHIN)
    deleting.purge_deleted_users(actor=None)
    gone = fresh(bob)
    assert (gone.recovery_phone, gone.contact, gone.given_name, gone.family_name) == ("", {}, "–", "")


def test_who_gets_a_password_is_signed_out_and_may_have_to_choose_another(ana: User, bob: User) -> None:
    client: Client = browser(bob)
    assert client.get(reverse("account_logout")).status_code == 200
    passwords.set_password(actor=Actor(user=ana), person=bob, password=GOOD, must_change=True)
    assert client.get(reverse("account_logout")).status_code == 302
    assert fresh(bob).check_password(GOOD)
    assert fresh(bob).must_change_password
    with pytest.raises(Refused, match="password"):
        passwords.set_password(actor=Actor(user=ana), person=bob, password="password")
    assert fresh(bob).check_password(GOOD)


def test_P3_P13_whose_password_nobody_sets(acme: Customer, ana: User, bob: User) -> None:
    eve = make_person(acme, Role.SUPER_ADMIN, name="Eve")
    desk = make_person(acme, Role.HELP_DESK_ADMIN, name="Hugo")
    with pytest.raises(ProofNeeded):
        passwords.set_password(actor=Actor(user=ana, is_stale=True), person=eve, password=GOOD)
    with pytest.raises(Refused):
        passwords.set_password(actor=Actor(user=ana), person=ana, password=GOOD)
    with pytest.raises(Refused):
        passwords.set_password(actor=Actor(user=desk), person=eve, password=GOOD)
    with pytest.raises(PermissionDenied):
        passwords.set_password(actor=Actor(user=bob), person=desk, password=GOOD)
    passwords.set_password(actor=Actor(user=desk, is_stale=True), person=bob, password=GOOD)
    User.objects.filter(pk=eve.pk).update(must_change_password=True)
    with pytest.raises(ProofNeeded):
        passwords.demand_new_password(actor=Actor(user=ana, is_stale=True), person=eve, demanded=False)


def test_who_is_signed_out_everywhere_can_sign_in_again(ana: User, bob: User) -> None:
    client = browser(bob)
    assert client.get(reverse("account_logout")).status_code == 200
    end_sessions_of(actor=Actor(user=ana), person=bob)
    assert client.get(reverse("account_logout")).status_code == 302
    assert browser(bob).get(reverse("account_logout")).status_code == 200
