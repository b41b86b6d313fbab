"""A transfer from end to end: Alice generates the token, Nora takes over with it, and Alice reads it in Billing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.roles import Role
from subscriptions.billing import Details, add_payment_account
from subscriptions.models import Transfer
from subscriptions.models.order import PaymentKind
from tests.browser import stage
from tests.factories import PASSWORD, make_person

# The link to the page, its fields and buttons, and what the history calls it.
WORDS = {
    "en": {
        "to": "Transfer to a reseller",
        "id": "Public identifier of the reseller",
        "look up": "Look up",
        "generate": "Generate token",
        "domain": "Primary domain of the customer",
        "token": "Transfer token",
        "go on": "Continue",
        "transfer": "Transfer",
        "done": "Transferred",
    },
    "fr": {
        "to": "Transférer à un revendeur",
        "id": "Identifiant public du revendeur",
        "look up": "Rechercher",
        "generate": "Générer le jeton",
        "domain": "Domaine principal du client",
        "token": "Jeton de transfert",
        "go on": "Continuer",
        "transfer": "Transférer",
        "done": "Transféré",
    },
}


@pytest.mark.parametrize(("language", "scheme", "width"), [("en", "light", 1280), ("fr", "dark", 360)])
def test_a_transfer_from_the_token_to_the_history(
    browser: Browser, live_server: LiveServer, transactional_db: None, language: str, scheme: str, width: int
) -> None:
    scene, words = stage.build(language=language), WORDS[language]
    nora = make_person(scene.northwind, Role.RESELLER_ADMIN, name="Nora", password=PASSWORD)
    User.objects.filter(pk=nora.pk).update(language=language)
    day = timezone.localdate() + timedelta(days=5)
    details = Details(PaymentKind.CARD, "Alice", "Visa", "4242", day)
    add_payment_account(actor=None, customer=scene.acme, details=details)

    def sit_down(person: User) -> Page:
        context = browser.new_context(
            color_scheme=scheme,  # type: ignore[arg-type]
            viewport={"width": width, "height": 900},
            locale=language,
        )
        page = context.new_page()
        stage.sign_in(page, live_server.url, person)
        return page

    def look(page: Page) -> None:
        stage.axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{page.url} scrolls"

    alice = sit_down(scene.alice)
    alice.goto(live_server.url + "/console/acme.example/subscriptions/")
    alice.locator(".page-head details.menu summary").click()
    alice.get_by_role("link", name=words["to"]).click()
    look(alice)
    alice.get_by_label(words["id"]).fill(scene.northwind.public_id.lower())
    alice.get_by_role("button", name=words["look up"]).click()
    expect(alice.get_by_text("12 Canal Street, Dublin")).to_be_visible()
    look(alice)
    alice.get_by_role("button", name=words["generate"]).click()
    token = alice.locator("#token").inner_text()
    look(alice)

    seller = sit_down(nora)
    seller.goto(live_server.url + "/reseller/transfers/")
    look(seller)
    seller.get_by_label(words["domain"]).fill("acme.example")
    seller.get_by_label(words["token"]).fill(token)
    seller.get_by_role("button", name=words["go on"]).click()
    expect(seller.get_by_label("Google Workspace", exact=True)).not_to_be_checked()
    look(seller)
    seller.get_by_label("Google Workspace", exact=True).check()
    seller.get_by_role("button", name=words["transfer"], exact=True).click()
    expect(seller.get_by_role("heading", name="Acme", exact=True)).to_be_visible()
    assert Transfer.objects.filter(to_reseller=scene.northwind).exists()

    alice.goto(live_server.url + "/console/acme.example/billing/")
    expect(alice.get_by_text(words["done"], exact=True).locator("visible=true").first).to_be_visible()
    look(alice)
