from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from accounts.directory.tree import tree_of
from accounts.machines.assertions import BadAssertion
from accounts.machines.granting import NotDelegated, grant
from accounts.machines.scopes import SCOPES
from accounts.machines.tokens import show
from accounts.models import AuditEvent, Customer, Reseller, User
from accounts.models.devices import DeviceStatus
from accounts.roles import Role
from accounts.two_people.reading import waiting_proposals_of
from demo import workforce
from demo.cast import ACCOUNTS, ACME, APP_SECRET, LUMIERE, NORTHWIND, OTTO, PASSWORD, RESALE_ONE, VOICE
from subscriptions.access.customers_page import customers_page
from subscriptions.access.effective import AccessState
from subscriptions.access.overview import overview_of
from subscriptions.access.requests import is_open, requests_to, subscriptions_asked_for
from subscriptions.access.scope import relations_of
from subscriptions.models import AccessChange, AccessGrant, Licence, Order, Subscription, Transfer
from subscriptions.models.change import Outcome
from subscriptions.models.order import OrderKind
from subscriptions.models.subscription import Status
from subscriptions.reviews.scope import lines_of, reviews_of, waiting_lines
from subscriptions.seats import with_use
from tests.api.machines import assertion
from tests.openings import openings
from tests.second_factors import code_of
from web.console.health import health_now


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The demo, loaded once for all tests here and rolled back behind the last."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_demo", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(loaded: None, db: None) -> None:
    """The demo as it was loaded; what the test changes is rolled back."""


def person(email: str) -> User:
    return User.objects.get(email=email)


def test_loading_again_changes_nothing(demo: None, capsys: pytest.CaptureFixture[str]) -> None:
    before = AuditEvent.objects.count(), AccessChange.objects.count(), User.objects.count()
    call_command("load_demo")
    assert (AuditEvent.objects.count(), AccessChange.objects.count(), User.objects.count()) == before
    assert "already" in capsys.readouterr().out


def test_every_account_signs_in_with_the_password_that_is_said(demo: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo_accounts")
    said = capsys.readouterr().out
    assert PASSWORD in said
    for account in ACCOUNTS:
        assert account.email in said
        validate_password(PASSWORD, person(account.email))
        assert authenticate(RequestFactory().post("/"), email=account.email, password=PASSWORD) == person(account.email)


def test_P12_one_account_signs_in_with_a_code_of_the_secret_that_is_said(
    demo: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("demo_accounts")
    assert f"{OTTO}: {APP_SECRET}" in capsys.readouterr().out
    client = Client()
    client.post("/accounts/login/", {"login": OTTO, "password": PASSWORD})
    assert client.get("/reseller/").status_code == 302
    client.post("/accounts/login/second-step/", {"code": code_of(APP_SECRET)})
    assert client.get("/reseller/").status_code == 200


def test_the_demo_shows_every_state_of_access(demo: None) -> None:
    page = customers_page(person("rosa@resale-one.example"))
    assert page.total > 120
    assert len(page.rows) == 50
    assert page.next is not None
    assert {row.state for row in page.rows} == set(AccessState)
    assert set(AccessChange.objects.values_list("outcome", flat=True)) == {None, *Outcome.values}


def test_R17_a_request_of_northwind_waits_for_acmes_answer(demo: None) -> None:
    [asked] = requests_to(Customer.objects.get(primary_domain=ACME)).filter(is_open())
    assert (asked.reseller.primary_domain, asked.level) == (NORTHWIND, "directory")
    assert list(subscriptions_asked_for(asked).values_list("sku", flat=True)) == [VOICE]


def test_R22_acmes_review_is_half_done_and_resale_ones_is_finished(demo: None) -> None:
    acme, resale = Customer.objects.get(primary_domain=ACME), Reseller.objects.get(primary_domain=RESALE_ONE)
    [review], [finished] = reviews_of(acme), reviews_of(resale)
    assert not review.is_over
    assert 0 < waiting_lines(review).count() < lines_of(review).count()
    assert (finished.finished_by_email, finished.undecided) == ("rosa@resale-one.example", 0)
    assert finished.result["remove"] == 1


def test_acme_has_three_resellers_and_the_vendor_and_lumiere_a_failed_change(demo: None) -> None:
    acme = overview_of(Customer.objects.get(primary_domain=ACME))
    assert [(s.reseller.name, s.console.access) for s in acme.sections] == [
        ("Harbour Telecom", AccessState.OPEN),
        ("Northwind Cloud", AccessState.CLOSED),
        ("Resale One", AccessState.OPEN),
    ]
    assert [box.access for box in acme.sections[2].boxes].count(AccessState.OPEN) == 1
    lumiere = overview_of(Customer.objects.get(primary_domain=LUMIERE))
    assert {s.reseller.name: s.console.reason != "" for s in lumiere.sections} == {
        "Northwind Cloud": False,
        "Paused Partners": True,
        "Resale One": False,
    }
    northwind = lumiere.sections[0]
    assert (northwind.is_support_only, northwind.contracts) == (True, ["Google Workspace"])
    assert person("claire@lumiere.example").language == "fr"


def test_the_health_of_acme_says_what_nobody_uses_and_what_is_too_wide(demo: None) -> None:
    customer = Customer.objects.get(primary_domain=ACME)
    found = health_now(customer, overview_of(customer)).needs_a_look
    assert {(finding.kind.value, finding.box and finding.box.reseller.name) for finding in found} == {
        ("long_unused", "Harbour Telecom"),
        ("wider", "Resale One"),
    }


def test_P4_the_agents_see_different_customers(demo: None) -> None:
    tom, mia = (set(relations_of(person(f"{name}@resale-one.example"))) for name in ("tom", "mia"))
    assert tom
    assert mia
    assert not tom & mia
    assert ACME in {relation.customer_domain for relation in tom}


def test_P7_every_customer_has_a_super_admin(demo: None) -> None:
    without = Customer.objects.exclude(people__is_active=True, people__role_assignments__role=Role.SUPER_ADMIN)
    assert not without.exists()


def test_the_history_goes_back_for_weeks_and_agrees_with_itself(demo: None) -> None:
    """What the clock that stands back wrote: changes, windows and trail tell one story (A1)."""
    now = timezone.now()
    assert AuditEvent.objects.earliest("at").at < now - timedelta(days=45)
    assert AccessChange.objects.values("requested_at__date").distinct().count() >= 7
    assert not AuditEvent.objects.filter(at__gt=now).exists()
    assert list(AuditEvent.objects.order_by("id")) == list(AuditEvent.objects.order_by("at", "id"))
    for change in AccessChange.objects.exclude(settled_at=None):
        events = AuditEvent.objects.filter(access_change_id=change.pk).order_by("id")
        requested, settled = events
        assert abs(requested.at - change.requested_at) < timedelta(seconds=30)
        assert change.settled_at is not None
        assert abs(settled.at - change.settled_at) < timedelta(seconds=30)
    doubled = AccessGrant.objects.annotate(number=Count("changes")).exclude(number__gte=1)
    assert not doubled.exists()


def test_the_clock_is_right_again_after_loading(demo: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'demo_clock'")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT abs(extract(epoch FROM clock_timestamp() - pg_catalog.clock_timestamp())) < 1")
        assert cursor.fetchone() == (True,)
    customer = Customer.objects.create(name="New", sort_name="new", primary_domain="new.example")
    customer.refresh_from_db()
    assert abs(customer.created_at - timezone.now()) < timedelta(minutes=1)


def test_reconciling_finds_nothing_to_say_about_the_demo(demo: None) -> None:
    call_command("reconcile_access", "--check", verbosity=0)


def test_acme_is_an_organisation_with_a_year_behind_it(demo: None) -> None:
    acme = Customer.objects.get(primary_domain=ACME)
    assert User.objects.filter(customer=acme, deleted_at=None).count() > 300
    assert len(tree_of(acme)) == len(workforce.UNITS) + 1
    assert acme.directory_groups.count() == len(workforce.GROUPS)
    assert set(acme.devices.values_list("status", flat=True)) == set(DeviceStatus)
    months = Licence.objects.filter(customer=acme).dates("assigned_at", "month")
    assert len(months) >= 12
    assert Licence.objects.filter(customer=acme).exclude(revoked_at=None).exists()
    assert Order.objects.filter(subscription__customer=acme, kind=OrderKind.RENEWED).exists()
    assert acme.console_sessions.count() >= 2


def test_B5_nobody_of_the_demo_has_more_licences_than_seats(demo: None) -> None:
    for subscription in with_use(Subscription.objects.exclude(status=Status.CANCELLED)):
        assert subscription.seats is None or subscription.used <= subscription.seats


def test_R13_the_one_that_went_to_northwind_is_no_customer_of_resale_one(demo: None) -> None:
    [transfer] = {row.customer_id for row in Transfer.objects.all()}
    assert transfer not in {relation.customer_id for relation in relations_of(person("rosa@resale-one.example"))}
    assert transfer in {relation.customer_id for relation in relations_of(person("nora@northwind.example"))}


def test_R19_whoever_can_enter_a_console_of_the_demo_is_named_by_its_page(demo: None) -> None:
    """Lumière has moved: its support partner, which sold it nothing, is on the page like its resellers."""
    with_partners = Customer.objects.filter(primary_domain__in=[ACME, LUMIERE]).order_by("primary_domain")
    found = openings(with_partners)
    assert [opening for opening in found if not opening.is_named] == []
    assert {(opening.customer, opening.reseller) for opening in found} >= {
        (ACME, "resale-one.example"),
        (LUMIERE, "northwind.example"),
    }


def test_R21_acme_has_a_proposal_that_waits_for_its_other_super_admin(demo: None) -> None:
    [proposal] = waiting_proposals_of(Customer.objects.get(primary_domain=ACME))
    assert (proposal.author_email, proposal.subject) == ("bruno@acme.example", "uma@acme.example")


def test_X2_the_keys_of_the_demo_work_and_are_said(
    demo: None, capsys: pytest.CaptureFixture[str], tmp_path: Path, settings: Settings
) -> None:
    call_command("demo_keys", str(tmp_path))
    said = capsys.readouterr().out
    assert f"organizations/{Customer.objects.get(primary_domain=ACME).organization_number}" in said
    for name, subject in (("acme", "ana@acme.example"), ("resale-one", "tom@resale-one.example")):
        file = json.loads((tmp_path / f"{name}.json").read_text())
        shown = show(grant(assertion(file, subject, *SCOPES)).token)
        assert shown and shown.person == person(subject) and shown.scopes == set(SCOPES)
    northwind = json.loads((tmp_path / "northwind.json").read_text())
    with pytest.raises(NotDelegated):
        grant(assertion(northwind, "nora@northwind.example", "admin.directory.user"))
    assert grant(assertion(northwind, "nora@northwind.example", "apps.order"))
    assert (tmp_path / "acme.json").stat().st_mode & 0o077 == 0


def test_X2_the_keys_of_the_demo_are_made_once_and_follow_the_port(
    demo: None, tmp_path: Path, settings: Settings
) -> None:
    call_command("demo_keys", str(tmp_path))
    before, events = json.loads((tmp_path / "acme.json").read_text()), AuditEvent.objects.count()
    settings.CONSOLE_URL = "http://127.0.0.1:8123/"
    call_command("demo_keys", str(tmp_path))
    after = json.loads((tmp_path / "acme.json").read_text())
    assert after["token_uri"] == "http://127.0.0.1:8123/token"
    assert after["private_key"] == before["private_key"] and AuditEvent.objects.count() == events
    (tmp_path / "acme.json").unlink()
    call_command("demo_keys", str(tmp_path))
    file = json.loads((tmp_path / "acme.json").read_text())
    assert grant(assertion(file, "ana@acme.example"))
    with pytest.raises(BadAssertion):
        grant(assertion(before, "ana@acme.example"))
