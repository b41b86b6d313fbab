"""P12: a passkey and an authenticator app, with Chromium's own virtual device."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.devices import plug_in
from tests.browser.journey import Journey
from tests.factories import PASSWORD
from tests.second_factors import code_of

PAGE, STEP = "/accounts/second-factor/", "/accounts/login/second-step/"


def sign_out(journey: Journey, page: Page) -> None:
    page.context.clear_cookies()
    page.goto(journey.url + "/accounts/login/")
    journey.look(page)


def test_P12_a_passkey_is_made_signs_in_alone_and_is_a_second_step(journey: Journey) -> None:
    page = journey.sit_down(journey.scene.alice)
    plug_in(page)
    journey.visit(page, PAGE)
    journey.link(page, "Add a passkey").click()
    journey.look(page)
    page.get_by_label(journey.say("Name of the passkey")).fill("Laptop")
    journey.button(page, "Add a passkey").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    journey.look(page)
    journey.link(page, "I have kept the codes").click()
    expect(page.locator("main")).to_contain_text("Laptop")
    journey.look(page)

    sign_out(journey, page)
    journey.button(page, "Sign in with a passkey").click()
    page.wait_for_url(f"{journey.url}/console/acme.example/")

    sign_out(journey, page)
    page.locator("input[name=login]").fill(journey.scene.alice.email)
    page.locator("form.form button[type=submit]").click()
    page.locator("input[name=password]").fill(PASSWORD)
    journey.button(page, "Sign in").click()
    page.wait_for_url(journey.url + STEP)
    journey.look(page)
    page.goto(f"{journey.url}/console/acme.example/")
    expect(page.locator("input[name=code]")).to_be_visible()
    journey.button(page, "Use a passkey").click()
    page.wait_for_url(f"{journey.url}/console/acme.example/")


def test_P12_an_app_is_set_up_by_hand_and_its_code_works_once(journey: Journey) -> None:
    page = journey.sit_down(journey.scene.rosa)
    journey.go(page, PAGE)
    journey.link(page, "Set up an app").click()
    expect(page.get_by_role("img", name=journey.say("QR code with the secret"))).to_be_visible()
    journey.look(page)
    secret = (page.locator("#app-secret").text_content() or "").replace(" ", "")
    page.locator("input[name=code]").fill("000000")
    journey.button(page, "Add the app").click()
    expect(page.locator("#app-secret")).to_have_attribute("data-copy-text", secret)
    used = code_of(secret)
    page.locator("input[name=code]").fill(used)
    journey.button(page, "Add the app").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)

    sign_out(journey, page)
    page.locator("input[name=login]").fill(journey.scene.rosa.email)
    page.locator("form.form button[type=submit]").click()
    page.locator("input[name=password]").fill(PASSWORD)
    journey.button(page, "Sign in").click()
    page.locator("input[name=code]").fill(used)
    journey.button(page, "Sign in").click()
    expect(page.locator("main")).to_contain_text(journey.say("This code is wrong, too old, or was used already."))
    journey.look(page)
    page.locator("input[name=code]").fill(code_of(secret, steps=1))
    journey.button(page, "Sign in").click()
    page.wait_for_url(f"{journey.url}/reseller/home/")
