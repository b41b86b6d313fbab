"""P12, P13: adding a second factor under the countdown and after it, and the page that asks for a fresh proof."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.conf import LazySettings, settings
from playwright.sync_api import Page, expect

from accounts.clock import database_now
from accounts.console_sessions.browser_sessions import SessionStore
from accounts.factors import RequiredOf
from accounts.models import Customer, User
from accounts.proof import PROVED_AT, SIGNED_IN_AT
from tests.browser.devices import plug_in
from tests.browser.journey import Journey
from tests.factories import PASSWORD
from tests.second_factors import code_of

PAGE = "/accounts/second-factor/"
HOME, RULES = "/console/acme.example/", "/console/acme.example/account/reseller-access/rules/"


@pytest.fixture
def required(settings: LazySettings) -> None:
    settings.SECOND_FACTOR_REQUIRED = list(RequiredOf)


def grace_ends_in(person: User, left: timedelta) -> None:
    User.objects.filter(pk=person.pk).update(factor_due_at=database_now() + left)


def let_ten_minutes_pass(page: Page) -> None:
    """The last proof of this browser is too old."""
    [cookie] = [one for one in page.context.cookies() if one.get("name") == settings.SESSION_COOKIE_NAME]
    session = SessionStore(cookie.get("value"))
    session[SIGNED_IN_AT] = time.time() - settings.FRESH_PROOF_LASTS - 1
    session.pop(PROVED_AT, None)
    session.save()


@pytest.mark.usefixtures("required")
def test_P12_a_passkey_is_added_under_the_countdown(journey: Journey) -> None:
    page = journey.sit_down(journey.scene.alice)
    plug_in(page)
    banner = page.get_by_role("region", name=journey.say("A second factor is required"))
    days = "%(number)s day left to add a second factor.", "%(number)s days left to add a second factor."
    expect(banner).to_contain_text(journey.say(*days, number=14))
    journey.look(page)
    banner.get_by_role("link").click()
    page.wait_for_url(journey.url + PAGE)
    expect(banner.get_by_role("link")).to_have_count(0)
    journey.link(page, "Add a passkey").click()
    journey.look(page)
    page.get_by_label(journey.say("Name of the passkey")).fill("Laptop")
    journey.button(page, "Add a passkey").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    expect(banner).to_have_count(0)
    journey.go(page, HOME)
    expect(banner).to_have_count(0)


@pytest.mark.usefixtures("required")
def test_P12_after_the_grace_only_adding_one_is_open(journey: Journey) -> None:
    page = journey.sit_down(journey.scene.rosa)
    grace_ends_in(journey.scene.rosa, timedelta(seconds=-1))
    page.goto(f"{journey.url}/reseller/staff/")
    page.wait_for_url(journey.url + PAGE)
    expect(page.get_by_role("navigation", name=journey.say("Main"))).to_have_count(0)
    journey.look(page)
    journey.link(page, "Set up an app").click()
    journey.look(page)
    secret = (page.locator("#app-secret").text_content() or "").replace(" ", "")
    page.locator("input[name=code]").fill(code_of(secret))
    journey.button(page, "Add the app").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    journey.go(page, "/reseller/staff/")


def test_P13_the_proof_is_asked_for_with_a_password_and_then_with_a_passkey(journey: Journey) -> None:
    """What is loosened waits for the proof, and is saved after it without another click."""
    alice = journey.scene.alice
    page = journey.sit_down(alice)
    plug_in(page)
    box = page.get_by_label(journey.say("People from outside need a second factor"))
    for prove in (_by_password, _by_passkey):
        let_ten_minutes_pass(page)
        journey.visit(page, RULES)
        box.check()
        journey.button(page, "Save").click()
        expect(box).to_be_checked()
        box.uncheck()
        journey.button(page, "Save").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(journey.say("Confirm that it is you"))
        journey.look(page)
        prove(journey, page)
        page.wait_for_url(journey.url + RULES)
        expect(box).not_to_be_checked()
        assert not Customer.objects.get(pk=journey.scene.acme.pk).asks_for_second_factor
        if prove is _by_password:
            _add_a_passkey(journey, page)


def _by_password(journey: Journey, page: Page) -> None:
    page.locator("input[name=password]").fill("not-the-password")
    journey.button(page, "Confirm with your password").click()
    expect(page.locator("main")).to_contain_text(journey.say("This is not your password."))
    journey.look(page)
    page.locator("input[name=password]").fill(PASSWORD)
    journey.button(page, "Confirm with your password").click()


def _by_passkey(journey: Journey, page: Page) -> None:
    expect(page.locator("input[name=password]")).to_have_count(0)
    journey.button(page, "Confirm with a passkey").click()


def _add_a_passkey(journey: Journey, page: Page) -> None:
    journey.go(page, "/accounts/second-factor/passkey/")
    page.get_by_label(journey.say("Name of the passkey")).fill("Laptop")
    journey.button(page, "Add a passkey").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
