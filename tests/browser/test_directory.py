"""The tree, groups and devices in a browser: the main tasks of an admin, and what axe says of every page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.directory.tree import tree_of
from accounts.models import Device, DirectoryGroup, OrgUnit
from tests.browser import stage
from tests.browser.directory import furnish
from tests.browser.stage import sign_in
from tests.jobs.bulk_world import work

CONSOLE = "/console/acme.example/"


PAGES = (
    "org-units/",
    "org-units/?q=nothing",
    "org-units/create/?below={unit}",
    "org-units/{unit}/",
    "org-units/{unit}/edit/",
    "org-units/{unit}/move/?parent={other}",
    "groups/",
    "groups/create/",
    "groups/{group}/",
    "groups/{group}/edit/",
    "groups/{group}/access/",
    "groups/{group}/members/",
    "devices/",
    "devices/enrol/",
    "devices/{device}/",
    "devices/{blocked}/",
    "devices/change/?device={device}&device={blocked}&action=move",
)


@pytest.mark.parametrize(("language", "scheme", "width"), [("en", "light", 1280), ("fr", "dark", 360)])
def test_axe_is_content_with_the_directory(
    browser: Browser, live_server: LiveServer, transactional_db: None, language: str, scheme: str, width: int
) -> None:
    scene = stage.build(language=language)
    found = furnish(scene)
    context = browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": width, "height": 900},
        locale=language,
    )
    page = context.new_page()
    sign_in(page, live_server.url, scene.alice)
    for path in PAGES:
        answer = page.goto(live_server.url + CONSOLE + path.format_map(found))
        assert answer is not None
        assert answer.status == 200, path
        stage.axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{path} scrolls sideways"
    context.close()


@pytest.fixture
def alice(page: Page, live_server: LiveServer, transactional_db: None) -> Page:
    """The browser of Acme's super admin, on the tree of units."""
    scene = stage.build()
    furnish(scene)
    sign_in(page, live_server.url, scene.alice)
    return page


def test_an_admin_moves_a_unit_after_seeing_what_changes(alice: Page, live_server: LiveServer) -> None:
    alice.goto(live_server.url + CONSOLE)
    alice.get_by_role("link", name="Organisational units").click()
    alice.get_by_role("link", name="Move /Sales", exact=True).click()
    alice.get_by_label("New place below").select_option("/Engineering")
    alice.get_by_role("button", name="Show what changes").click()
    expect(alice.locator("tr", has_text="/Engineering/Sales/Berlin/Mitte")).to_contain_text("On")
    assert tree_of(OrgUnit.objects.get(name="Sales").customer).at("/Sales") is not None, "nothing is moved yet"
    alice.get_by_role("button", name="Move unit").click()
    expect(alice.locator("main")).to_contain_text("/Engineering/Sales")
    expect(alice.locator("tr", has_text="Approval of mobile devices")).to_contain_text("Inherited from /Engineering")


def test_an_admin_corrects_a_bad_line_and_loses_nothing(alice: Page, live_server: LiveServer) -> None:
    team = DirectoryGroup.objects.get(name="Team")
    alice.goto(live_server.url + CONSOLE + f"groups/{team.pk}/")
    alice.get_by_role("link", name="Add members").click()
    typed = "sam@acme.example\ngina@globex.example"
    alice.get_by_label("E-mail addresses").fill(typed)
    alice.get_by_role("button", name="Add members").click()
    expect(alice.locator(".error-summary")).to_contain_text("Line 2, gina@globex.example")
    expect(alice.get_by_label("E-mail addresses")).to_have_value(typed)
    assert team.members.count() == 4
    alice.get_by_label("E-mail addresses").fill("sam@acme.example")
    alice.get_by_role("button", name="Add members").click()
    expect(alice.locator("#messages")).to_contain_text("1 member was added.")
    assert team.members.count() == 5


def test_an_admin_removes_several_devices_after_reading_what_that_means(alice: Page, live_server: LiveServer) -> None:
    alice.goto(live_server.url + CONSOLE + "devices/")
    alice.get_by_label("Select 5CD1234ABC").check()
    alice.get_by_label("Select R58M12ABCD").check()
    alice.get_by_role("button", name="Remove").click()
    expect(alice.locator("h1")).to_have_text("Remove devices")
    expect(alice.locator("main")).to_contain_text("2 devices are selected")
    alice.get_by_label("Reason for deprovisioning").select_option(index=1)
    alice.get_by_role("button", name="Continue").click()
    expect(alice.get_by_role("button", name="Remove devices")).to_be_visible()
    assert Device.objects.count() == 3
    alice.get_by_role("button", name="Remove devices").click()
    expect(alice.locator("#messages")).to_contain_text("Started.")
    work()
    assert [device.serial_number for device in Device.objects.all()] == ["F2LXK1ABCD"]
