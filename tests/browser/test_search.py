"""The search of the top bar and suggestions of people, by keyboard alone."""

from __future__ import annotations

from django.utils import translation
from playwright.sync_api import Locator, Page, expect

from accounts.roles import Role
from tests.browser import directory
from tests.browser.journey import Journey
from tests.factories import make_person

NARROW = 768


def field(journey: Journey, page: Page, name: str = "Search this console") -> Locator:
    """Press `/` and return what has the focus then: the field of the bar, or of the page where the bar has no room."""
    page.keyboard.press("/")
    if journey.width < NARROW:
        page.wait_for_url(f"{journey.url}/console/acme.example/search/")
    focused = page.locator("input[data-search-field]:focus")
    expect(focused).to_have_attribute("aria-label", journey.say(name))
    return focused


def result(journey: Journey, number: int, typed: str) -> str:
    """Return what is said about so many results."""
    one, many = "%(number)s result for “%(text)s”", "%(number)s results for “%(text)s”"
    with translation.override(journey.language):
        said = translation.ngettext(one, many, number) if number else translation.gettext("No result for “%(text)s”")
    return said % {"number": number, "text": typed}


def test_a_person_is_found_by_keyboard_and_opened(journey: Journey) -> None:
    directory.furnish(journey.scene)
    page = journey.sit_down(journey.scene.alice)
    journey.go(page, "groups/")
    focused = field(journey, page)
    page.keyboard.type("person num")
    if journey.width < NARROW:
        # On a page of its own: the results are links below the field.
        expect(page.locator("#found").get_by_role("link", name="Person Number 1")).to_be_visible()
        journey.look(page)
        page.locator("#found").get_by_role("link", name="Person Number 1").press("Enter")
    else:
        options = page.get_by_role("listbox", name=journey.say("Results")).get_by_role("option")
        # People stand first; help texts that have both words follow, and the way to all of them.
        expect(options.filter(has_text="Person Number")).to_have_count(3)
        expect(focused).to_have_attribute("aria-expanded", "true")
        said = result(journey, options.count() - 1, "person num")
        expect(page.locator("#search-said")).to_have_text(said)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        expect(options.nth(1)).to_have_attribute("aria-selected", "true")
        expect(focused).to_have_attribute("aria-activedescendant", str(options.nth(1).get_attribute("id")))
        journey.look(page)
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Person Number 1")


def test_escape_leaves_the_search_for_where_the_person_was(journey: Journey) -> None:
    if journey.width < NARROW:
        return
    page = journey.sit_down(journey.scene.alice)
    journey.go(page, "groups/")
    link = page.locator("main").get_by_role("link").first
    link.focus()
    focused = field(journey, page)
    page.keyboard.type("ali")
    expect(page.locator("#search-found")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#search-found")).to_be_hidden()
    expect(link).to_be_focused()
    # A slash that is typed into a field is a slash.
    page.keyboard.press("/")
    page.keyboard.press("End")
    page.keyboard.type("/")
    expect(focused).to_have_value("ali/")
    # Nothing chosen: Enter leads to the page with everything.
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Search")
    expect(page.locator("#found").get_by_role("link", name="Alice")).to_be_visible()


def test_nothing_found_is_said(journey: Journey) -> None:
    page = journey.sit_down(journey.scene.alice)
    journey.go(page, "groups/")
    field(journey, page)
    page.keyboard.type("qqqq")
    said = result(journey, 0, "qqqq")
    shown = page.locator("#found [role=status]" if journey.width < NARROW else "#search-said")
    expect(shown).to_have_text(said)
    journey.look(page)


def test_members_are_chosen_from_suggestions_into_a_list(journey: Journey) -> None:
    ids = directory.furnish(journey.scene)
    make_person(journey.scene.acme, name="Zelda Fitz", email="zelda@acme.example")
    page = journey.sit_down(journey.scene.alice)
    journey.go(page, f"groups/{ids['group']}/members/")
    area = page.locator("[name=members]")
    area.focus()
    page.keyboard.type("alice@acme.example; zeld")
    option = page.get_by_role("option", name="Zelda Fitz zelda@acme.example")
    expect(option).to_be_visible()
    page.keyboard.press("ArrowDown")
    journey.look(page)
    page.keyboard.press("Enter")
    expect(area).to_have_value("alice@acme.example;zelda@acme.example\n")
    expect(option).to_be_hidden()
    # A group, and an address that is typed to its end.
    page.keyboard.type("eam")
    expect(page.get_by_role("option", name="Team team@acme.example")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".people .search__below")).to_be_hidden()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("zelda@acme.example")
    journey.button(page.locator("main"), "Add members").press("Enter")
    expect(page.locator("main")).to_contain_text("Zelda Fitz")


def test_a_role_is_given_to_a_person_who_was_suggested(journey: Journey) -> None:
    make_person(journey.scene.acme, name="Zelda Fitz", email="zelda@acme.example")
    page = journey.sit_down(journey.scene.alice)
    journey.go(page, f"account/roles/{Role.AUDITOR}/")
    email = page.locator("[name=email]")
    email.focus()
    page.keyboard.type("fitz")
    expect(page.get_by_role("option", name="Zelda Fitz zelda@acme.example")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(email).to_have_value("zelda@acme.example")
    page.keyboard.press("Enter")
    expect(page.locator("table")).to_contain_text("Zelda Fitz")


def test_five_open_consoles_are_told_apart(journey: Journey) -> None:
    page = journey.sit_down(journey.scene.rosa)
    page.goto(f"{journey.url}/console/acme.example/")
    page.locator("main form[method=post] button").first.click()
    journey.go(page, "users/")
    assert page.title().split(" – ")[1] == "Acme"
    name = page.locator(".topbar .brand__organisation")
    expect(name).to_be_visible()
    expect(name).to_have_text("Acme")
    journey.look(page)
