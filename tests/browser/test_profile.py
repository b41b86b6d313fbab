"""A super admin keeps the profile of their organisation, and adds a person by given and family name."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page, expect

from accounts.models import Customer, User
from tests.browser.journey import Journey


def shoot(page: Page, name: str, journey: Journey) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}-{journey.language}.png"), full_page=True)


def test_the_profile_is_changed_and_a_person_added(journey: Journey) -> None:
    alice, say = journey.sit_down(journey.scene.alice), journey.say
    journey.visit(alice, "/console/acme.example/account/profile/")
    shoot(alice, "profile", journey)
    alice.get_by_label(say("City")).fill("Hamburg")
    alice.get_by_label(say("Country")).fill("de")
    alice.get_by_label(say("Telephone number")).fill("call me")
    alice.get_by_role("button", name=say("Save")).click()
    expect(alice.get_by_role("alert")).to_be_visible()
    shoot(alice, "profile-refused", journey)
    alice.get_by_label(say("Telephone number")).fill("+49 40 123456")
    alice.get_by_role("button", name=say("Save")).click()
    expect(alice.get_by_text(say("The profile was saved."))).to_be_visible()
    expect(alice.locator("main").get_by_text("+49 40 123456")).to_be_visible()
    shoot(alice, "settings", journey)
    assert Customer.objects.get(pk=journey.scene.acme.pk).locality == "Hamburg"
    journey.visit(alice, "/console/acme.example/users/new/")
    alice.get_by_label(say("Given name")).fill("María José")
    alice.get_by_label(say("Family name")).fill("García Lorca")
    alice.get_by_label(say("E-mail address")).fill("mj")
    shoot(alice, "user-new", journey)
    alice.get_by_role("button", name=say("Add user")).click()
    expect(alice.get_by_role("heading", level=1)).to_have_text("María José García Lorca")
    person = User.objects.get(email="mj@acme.example")
    assert (person.given_name, person.family_name) == ("María José", "García Lorca")
