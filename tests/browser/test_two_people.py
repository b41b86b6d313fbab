"""R21: one super admin gives everything, it waits, the other one approves, and then it is queued; at 390 px."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from accounts.actor import Actor
from accounts.models import User
from accounts.models.two_people import Demand
from accounts.roles import Role
from subscriptions.access.desired import remove_now
from subscriptions.models import AccessGrant
from tests.browser.journey import Journey
from tests.factories import PASSWORD, make_person

WINDOW = {"width": 390, "height": 844}


def test_R21_proposed_approved_and_queued(journey: Journey) -> None:
    scene = journey.scene
    bruno = make_person(scene.acme, Role.SUPER_ADMIN, name="Bruno", password=PASSWORD)
    remove_now(actor=Actor(scene.alice), customer=scene.acme, reseller_id=scene.resale.pk)
    first = sit_down(journey, scene.alice)
    demand_two(journey, first)
    propose(journey, first)
    assert not AccessGrant.objects.get(subscription=None).allowed
    second = sit_down(journey, User.objects.get(pk=bruno.pk))
    approve(journey, second)
    assert AccessGrant.objects.get(subscription=None).allowed
    journey.visit(second, "account/two-people/")
    expect(second.locator("main")).to_contain_text(scene.alice.email)


def sit_down(journey: Journey, person: User) -> Page:
    page = journey.sit_down(person)
    page.set_viewport_size(WINDOW)  # type: ignore[arg-type]
    return page


def demand_two(journey: Journey, alice: Page) -> None:
    journey.visit(alice, "account/two-people/")
    alice.get_by_label(journey.say(str(Demand.ACCESS.label)), exact=True).check()
    journey.button(alice, "Save").click()
    expect(alice.locator("#messages .notice--success")).to_be_visible()
    expect(alice.get_by_label(journey.say(str(Demand.ACCESS.label)), exact=True)).to_be_checked()
    journey.look(alice)


def propose(journey: Journey, alice: Page) -> None:
    """Tick the box on *Reseller access*: the save leads to what waits, without a button to approve it."""
    journey.go(alice, "account/reseller-access/")
    alice.get_by_label(journey.say("Allow reseller access"), exact=True).check()
    waits = journey.say("Full access, and access without an end, waits for another super admin.")
    expect(alice.locator("#access-changes")).to_contain_text(waits)
    journey.button(alice, "Save").click()
    own = journey.say("You proposed this. Another super admin has to approve it; they were told.")
    expect(alice.locator("main")).to_contain_text(own)
    expect(journey.button(alice, "Approve")).to_have_count(0)
    expect(journey.button(alice, "Withdraw")).to_be_visible()
    journey.look(alice)


def approve(journey: Journey, bruno: Page) -> None:
    """The other one comes over *Reseller access*, where it stands, reads what will change, and approves."""
    journey.visit(bruno, "account/reseller-access/")
    bruno.locator("main .notice__body a[href*='/two-people/']").first.click()
    expect(bruno.locator("main")).to_contain_text("Resale One")
    journey.look(bruno)
    journey.button(bruno, "Approve").click()
    expect(bruno.locator("#messages .notice--success")).to_be_visible()
    expect(bruno.locator("main .chip--open")).to_be_visible()
    journey.look(bruno)
