"""The back button after a form: a page, not the browser's error; and nothing of it after sign-out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import stage
from tests.browser.stage import Scene
from tests.factories import fresh, make_person


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    return stage.build()


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def refused(request: pytest.FixtureRequest, scene: Scene, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """Alice sent *Add user* with an address at someone else's domain, and reads what is wrong."""
    context = browser.new_context(java_script_enabled=request.param)
    page = context.new_page()
    stage.sign_in(page, live_server.url, scene.alice)
    page.goto(f"{live_server.url}/console/acme.example/users/new/")
    page.get_by_label("Given name").fill("Nora")
    page.get_by_label("Family name").fill("Lindqvist")
    page.get_by_label("E-mail address").fill("nora lindqvist")
    page.get_by_role("button", name="Add user").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield page
    context.close()


def test_back_after_a_form_error_shows_the_form_with_what_was_typed(refused: Page) -> None:
    refused.get_by_role("navigation", name="Breadcrumbs").get_by_role("link", name="Users").click()
    expect(refused.get_by_role("heading", level=1)).to_have_text("Users")
    refused.go_back()
    expect(refused.get_by_role("alert")).to_be_visible()
    expect(refused.get_by_label("Family name")).to_have_value("Lindqvist")
    refused.get_by_label("E-mail address").fill("nora")
    refused.get_by_role("button", name="Add user").click()
    expect(refused.get_by_text("Nora Lindqvist was created, and an invitation is on its way.")).to_be_visible()


def test_a_temporary_password_can_be_copied_and_a_reload_neither_shows_nor_resets_it(
    scene: Scene, browser: Browser, live_server: LiveServer
) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    stage.sign_in(page, live_server.url, scene.alice)
    person = make_person(scene.acme, name="Nora Lindqvist")
    page.goto(f"{live_server.url}/console/acme.example/users/{person.pk}/")
    page.locator("summary", has_text="Reset password").click()
    page.get_by_role("dialog").get_by_role("button", name="Reset password").click()
    password = page.locator("#copy-password").inner_text()
    page.get_by_role("button", name="Copy the password").click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == password
    stage.axe(page)
    page.reload()
    expect(page.get_by_role("heading", name="There is no password to show")).to_be_visible()
    stage.axe(page)
    assert fresh(person).check_password(password)
    context.close()


def test_after_sign_out_back_shows_nothing_of_a_form(refused: Page, live_server: LiveServer) -> None:
    refused.goto(f"{live_server.url}/accounts/logout/")
    refused.locator("main button[type=submit]").click()
    expect(refused.get_by_label("E-mail address")).to_be_visible()
    refused.go_back()  # past the page that asked whether to sign out
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        refused.go_back(timeout=5_000)
    # Whatever the browser shows in its place.
    refused.wait_for_timeout(500)
    expect(refused.get_by_text("Nora")).to_have_count(0)
    expect(refused.get_by_label("Given name")).to_have_count(0)
