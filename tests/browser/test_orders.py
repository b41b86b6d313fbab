"""A customer buys, changes and cancels; a reseller adds a customer and sells: in both languages, wide and narrow."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from subscriptions.models import Subscription
from subscriptions.models.subscription import Status
from tests.browser import stage
from tests.browser.stage import axe, sign_in

VAULT = "Google-Vault"
WORDS = {
    "en": ("Buy a subscription", "Continue", "Confirm order", "Change seats", "Cancel subscription", "Add a customer"),
    "fr": (
        "Acheter un abonnement",
        "Continuer",
        "Confirmer la commande",
        "Modifier le nombre de licences",
        "Résilier l’abonnement",
        "Ajouter un client",
    ),
}
LOOKS = pytest.mark.parametrize(("language", "scheme", "width"), [("en", "light", 1280), ("fr", "dark", 360)])


def opened(browser: Browser, scheme: str, width: int) -> Page:
    return browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})  # type: ignore[arg-type]


def check(page: Page) -> None:
    """Axe finds nothing, and nothing is wider than the window."""
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@LOOKS
@pytest.mark.django_db(transaction=True)
def test_B2_a_customer_buys_changes_and_cancels(
    live_server: LiveServer, browser: Browser, language: str, scheme: str, width: int
) -> None:
    scene = stage.build(language=language)
    buy, go_on, confirm, seats, cancel, _add = WORDS[language]
    page = opened(browser, scheme, width)
    sign_in(page, live_server.url, scene.alice)
    page.goto(f"{live_server.url}/console/acme.example/subscriptions/")
    page.get_by_role("link", name=buy).click()
    check(page)
    page.locator("select[name=sku]").select_option(VAULT)
    page.locator("select[name=plan]").select_option("TRIAL")
    page.locator("input[name=seats]").fill("11")
    page.get_by_role("button", name=go_on).click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    check(page)
    page.locator("select[name=plan]").select_option("FLEXIBLE")
    page.get_by_role("button", name=go_on).click()
    check(page)
    page.get_by_role("button", name=confirm).click()
    expect(page.locator("h1")).to_have_text("Google Vault")
    check(page)
    page.get_by_role("link", name=seats).click()
    check(page)
    page.locator("input[name=seats]").fill("150")
    page.get_by_role("button", name=seats).click()
    check(page)
    page.locator("button[name=step][value=edit]").click()
    expect(page.locator("input[name=seats]")).to_have_value("150")
    page.get_by_role("button", name=seats).click()
    page.locator("button[name=step][value=confirm]").click()
    expect(page.locator("input[name=typed]:invalid")).to_be_visible()
    page.locator("input[name=typed]").fill("150")
    page.locator("button[name=step][value=confirm]").click()
    expect(page.locator("h1")).to_have_text("Google Vault")
    page.get_by_role("link", name=cancel).click()
    check(page)
    page.get_by_role("button", name=cancel).click()
    expect(page.locator(".messages .notice")).to_be_visible()
    check(page)
    bought = Subscription.objects.get(sku=VAULT)
    assert (bought.status, bought.seats) == (Status.CANCELLED, 150)
    page.goto(f"{live_server.url}/console/acme.example/subscriptions/{_annual().pk}/change/renewal/")
    check(page)


def _annual() -> Subscription:
    return Subscription.objects.get(renewal_type__isnull=False)


@LOOKS
@pytest.mark.django_db(transaction=True)
def test_P4_a_reseller_adds_a_customer_and_sells_to_it(
    live_server: LiveServer, browser: Browser, language: str, scheme: str, width: int
) -> None:
    scene = stage.build(language=language)
    _buy, _go_on, _confirm, seats, _cancel, add = WORDS[language]
    page = opened(browser, scheme, width)
    sign_in(page, live_server.url, scene.rosa)
    page.goto(f"{live_server.url}/reseller/")
    page.get_by_role("link", name=add).click()
    check(page)
    for name, value in {
        "name": "Initech",
        "primary_domain": "initech.example",
        "postal_address": "1 Main Street",
        "admin_name": "Peter",
        "admin_email": "peter@initech.example",
        "seats": "5",
    }.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("select[name=sku]").select_option(VAULT)
    page.locator("main form button[type=submit]").click()
    check(page)
    page.locator("button[name=step][value=confirm]").click()
    expect(page.locator("h1")).to_have_text("Initech")
    check(page)
    page.locator(".table tbody a").first.click()
    check(page)
    page.get_by_role("link", name=seats).click()
    check(page)
    page.goto(f"{live_server.url}/reseller/customers/initech.example/order/")
    check(page)
    page.goto(f"{live_server.url}/reseller/customers/initech.example/edit/")
    check(page)
