"""R17: a reseller asks for access, a super admin gives less, it takes effect, and both sides see it."""

from __future__ import annotations

from django.conf import LazySettings
from playwright.sync_api import Page, expect

from accounts.actor import Actor
from subscriptions.access.desired import remove_now
from subscriptions.access.levels import MEANINGS
from subscriptions.models import AccessRequest
from subscriptions.models.level import Level
from tests.access.requests_world import REASON
from tests.browser.journey import SOON, Journey
from tests.browser.stage import GEMINI
from tests.servers import CeleryWorker


def test_R17_asked_for_given_narrower_and_in_effect(
    journey: Journey, settings: LazySettings, worker_and_beat: CeleryWorker
) -> None:
    settings.ACCESS_PROPAGATION_MIN, settings.ACCESS_PROPAGATION_MEDIAN, settings.ACCESS_PROPAGATION_MAX = 1, 1, 2
    scene = journey.scene
    remove_now(actor=Actor(scene.alice), customer=scene.acme, reseller_id=scene.resale.pk)

    rosa = journey.sit_down(scene.rosa)
    ask(journey, rosa)
    alice = journey.sit_down(scene.alice)
    give_less(journey, alice)
    is_in_effect(journey, alice, rosa)
    assert AccessRequest.objects.get().given_level == Level.VIEW


def ask(journey: Journey, rosa: Page) -> None:
    """From the closed console to a request that waits."""
    answer = rosa.goto(f"{journey.url}/console/acme.example/")
    assert answer is not None
    assert answer.status == 403
    journey.look(rosa)
    rosa.get_by_role("link", name=journey.say("Ask for access")).click()
    journey.look(rosa)
    rosa.locator("[name=level][value=full]").check()
    rosa.locator("[name=lasts]").select_option("720")
    rosa.locator("summary", has_text="Google").click()
    rosa.locator(f"[name=skus][value='{GEMINI}']").check()
    rosa.locator("[name=reason]").fill(" ")  # the browser itself asks for something
    journey.button(rosa, "Send the request").click()
    expect(rosa.locator("[data-error-summary]")).to_be_focused()
    expect(rosa.locator(f"[name=skus][value='{GEMINI}']")).to_be_checked()
    journey.look(rosa)
    rosa.locator("[name=reason]").fill(REASON)
    journey.button(rosa, "Send the request").click()
    expect(rosa.locator("main")).to_contain_text(journey.say("Waiting for an answer"))
    journey.look(rosa)


def give_less(journey: Journey, alice: Page) -> None:
    """From the home page over *Reseller access* to an approval for a day."""
    journey.visit(alice, "")
    journey.visit(alice, "account/reseller-access/")
    alice.locator("main .notice__body a").click()
    expect(alice.locator("main")).to_contain_text(REASON)
    journey.look(alice)
    alice.locator("[name=level][value=view]").check()
    alice.locator("[name=lasts]").select_option("24")
    journey.button(alice, "Continue").click()
    expect(alice.locator("main")).to_contain_text(
        journey.say(
            "%(reseller)s gets this level: %(level)s. %(meaning)s",
            reseller="Resale One",
            level=journey.say("View only"),
            meaning=journey.say(str(MEANINGS[Level.VIEW])),
        )
    )
    journey.look(alice)
    journey.button(alice, "Go back and edit").click()
    expect(alice.locator("[name=level][value=view]")).to_be_checked()
    journey.button(alice, "Continue").click()
    journey.button(alice, "Approve").click()
    expect(alice.locator("#messages .notice--success")).to_be_visible()
    journey.look(alice)
    journey.visit(alice, "account/reseller-access/requests/")


def is_in_effect(journey: Journey, alice: Page, rosa: Page) -> None:
    """Both see it, and what the level does not open stays closed."""
    journey.go(alice, "account/reseller-access/")
    expect(alice.locator(".chip--open").first).to_be_visible(timeout=SOON)
    journey.go(rosa, "/reseller/customers/acme.example/")
    expect(rosa.locator(".chip--open").first).to_be_visible()
    expect(rosa.locator("main")).to_contain_text(journey.say("Given: %(level)s", level=journey.say("View only")))
    journey.look(rosa)
    rosa.get_by_role("button", name=journey.say("Open admin console")).click()
    if "/enter/" in rosa.url:
        rosa.locator("main form button[type=submit]").click()
    expect(rosa.locator(".acting")).to_contain_text("Resale One")
    refused = rosa.goto(f"{journey.url}/console/acme.example/users/new/")
    assert refused is not None
    assert refused.status == 403
