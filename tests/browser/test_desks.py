"""A request is confirmed where it is listed, and a case is taken by one of two, without a script and with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.actor import Actor
from support import cases
from support.models import Case, CaseNote, PartnerAssignee, SupportAssignment
from support.models.case import Priority
from support.models.partner import AssignmentStatus, Service
from support.partners import assign_support_partner
from tests.browser import stage
from tests.browser.stage import Scene, axe, sign_in

TITLE = "The nightly backup stops half-way"


@pytest.fixture(params=["en", "fr"])
def scene(request: pytest.FixtureRequest, transactional_db: None) -> Scene:
    """Acme has asked Northwind for support, and filed a case."""
    scene = stage.build(language=str(request.param))
    sam = Actor(scene.sam)
    assign_support_partner(
        actor=sam,
        customer=scene.acme,
        service=Service.GOOGLE_CLOUD,
        reseller=scene.northwind,
        verifier_email=scene.lena.email,
    )
    draft = cases.Draft(Service.GOOGLE_CLOUD, "storage.backup", TITLE, "Since Monday.", Priority.P1, "en", "UTC")
    cases.file_case(actor=sam, customer=scene.acme, draft=draft)
    return scene


@pytest.fixture
def plain_page(browser: Browser) -> Iterator[Page]:
    """A second browser, without scripts."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_S4_S13_a_partner_confirms_in_place_takes_a_case_and_writes_a_note(
    page: Page, plain_page: Page, live_server: LiveServer, scene: Scene
) -> None:
    sign_in(page, live_server.url, scene.lena)
    page.goto(f"{live_server.url}/reseller/support/")
    axe(page)
    page.locator("button[name=decision][value=confirm]").click()
    expect(page.locator(".chip--open")).to_be_visible()
    assert SupportAssignment.objects.get().status == AssignmentStatus.ACTIVE

    page.locator("nav a[href='/reseller/support/cases/']").first.click()
    axe(page)
    page.locator("button[value=take]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(TITLE)
    assert PartnerAssignee.objects.get().assignee == scene.lena
    expect(page.locator("button[value=take]")).to_have_count(0)
    page.locator("form:has(button[value=note]) textarea").fill("Call them on Friday")
    page.locator("button[value=note]").click()
    expect(page.locator("section[aria-labelledby=notes-title]")).to_contain_text("Call them on Friday")
    axe(page)

    # Vendor support takes the same case for itself, without a script, and reads no note of the partner.
    sign_in(plain_page, live_server.url, scene.vera)
    plain_page.locator("button[value=take]").click()
    expect(plain_page.locator("h1")).to_contain_text(TITLE)
    expect(plain_page.locator("main")).not_to_contain_text("Call them on Friday")
    assert Case.objects.get().assignee == scene.vera
    assert CaseNote.objects.count() == 1


def test_help_is_searched_read_and_leads_on(page: Page, live_server: LiveServer, scene: Scene) -> None:
    sign_in(page, live_server.url, scene.sam)
    page.goto(f"{live_server.url}/console/acme.example/support/partners/")
    page.locator("[data-help-open]").click()
    panel = page.locator("#help")
    expect(panel.locator("h3").first).to_be_visible()
    axe(page)
    panel.locator("a[hx-get='/help/support-contracts/']").click()
    expect(panel).to_contain_text("Customer Care Portal")
    panel.locator("a[href='/help/']").click()
    page.wait_for_url(f"{live_server.url}/help/")
    axe(page)
    page.locator("main input[name=q]").fill("token" if page.locator("html").get_attribute("lang") == "en" else "jeton")
    page.locator("form[role=search] button[type=submit]").last.click()
    expect(page.locator("main a[href='/help/transfers/']")).to_be_visible()
    page.locator("main a[href='/help/transfers/']").click()
    expect(page.locator("main h2").first).to_be_visible()
    axe(page)
