"""P14: signing in and out, failed attempts and links that were used stand in the audit log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.directory import people
from accounts.directory.rules import organisation_of
from accounts.models import AuditEvent, FailedSignIns, User
from accounts.roles import Role
from accounts.sign_in import events as sign_ins
from tests.factories import PASSWORD, fresh, make_customer, make_person, make_reseller
from web.middleware import LAST_SEEN_AT

pytestmark = pytest.mark.django_db

SIGN_IN, SIGN_OUT, RESET = "/accounts/login/", "/accounts/logout/", "/accounts/password/reset/"
WRONG, NEW = "wrong-lantern-orchard", "another-lantern-orchard"


@pytest.fixture(autouse=True)
def no_counted_attempts(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def alice(db: None) -> User:
    customer = make_customer("Acme", "acme.example")
    return make_person(customer, Role.SUPER_ADMIN, name="Alice", email="alice@acme.example", password=PASSWORD)


def sign_in(
    password: str = PASSWORD, login: str = "alice@acme.example", ip_address: str = "192.0.2.7", client: Any = None
) -> Client:
    browser: Client = client or Client()
    browser.post(SIGN_IN, {"login": login, "password": password}, REMOTE_ADDR=ip_address)
    return browser


def events(*names: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(name__in=names).order_by("pk"))


def pass_five_minutes() -> int:
    """Let five minutes go by for what was counted, and a worker look."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_failedsignins SET since = since - interval '5 minutes'")
    return sign_ins.settle_failed_sign_ins(actor=None)


def test_P14_signing_in_and_out_are_events_of_the_person(alice: User) -> None:
    browser = sign_in()
    browser.post(SIGN_OUT, REMOTE_ADDR="192.0.2.7")
    told = [(e.name, e.actor_email, e.customer_id, e.subject, e.ip_address) for e in events("login_success", "logout")]
    same = (alice.email, alice.customer_id, alice.email, "192.0.2.7")
    assert told == [("login_success", *same), ("logout", *same)]


def test_P14_without_its_event_nobody_is_signed_in_or_out(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, there = sign_in(), Client(raise_request_exception=False)
    inside.raise_request_exception = False
    before = (set(Session.objects.values_list("pk")), fresh(alice).last_login)

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(sign_ins, "record_audit", broken)
    sign_in(client=there)
    assert inside.post(SIGN_OUT).status_code == 500
    assert (set(Session.objects.values_list("pk")), fresh(alice).last_login) == before


def test_P14_who_was_idle_too_long_was_signed_out(alice: User) -> None:
    browser = sign_in()
    browser.get("/")
    session = browser.session
    session[LAST_SEEN_AT] -= 31 * 60
    session.save()
    browser.get("/")
    assert [event.actor_email for event in events("logout")] == [alice.email]


def test_P14_ending_other_sessions_says_how_many(alice: User) -> None:
    for _ in range(2):
        sign_in().get("/")
    browser = sign_in()
    browser.get("/")
    browser.post("/accounts/sessions/")
    assert [event.new_value for event in events("logout")] == [{"sessions": 2}]


def test_P14_failures_of_a_network_within_five_minutes_are_one_event_with_their_number(alice: User) -> None:
    for address in ("192.0.2.7", "192.0.2.200", "192.0.2.7", "198.51.100.1"):
        sign_in(WRONG, ip_address=address)
    for address in ("2001:db8:0:1::7", "2001:db8:0:1:ffff::1"):
        sign_in(WRONG, ip_address=address)
    assert events("login_failure") == [], "the five minutes are not over"
    assert sign_ins.settle_failed_sign_ins(actor=None) == 0
    assert pass_five_minutes() == 3
    told = {(e.new_value["network"], e.new_value["attempts"], e.customer_id) for e in events("login_failure")}
    customer = alice.customer_id
    # The last of them was refused for the time being: that is a failure too.
    assert told == {("192.0.2.0/24", 3, customer), ("198.51.100.0/24", 1, customer), ("2001:db8:0:1::/64", 2, customer)}
    assert {(e.subject, e.ip_address) for e in events("login_failure")} == {(alice.email, None)}
    assert pass_five_minutes() == 0, "written once"
    sign_in(WRONG)
    pass_five_minutes()
    assert len(events("login_failure")) == 4


def test_P14_a_known_browser_that_mistypes_is_counted_like_any_other(alice: User) -> None:
    home = sign_in()
    home.post(SIGN_OUT)
    for _ in range(7):
        sign_in(WRONG, client=home)
    pass_five_minutes()
    [event] = events("login_failure")
    assert event.new_value["attempts"] == 7


def test_P14_unknown_addresses_are_a_figure_and_what_was_typed_is_nowhere(alice: User) -> None:
    for number in range(4):
        sign_in("a-secret-typed-wrongly", f"secret{number}@acme.example")
    pass_five_minutes()
    assert events("login_failure") == []
    assert sign_ins.failures_at_unknown_addresses() == 4
    [row] = FailedSignIns.objects.values()
    assert not row["person_id"]
    assert not row["network"]
    assert "secret" not in str([*AuditEvent.objects.values(), row])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_failedsignins SET since = since - interval '31 days'")
    pass_five_minutes()
    assert not FailedSignIns.objects.exists()


def test_P14_known_and_unknown_addresses_cost_the_same_work(alice: User) -> None:
    suspended = make_person(organisation_of(alice), name="Sue", email="sue@acme.example", password=PASSWORD)
    people.suspend_user(actor=None, person=suspended)
    work = set()
    for login in (alice.email, suspended.email, "nobody@acme.example"):
        with CaptureQueriesContext(connection) as captured:
            sign_in(WRONG, login)
        work.add(len(captured))
    assert len(work) == 1


def test_P14_a_password_changed_by_oneself_and_by_a_link(alice: User) -> None:
    browser = sign_in()
    answer = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    browser.post("/accounts/password/change/", answer)
    assert [e.name for e in events("password_edit", "password_link_used")] == ["password_edit"]
    there = Client()
    there.post(RESET, {"email": alice.email})
    [path] = re.findall(r"(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    form = there.get(path, follow=True).redirect_chain[-1][0]
    assert len(events("password_link_used")) == 0, "looking at it uses nothing up"
    there.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    told = [(e.name, e.actor_email) for e in events("password_edit", "password_link_used")][1:]
    assert told == [("password_link_used", alice.email), ("password_edit", alice.email)]
    assert fresh(alice).check_password(PASSWORD)


def test_P14_the_customer_reads_it_filtered_and_in_french_and_nobody_else_does(alice: User) -> None:
    globex = make_person(make_customer("Globex", "globex.example"), Role.SUPER_ADMIN, name="Gina")
    sign_in(WRONG)
    pass_five_minutes()
    admin = Client()
    admin.force_login(alice, backend="accounts.backends.SignInBackend")
    url = reverse("audit_log", kwargs={"domain": "acme.example"})
    page = admin.get(url, {"event": "login_failure"}).content.decode()
    assert "Sign-in failed" in page
    assert "192.0.2.0/24" in page
    User.objects.filter(pk=alice.pk).update(language="fr")
    assert "Échec de connexion" in admin.get(url, {"event": "login_failure"}).content.decode()
    stranger = Client()
    stranger.force_login(globex, backend="accounts.backends.SignInBackend")
    assert stranger.get(url).status_code == 404
    theirs = stranger.get(reverse("audit_log", kwargs={"domain": "globex.example"})).content.decode()
    assert alice.email not in theirs


def test_P14_of_a_resellers_people_its_admins_read_it_and_no_customer(alice: User) -> None:
    reseller = make_reseller("Resale", "resale.example")
    rita = make_person(reseller, Role.RESELLER_ADMIN, name="Rita")
    tom = make_person(reseller, Role.RESELLER_AGENT, name="Tom", email="tom@resale.example", password=PASSWORD)
    sign_in(PASSWORD, tom.email)
    sign_in(WRONG, tom.email)
    pass_five_minutes()
    assert {(e.name, e.customer_id) for e in events("login_success", "login_failure")} == {
        ("login_success", None),
        ("login_failure", None),
    }
    admin = Client()
    admin.force_login(rita, backend="accounts.backends.SignInBackend")
    page = admin.get(reverse("reseller_activity")).content.decode()
    assert "Signed in" in page
    assert "Sign-in failed" in page


def test_P14_a_network_is_what_people_share() -> None:
    assert [sign_ins.network_of(ip) for ip in ("203.0.113.255", "2001:db8::1", "::1", None)] == [
        "203.0.113.0/24",
        "2001:db8::/64",
        "::/64",
        "",
    ]
