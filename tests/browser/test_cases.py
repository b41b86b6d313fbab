"""The whole life of a case in two browsers: filed with a file, answered by vendor support, closed, rated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from support.models import Attachment, Case
from support.models.case import State
from tests.browser import stage
from tests.browser.stage import Scene, axe, sign_in

TITLE = "Backups stop half-way"


@pytest.fixture(params=["en", "fr"])
def scene(request: pytest.FixtureRequest, transactional_db: None, settings: Settings, tmp_path: Path) -> Scene:
    settings.MEDIA_ROOT = tmp_path
    return stage.build(language=str(request.param))


@pytest.fixture
def vendor_page(browser: Browser) -> Iterator[Page]:
    """Vendor support at a second browser."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_S11_a_case_is_filed_answered_closed_and_rated(
    page: Page, vendor_page: Page, live_server: LiveServer, scene: Scene
) -> None:
    sign_in(page, live_server.url, scene.sam)
    page.locator("nav a[href$='/support/cases/']").first.click()
    page.locator("a[href$='/support/cases/new/']").first.click()
    page.locator("#service").select_option("google_workspace")
    page.locator("main form[role=search] button[type=submit]").click()
    page.locator("a[href*='service=google_workspace&category=']").first.click()
    page.locator("input[name=title]").fill(TITLE)
    page.locator("textarea[name=description]").fill("Since Monday, at 02:40.")
    page.locator("[name=priority][value=P2]").check()
    page.locator("input[name=files]").set_input_files(
        {"name": "log.txt", "mimeType": "text/plain", "buffer": b"02:40 stopped\n"}
    )
    axe(page)
    page.locator("main form[enctype] button[type=submit]").click()
    expect(page.locator("h1")).to_contain_text(TITLE)
    assert Attachment.objects.get().name == "log.txt"
    axe(page)

    sign_in(vendor_page, live_server.url, scene.vera)
    vendor_page.get_by_role("link", name=TITLE).click()
    vendor_page.locator("form:has(button[value=answer]) textarea[name=text]").fill("Which bucket is it?")
    vendor_page.locator("select[name=state]").select_option(State.ACTION_REQUIRED)
    vendor_page.locator("button[value=answer]").click()
    expect(vendor_page.locator("main")).to_contain_text("Which bucket is it?")
    axe(vendor_page)

    page.reload()
    expect(page.locator("main")).to_contain_text("Which bucket is it?")
    page.locator("form:has(button[value=comment]) textarea[name=text]").fill("The blue one.")
    page.locator("button[value=comment]").click()
    expect(page.locator("main")).to_contain_text("The blue one.")
    assert Case.objects.get().state == State.IN_PROGRESS_GOOGLE_SUPPORT
    page.locator("details:has(input[value=close]) summary").click()
    page.get_by_role("dialog").locator("button[type=submit]").click()
    page.locator("select[name=satisfaction]").select_option("5")
    page.locator("button[value=rate]").click()
    expect(page.locator("main")).to_contain_text(re.compile("5 (of|sur) 5"))
    case = Case.objects.get()
    assert (case.state, case.satisfaction) == (State.CLOSED, 5)
    axe(page)
