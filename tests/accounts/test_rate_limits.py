"""Rate limits that are reached, and lifting one (P14, decision 6)."""

from __future__ import annotations

import time

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import AuditEvent, User
from accounts.organisations import VENDOR
from accounts.proof import ProofNeeded
from accounts.rate_limits import AT_MOST, Limit, counters_of, lift_rate_limit, limits_in_force
from accounts.roles import Role
from tests.client import main_text_of, signed_in
from tests.factories import PASSWORD, make_customer, make_person, put_person
from tests.rate_limits import reach_limit, use_up

pytestmark = pytest.mark.django_db
PAGE, LIFT = "/operations/limits/", "/operations/limits/lift/"


@pytest.fixture(autouse=True)
def empty_cache(db: None) -> None:
    cache.clear()


def guess(person: User, times: int) -> Client:
    browser = Client()
    for number in range(times):
        browser.post("/accounts/login/", {"login": person.email, "password": f"wrong-{number}-wrong"})
    return browser


def test_exactly_the_limits_that_are_reached_are_listed() -> None:
    person = make_person(make_customer("Acme"), Role.AUDITOR)
    assert limits_in_force() == []
    use_up("sign_in", ip_address="192.0.2.7")
    use_up("unknown_reseller", user=person)
    found = {limit.name: limit for limit in limits_in_force()}
    assert found.keys() == {Limit.SIGN_IN, Limit.UNKNOWN_RESELLER}
    assert (found["sign_in"].ip_address, found["sign_in"].person) == ("192.0.2.7", None)
    assert (found["unknown_reseller"].person, found["unknown_reseller"].number) == (person.pk, 20)
    key = found["sign_in"].key
    cache.set(key, cache.get(key)[1:], 60)
    assert {limit.name for limit in limits_in_force()} == {Limit.UNKNOWN_RESELLER}, "one less is not the limit"
    assert limits_in_force([key]) == []


def test_each_limit_that_people_meet_has_a_name() -> None:
    assert {name for name, limit in settings.ACCOUNT_RATE_LIMITS.items() if limit} <= set(Limit.values)


def test_A4_whom_a_limit_stops_is_named_by_address_only_where_it_was_asked_for() -> None:
    person = make_person(make_customer("Acme", "acme.example"), Role.AUDITOR, email="ana@acme.example")
    reach_limit(person)
    client = signed_in(put_person(VENDOR, Role.VENDOR_OPERATOR))
    page = main_text_of(client.get(PAGE))
    assert "A person of Acme" in page
    assert "ana@" not in page
    found = client.get(PAGE, {"email": "ana@acme.example"})
    assert [row.whose for row in found.context["rows"]] == ["ana@acme.example"]


def test_a_list_that_was_cut_says_so_also_where_some_counters_hold_no_longer() -> None:
    client = signed_in(put_person(VENDOR, Role.VENDOR_OPERATOR))
    now = time.time()
    for number in range(AT_MOST - 1):
        cache.set(f"allauth:rl:allauth.account:sign_in:30/60/ip:ip:192.0.2.{number}", [now] * 30, 60)
    assert "There may be more" not in main_text_of(client.get(PAGE))
    cache.set("allauth:rl:allauth.account:sign_in:30/60/ip:ip:198.51.100.7", [now - 120] * 30, 60)
    page = client.get(PAGE)
    assert len(page.context["rows"]) == AT_MOST - 1
    assert "There may be more" in main_text_of(page)


def test_P14_a_person_who_mistyped_signs_in_at_once_when_an_operator_lifts_the_limit() -> None:
    operator = put_person(VENDOR, Role.VENDOR_OPERATOR)
    person = make_person(make_customer("Acme", "acme.example"), Role.AUDITOR, email="ana@acme.example")
    User.objects.filter(pk=person.pk).update(password=make_password(PASSWORD))
    browser = guess(person, 6)
    right = {"login": person.email, "password": PASSWORD}
    assert browser.post("/accounts/login/", right).status_code != 302
    client = signed_in(operator)
    page = client.get(PAGE, {"email": "ANA@acme.example"})
    [row] = page.context["rows"]
    assert str(row.label) == "Wrong passwords and codes"
    assert "ana@acme.example" not in main_text_of(client.get(PAGE)), "what was typed is no name of a person"
    client.post(LIFT, {"limit": row.name})
    assert browser.post("/accounts/login/", right).status_code == 302
    event = AuditEvent.objects.get(name="LIFT_RATE_LIMIT")
    assert (event.actor_email, event.customer_id, event.subject) == (operator.email, person.customer_id, person.email)
    assert event.new_value == {"rate_limit": "login_failed"}


def test_only_what_holds_is_lifted_by_operators_with_a_fresh_proof() -> None:
    operator = put_person(VENDOR, Role.VENDOR_OPERATOR)
    limit = reach_limit(make_person(make_customer("Acme"), Role.AUDITOR))
    for actor, error in (
        (Actor(put_person(VENDOR, Role.VENDOR_SUPPORT)), PermissionDenied),
        (Actor(operator, is_stale=True), ProofNeeded),
    ):
        with pytest.raises(error):
            lift_rate_limit(actor=actor, key=limit.key)
    assert limits_in_force() == [limit]
    lift_rate_limit(actor=Actor(operator), key=limit.key)
    assert limits_in_force() == []
    for key in (limit.key, "session", "allauth:rl:no:such:1/1/ip:x"):
        with pytest.raises(Refused):
            lift_rate_limit(actor=Actor(operator), key=key)
    assert AuditEvent.objects.filter(name="LIFT_RATE_LIMIT").count() == 1


def test_a_forged_name_of_a_limit_is_404() -> None:
    client = signed_in(put_person(VENDOR, Role.VENDOR_OPERATOR))
    limit = reach_limit(make_person(make_customer("Acme"), Role.AUDITOR))
    assert client.post(LIFT, {"limit": limit.key}).status_code == 404
    assert limits_in_force() == [limit]


def test_the_counters_of_a_person_are_theirs_alone() -> None:
    customer = make_customer("Acme", "acme.example")
    ana = make_person(customer, email="ana@acme.example")
    ben = make_person(customer, email="ben@acme.example")
    assert not set(counters_of(ana, "testserver")) & set(counters_of(ben, "testserver"))
