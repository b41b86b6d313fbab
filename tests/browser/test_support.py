"""Support partners, as people live through them: ask, confirm through the mail, work on a case, and end it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.core import mail
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.actor import Actor
from accounts.mail.sending import send_due_mails
from support import cases
from support.migration import migrate_customer
from support.models import Case, SupportAssignment
from support.models.case import Priority
from support.models.partner import AssignmentStatus, Service
from tests.browser import stage
from tests.browser.stage import Scene, sign_in

PARTNERS = "/console/acme.example/support/partners/"
TITLE = "The nightly backup stops half-way"


@pytest.fixture(params=["en", "fr"])
def scene(request: pytest.FixtureRequest, transactional_db: None, live_server: LiveServer, settings: Settings) -> Scene:
    settings.CONSOLE_URL = live_server.url
    return stage.build(language=str(request.param))


@pytest.fixture
def partners_page(browser: Browser) -> Iterator[Page]:
    """A second person at a second browser."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def come_to_partners(page: Page, live_server: LiveServer, scene: Scene) -> None:
    """Come to the page as a person does: over the home page and the drawer."""
    sign_in(page, live_server.url, scene.sam)
    page.locator("nav a[href$='/support/partners/']").first.click()
    page.wait_for_url(live_server.url + PARTNERS)


def look_up_and_assign(page: Page, live_server: LiveServer, scene: Scene) -> None:
    """S3: the verifier's address fills the partner in."""
    come_to_partners(page, live_server, scene)
    page.locator("#google_cloud a[href$='/assign/google_cloud/']").click()
    page.locator("input[name=verifier_email]").fill(scene.lena.email)
    # What a browser or an extension has put there: htmx carries it over to the new field, which the policy refuses.
    page.locator("input[name=verifier_email]").evaluate("(field) => { field.style.width = '20rem' }")
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    page.locator("#look-up").click()
    expect(page.locator("#partner")).to_contain_text("12 Canal Street, Dublin")
    assert refused == []
    page.locator("button[value=assign]").click()
    expect(page.locator("#google_cloud .chip--opening")).to_be_visible()


def find_and_assign(page: Page, live_server: LiveServer, scene: Scene) -> None:
    """S3b: the partner is found by its name, and the verifier's address is typed."""
    come_to_partners(page, live_server, scene)
    page.locator("#google_cloud a[href$='/assign/google_cloud/']").click()
    page.locator("main input[name=q]").fill("northw")
    page.locator("#search button[type=submit]").click()
    expect(page.locator("#search li")).to_contain_text("12 Canal Street, Dublin")
    page.locator("#search li button").click()
    expect(page.locator("#partner")).to_contain_text("Northwind Cloud")
    page.locator("input[name=verifier_email]").fill(scene.lena.email)
    page.locator("button[value=assign]").click()
    expect(page.locator("#google_cloud .chip--opening")).to_be_visible()


def link_in_the_mail(scene: Scene) -> str:
    """Let a worker send what waits; the address in the verifier's last mail."""
    send_due_mails()
    body = str([sent for sent in mail.outbox if sent.to == [scene.lena.email]][-1].body)
    found = re.search(r"http://\S+/support/verify/[\w-]+/", body)
    assert found, body
    return found[0]


def file_case(scene: Scene) -> Case:
    draft = cases.Draft(
        Service.GOOGLE_CLOUD, "storage.backup", TITLE, "At 02:40.", Priority.P2, language="en", time_zone="UTC"
    )
    return cases.file_case(actor=Actor(scene.sam), customer=scene.acme, draft=draft)


def only_assignment() -> SupportAssignment:
    return SupportAssignment.objects.get()


def press(page: Page, service: str, action: str) -> None:
    """Press a button that asks back, and say yes."""
    page.locator(f"#{service} details:has(form[action$='/{action}/']) summary").click()
    page.get_by_role("dialog").locator("button[type=submit]").click()


@pytest.mark.parametrize("assign", [look_up_and_assign, find_and_assign], ids=["look up", "search"])
def test_S3_to_S7_a_partner_is_asked_confirms_works_on_a_case_and_is_removed(
    page: Page, partners_page: Page, live_server: LiveServer, scene: Scene, assign: object
) -> None:
    assert callable(assign)
    case = file_case(scene)
    assign(page, live_server, scene)

    link = link_in_the_mail(scene)
    sign_in(partners_page, link, scene.lena)
    partners_page.wait_for_url(link)
    expect(partners_page.locator("main")).to_contain_text("Acme")
    assert only_assignment().status == AssignmentStatus.PENDING, "looking consumes nothing"
    partners_page.locator("button[value=confirm]").click()
    partners_page.wait_for_url(f"{live_server.url}/reseller/support/")
    expect(partners_page.locator("main .chip--open")).to_be_visible()

    page.reload()
    expect(page.locator("#google_cloud .chip--open")).to_be_visible()
    partners_page.goto(f"{live_server.url}/reseller/support/cases/")
    partners_page.get_by_role("link", name=TITLE).click()
    expect(partners_page.locator("h1")).to_contain_text(TITLE)

    press(page, "google_cloud", "remove")
    expect(page.locator("#google_cloud a[href$='/assign/google_cloud/']")).to_be_visible()
    answer = partners_page.reload()
    assert answer is not None
    assert answer.status == 404
    partners_page.goto(f"{live_server.url}/reseller/support/cases/")
    expect(partners_page.locator("main")).not_to_contain_text(TITLE)
    assert only_assignment().status == AssignmentStatus.REMOVED
    assert Case.objects.get() == case


def test_S4_a_verifier_declines_and_the_manager_sees_it(
    page: Page, partners_page: Page, live_server: LiveServer, scene: Scene
) -> None:
    look_up_and_assign(page, live_server, scene)
    link = link_in_the_mail(scene)
    sign_in(partners_page, link, scene.lena)
    partners_page.locator("button[value=decline]").click()
    expect(partners_page.locator("main .chip--failed")).to_be_visible()
    answer = partners_page.goto(link)
    assert answer is not None
    assert answer.status == 410
    page.reload()
    expect(page.locator("#google_cloud")).to_contain_text("Northwind Cloud")
    assert only_assignment().status == AssignmentStatus.DECLINED
    send_due_mails()
    assert mail.outbox[-1].to == [scene.sam.email]


def test_S8_a_request_that_is_taken_back_makes_its_link_useless(
    page: Page, partners_page: Page, live_server: LiveServer, scene: Scene
) -> None:
    look_up_and_assign(page, live_server, scene)
    link = link_in_the_mail(scene)
    press(page, "google_cloud", "withdraw")
    expect(page.locator("#google_cloud a[href$='/assign/google_cloud/']")).to_be_visible()
    sign_in(partners_page, link, scene.lena)
    expect(partners_page.locator("button[value=confirm]")).to_have_count(0)
    assert only_assignment().status == AssignmentStatus.WITHDRAWN


def test_S9_after_the_move_a_contract_needs_nobodys_approval(
    page: Page, partners_page: Page, live_server: LiveServer, scene: Scene
) -> None:
    migrate_customer(actor=None, customer=scene.globex)
    sign_in(page, live_server.url, scene.gina)
    page.goto(f"{live_server.url}/console/globex.example/support/partners/")
    page.wait_for_url(f"{live_server.url}/console/globex.example/support/contracts/")
    page.locator("a[href$='/contracts/new/']").first.click()
    page.locator("main input[name=q]").fill("northw")
    page.locator("#search button[type=submit]").click()
    page.locator("#search li a").click()
    page.locator("select[name=service]").select_option("google_voice")
    page.locator("main form[method=post] button[type=submit]").click()
    expect(page.locator("main .chip--open")).to_be_visible()
    sign_in(partners_page, live_server.url, scene.lena)
    partners_page.goto(f"{live_server.url}/reseller/support/")
    expect(partners_page.locator("main .chip--open")).to_be_visible()
    assert not [sent for sent in mail.outbox if "/support/verify/" in str(sent.body)]
