"""A list by keyboard: search, filter, sort, rows chosen over two pages, and one change for all of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.models import User
from tests.browser.journey import Journey
from tests.factories import make_person


@pytest.mark.parametrize("journey", [("en", "light", 1280), ("fr", "dark", 390)], ids=["en", "fr"], indirect=True)
def test_rows_chosen_on_two_pages_are_suspended_together(journey: Journey) -> None:
    acme = journey.scene.acme
    for number in range(60):
        make_person(acme, name=f"Person {number:02}")
    page = journey.sit_down(journey.scene.alice)
    journey.go(page, "users/")
    bar = page.locator(".list__bulk")
    expect(bar).to_be_hidden()
    page.get_by_label(journey.say("Select %(name)s", name="Person 00"), exact=True).press("Space")
    page.get_by_label(journey.say("Select %(name)s", name="Person 01"), exact=True).press("Space")
    expect(bar).to_contain_text(journey.say("{number} selected").replace("{number}", "2"))
    journey.look(page)
    page.locator("[data-select-everybody]").check()
    expect(bar).to_contain_text(
        journey.say("{number} selected").replace("{number}", str(User.objects.filter(customer=acme).count()))
    )
    page.locator("[data-select-everybody]").uncheck()
    expect(bar).to_contain_text(journey.say("{number} selected").replace("{number}", "2"))
    page.get_by_role("link", name=journey.say("Next")).press("Enter")
    page.wait_for_url("**after=**")
    expect(bar).to_contain_text(journey.say("{number} selected").replace("{number}", "2"))
    page.get_by_label(journey.say("Select %(name)s", name="Person 59"), exact=True).press("Space")
    journey.button(page, "Suspend").press("Enter")
    expect(page.locator("main")).to_contain_text("Person 00")
    expect(page.locator("main")).to_contain_text("Person 59")
    journey.look(page)


@pytest.mark.parametrize("journey", [("fr", "light", 1280)], ids=["fr"], indirect=True)
def test_a_list_is_searched_filtered_sorted_and_its_columns_chosen_by_keyboard(journey: Journey) -> None:
    acme = journey.scene.acme
    for name in ("Bob", "Carol"):
        make_person(acme, name=name)
    User.objects.filter(name="Carol").update(is_active=False)
    page = journey.sit_down(journey.scene.alice)
    journey.go(page, "users/")
    names = page.locator("tbody th")
    page.get_by_role("link", name=journey.say("Name")).press("Enter")
    expect(page.locator("thead [aria-sort=descending]")).to_have_count(1)
    expect(names.first).to_contain_text("Sam")
    page.locator("main").get_by_role("searchbox").fill("carol")
    page.keyboard.press("Enter")
    expect(names).to_have_count(1)
    page.locator("main .list__filter summary").press("Enter")
    page.locator(".list__filter").get_by_label(journey.say("Status"), exact=True).select_option("active")
    journey.look(page)
    journey.button(page, "Apply").press("Enter")
    expect(page.locator("main")).to_contain_text(journey.say("No user matches this search"))
    page.locator(".chip--remove").press("Enter")
    expect(names).to_have_count(1)
    page.get_by_label(journey.say("Columns and rows")).press("Enter")
    page.locator(".list__end").get_by_label(journey.say("Admin roles"), exact=True).press("Space")
    journey.look(page)
    journey.button(page.locator(".list__end"), "Save").press("Enter")
    expect(page.locator("thead")).to_contain_text(journey.say("Admin roles"))
    expect(names).to_have_count(1)
