"""P15: an admin sets the provider up, tests it and switches it on; a colleague signs in with it, without a password."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.roles import Role
from tests.browser.journey import Journey
from tests.factories import make_person
from tests.identity_provider.running import PASSWORD as AT_THE_PROVIDER
from tests.identity_provider.running import Provider, provider, running_provider

__all__ = ["provider", "running_provider"]

PAGE = "/console/acme.example/account/single-sign-on/"


@pytest.fixture(autouse=True)
def _console_url(settings: object, live_server: LiveServer) -> None:
    settings.CONSOLE_URL = live_server.url  # type: ignore[attr-defined]


def at_the_provider(page: Page, address: str) -> None:
    """Sign in on the provider's own page."""
    page.locator("input[name=login]").fill(address)
    page.locator("input[name=password]").fill(AT_THE_PROVIDER)
    page.locator("form[action*=login] button[type=submit]").click()


def switch(journey: Journey, page: Page, provider: Provider) -> None:
    journey.visit(page, PAGE)
    redirect_url = page.locator("#redirect-url").inner_text()
    registered = provider.register(redirect_url)
    page.get_by_label(journey.say("Issuer")).fill(registered.issuer)
    page.get_by_label(journey.say("Client ID")).fill(registered.client_id)
    page.get_by_label(journey.say("Client secret")).fill(registered.secret)
    journey.button(page, "Save").click()
    expect(page.locator("main")).to_contain_text(journey.say("Not tested yet"))
    journey.look(page)
    journey.button(page, "Test the sign-in").click()
    at_the_provider(page, journey.scene.alice.email)
    page.wait_for_url(journey.url + PAGE)
    expect(page.locator("body")).to_contain_text(
        journey.say("The test succeeded. Single sign-on can be switched on now.")
    )
    journey.look(page)
    journey.button(page, "Switch on").click()
    expect(page.locator("main").get_by_role("button", name=journey.say("Switch off"))).to_be_visible()
    journey.look(page)


def test_P15_a_colleague_signs_in_with_the_provider(journey: Journey, provider: Provider) -> None:
    bob = make_person(journey.scene.acme, Role.AUDITOR, name="Bob", email="bob@acme.example")
    bob.language = journey.language
    bob.save(update_fields=["language"])
    switch(journey, journey.sit_down(journey.scene.alice), provider)

    page = journey.open()
    page.goto(f"{journey.url}{PAGE}")
    journey.look(page)
    page.locator("input[name=login]").fill(bob.email)
    page.locator("form.form button[type=submit]").click()
    at_the_provider(page, bob.email)
    page.wait_for_url(f"{journey.url}{PAGE}")
    expect(page.locator("h1")).to_be_visible()

    stranger = journey.open(java_script_enabled=False)
    stranger.goto(f"{journey.url}/accounts/login/")
    stranger.locator("input[name=login]").fill(bob.email)
    stranger.locator("form.form button[type=submit]").click()
    expect(stranger.locator("input[name=password]")).to_be_visible()
    assert stranger.url.startswith(provider.issuer)
    at_the_provider(stranger, "eve@elsewhere.example")
    expect(stranger.locator("body")).to_contain_text(
        journey.say(
            "Nobody in your organisation can sign in here with this account of your provider. Ask one of your admins"
            " whether your account exists and is active."
        )
    )
    stranger.locator("a[href*='with=password']").click()
    expect(stranger.locator("input[name=password]")).to_be_visible()
