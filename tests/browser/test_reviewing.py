"""R22: a super admin begins a review, decides some lines, goes on later, and finishes; the result stays as it is."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

from playwright.sync_api import Page, expect

from accounts.actor import Actor
from accounts.staffing import assign_customers_to_agent
from subscriptions.access.comparison import Desired
from subscriptions.access.desired import save_reseller_access
from subscriptions.access.propagation import apply_due_changes
from subscriptions.models import AccessChange, AccessGrant, Review, Subscription
from subscriptions.models.level import Level
from tests.browser import stage
from tests.browser.journey import Journey
from tests.browser.stage import GEMINI

REVIEWS = "account/reseller-access/reviews/"


def test_R22_begun_decided_in_two_goes_and_finished(journey: Journey) -> None:
    open_a_box(journey)
    alice = journey.sit_down(journey.scene.alice)
    begin(journey, alice)
    narrow_the_console(journey, alice)
    remove_the_box(journey, alice)
    finish(journey, alice)
    review = Review.objects.get()
    assert review.result == {"narrow": 1, "remove": 1}
    grants = AccessGrant.objects.filter(customer=journey.scene.acme).order_by("subscription_id")
    assert [(grant.allowed, grant.level) for grant in grants] == [(False, Level.FULL), (True, Level.VIEW)]


def test_R22_a_reseller_reviews_who_works_for_whom(journey: Journey) -> None:
    scene = journey.scene
    assign_customers_to_agent(actor=None, agent=scene.rosa, customers=[scene.acme])
    rosa = journey.sit_down(scene.rosa)
    journey.visit(rosa, "/reseller/staff/")
    rosa.get_by_label(journey.say("More actions"), exact=True).click()
    journey.link(rosa, "Reviews").click()
    journey.look(rosa)
    journey.button(rosa, "Begin a review").click()
    journey.look(rosa)
    rosa.locator("main").get_by_label(journey.say("Keep"), exact=True).check()
    journey.button(rosa, "Save").click()
    journey.button(rosa, "Finish the review").click()
    expect(rosa.locator("#messages .notice--success")).to_be_visible()
    journey.look(rosa)
    assert Review.objects.get().result == {"keep": 1}


def open_a_box(journey: Journey) -> None:
    scene = journey.scene
    gemini = Subscription.objects.get(customer=scene.acme, sku=GEMINI)
    save_reseller_access(
        actor=Actor(scene.alice),
        customer=scene.acme,
        desired=[Desired(scene.resale.pk, gemini.pk, True, 0)],
        agreed=[scene.resale.pk],
    )
    AccessChange.objects.filter(settled_at=None).update(due_at="2020-01-01T00:00Z", next_attempt_at="2020-01-01T00:00Z")
    apply_due_changes()


def begin(journey: Journey, alice: Page) -> None:
    """From *Reseller access* to a review that has begun."""
    journey.go(alice, "account/reseller-access/")
    journey.link(alice, "Reviews").click()
    journey.look(alice)
    journey.button(alice, "Begin a review").click()
    expect(alice.locator("tbody tr")).to_have_count(2)
    journey.look(alice)


def narrow_the_console(journey: Journey, alice: Page) -> None:
    """A note alone is refused and stays; level and end appear with *Narrow*; the other line waits."""
    console = alice.locator("tbody tr").first
    console.locator("textarea").fill("They only look.")
    journey.button(alice, "Save").click()
    expect(alice.locator("[data-error-summary]")).to_be_focused()
    expect(alice.locator("tbody tr").first.locator("textarea")).to_have_value("They only look.")
    journey.look(alice)
    console = alice.locator("tbody tr").first
    expect(console.locator("select").first).to_be_hidden()
    console.locator("[value=narrow]").check()
    console.locator("select").first.select_option(Level.VIEW)
    console.locator("select").last.select_option("720")
    journey.look(alice)
    journey.button(alice, "Save").click()
    expect(alice.locator("main")).to_contain_text(journey.say("%(value)s of %(total)s", value=1, total=2))
    expect(alice.locator("tbody tr").first).to_contain_text("They only look.")
    journey.look(alice)


def remove_the_box(journey: Journey, alice: Page) -> None:
    """On another day: over the list of reviews to the line that waits."""
    journey.go(alice, REVIEWS)
    journey.look(alice)
    journey.link(alice, "Go on with the review").click()
    alice.locator(".list__filter summary").click()
    alice.locator("select[name=show]").select_option("waiting")
    journey.button(alice, "Apply").click()
    expect(alice.locator("tbody tr")).to_have_count(1)
    alice.locator("tbody [value=remove]").check()
    journey.button(alice, "Save").click()
    journey.look(alice)


def finish(journey: Journey, alice: Page) -> None:
    """The result can be read, printed and taken along, and nothing of it can be changed."""
    journey.button(alice, "Finish the review").click()
    expect(alice.locator("#messages .notice--success")).to_be_visible()
    expect(alice.locator("main input[type=radio]")).to_have_count(0)
    journey.look(alice)
    with alice.expect_download() as download:
        journey.link(alice, "Export as CSV").click()
    rows = list(csv.DictReader(StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert [row[journey.say("Decision")] for row in rows] == [journey.say("Narrow"), journey.say("Remove")]
    assert rows[0][journey.say("Note")] == "They only look."
    alice.emulate_media(media="print")
    expect(alice.locator("tbody tr")).to_have_count(2)
    expect(alice.locator("main select").first).to_be_hidden()
    stage.axe(alice)
    alice.emulate_media(media="screen")
    journey.visit(alice, REVIEWS)
