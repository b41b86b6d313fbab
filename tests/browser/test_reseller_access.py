"""The main job, as people do it: allow, refuse, remove now, and what the reseller sees of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import AuditEvent
from reseller_console.local.processes import Child
from subscriptions.models import AccessChange, AccessGrant
from tests.browser import stage
from tests.browser.stage import Scene, sign_in
from tests.servers import CeleryWorker

# Labels in both languages: (allow, save, remove now, open console).
WORDS = {
    "en": ("Allow reseller access", "Save", "Remove now", "Open admin console"),
    "fr": ("Autoriser l’accès du revendeur", "Enregistrer", "Retirer maintenant", "Ouvrir la console d’administration"),
}
# Milliseconds a journey waits for a worker and for the page to follow it.
SOON = 30_000


@pytest.fixture
def quick_propagation(settings: LazySettings, start_beat: Callable[..., Child]) -> None:
    """Changes are due within two seconds and the scheduler looks for them, so that a journey can wait for them."""
    start_beat()
    settings.ACCESS_PROPAGATION_MIN, settings.ACCESS_PROPAGATION_MEDIAN, settings.ACCESS_PROPAGATION_MAX = 1, 1, 2


@pytest.fixture(params=["en", "fr"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def scene(transactional_db: None, language: str) -> Scene:
    return stage.build(language=language)


@pytest.fixture
def reseller_page(browser: Browser) -> Iterator[Page]:
    """A second person at a second browser."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def open_access_page(page: Page, live_server: LiveServer, scene: Scene) -> None:
    """Come to the page as a person does: over the home page and the drawer."""
    sign_in(page, live_server.url, scene.alice)
    page.locator("nav a[href$='/account/reseller-access/']").first.click()
    page.wait_for_url(f"{live_server.url}/console/acme.example/account/reseller-access/")


def grant() -> AccessGrant:
    return AccessGrant.objects.get(subscription=None)


@pytest.mark.usefixtures("quick_propagation")
def test_refusing_closes_the_resellers_console_while_both_watch(
    page: Page,
    reseller_page: Page,
    live_server: LiveServer,
    scene: Scene,
    language: str,
    start_worker: Callable[..., CeleryWorker],
) -> None:
    start_worker()
    allow, save, _remove, open_console = WORDS[language]
    sign_in(reseller_page, live_server.url, scene.rosa)
    reseller_page.goto(f"{live_server.url}/reseller/")
    reseller_page.get_by_role("link", name="Acme", exact=True).click()
    reseller_page.get_by_role("button", name=open_console).or_(
        reseller_page.get_by_role("link", name=open_console)
    ).click()
    if "/enter/" in reseller_page.url:
        reseller_page.locator("main form button[type=submit]").click()
    reseller_page.wait_for_url(f"{live_server.url}/console/acme.example/")

    open_access_page(page, live_server, scene)
    page.get_by_label(allow).uncheck()
    page.get_by_role("button", name=save, exact=True).click()
    # The page follows the change by itself, up to its end.
    expect(page.locator(".chip--closed").first).to_be_visible(timeout=SOON)

    answer = reseller_page.goto(f"{live_server.url}/console/acme.example/")
    assert answer is not None
    assert answer.status == 403
    newest = AccessChange.objects.get(grant=grant(), generation=2)
    assert (newest.allowed, newest.requested_by) == (False, scene.alice)


@pytest.mark.usefixtures("quick_propagation")
def test_allowing_opens_it_again(
    page: Page, live_server: LiveServer, scene: Scene, language: str, start_worker: Callable[..., CeleryWorker]
) -> None:
    allow, save, remove, _open = WORDS[language]
    open_access_page(page, live_server, scene)
    page.get_by_text(remove, exact=True).first.click()
    page.get_by_role("dialog").get_by_role("button", name=remove, exact=True).click()
    expect(page.locator(".chip--closed").first).to_be_visible()
    assert not grant().allowed

    start_worker()
    page.get_by_label(allow).check()
    page.get_by_role("button", name=save, exact=True).click()
    expect(page.locator(".chip--open").first).to_be_visible(timeout=SOON)
    assert grant().observed_generation == 3


def test_remove_now_with_the_keyboard_alone(page: Page, live_server: LiveServer, scene: Scene, language: str) -> None:
    _allow, _save, remove, _open = WORDS[language]
    open_access_page(page, live_server, scene)
    tab_to(page, remove)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    tab_to(page, remove)
    page.keyboard.press("Enter")
    expect(page.locator(".chip--closed").first).to_be_visible()
    assert AuditEvent.objects.filter(name="CHANGE_RESELLER_ACCESS", actor_email=scene.alice.email).count() == 1


def test_what_is_pressed_before_the_script_has_come_is_a_dialog_when_it_comes(
    page: Page, live_server: LiveServer, scene: Scene, language: str
) -> None:
    _allow, _save, remove, _open = WORDS[language]
    held: list[Route] = []
    sign_in(page, live_server.url, scene.alice)
    page.route("**/dialogs*.js", lambda route: held.append(route))  # noqa: PLW0108 (Playwright marks what it is given)
    page.goto(f"{live_server.url}/console/acme.example/account/reseller-access/", wait_until="commit")
    expect(page.get_by_text(remove, exact=True).first).to_be_visible()
    tab_to(page, remove)
    page.keyboard.press("Enter")
    panel = page.locator(".confirm[open] .confirm__panel")
    expect(panel).to_be_visible()
    held.pop().continue_()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).not_to_be_attached()
    expect(panel).not_to_be_attached()


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the control with these words has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText.trim()") == words:
            return
    raise AssertionError(f"the keyboard does not reach {words!r}")


def test_a_vendor_subscription_needs_the_resellers_agreement(
    page: Page, live_server: LiveServer, scene: Scene, language: str
) -> None:
    _allow, save, _remove, _open = WORDS[language]
    open_access_page(page, live_server, scene)
    page.get_by_label("Gemini Enterprise", exact=True).check()
    page.get_by_role("button", name=save, exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("input[name=agreed]").check()
    page.get_by_role("button", name=save, exact=True).click()
    expect(page.locator(".chip--opening").first).to_be_visible()
    opened = AccessGrant.objects.get(subscription__isnull=False)
    assert opened.allowed
    assert opened.changes.get().reseller_agreed


def test_the_page_works_without_javascript(
    browser: Browser, live_server: LiveServer, scene: Scene, language: str
) -> None:
    allow, save, _remove, _open = WORDS[language]
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    open_access_page(page, live_server, scene)
    page.get_by_label(allow).uncheck()
    page.get_by_role("button", name=save, exact=True).click()
    expect(page.locator("main")).to_contain_text("Resale One")
    page.get_by_role("button", name=save, exact=True).click()
    expect(page.locator(".chip--closing").first).to_be_visible()
    context.close()
    assert not grant().allowed
