"""R20: a console becomes open only when needed; an agent activates it, sees the countdown, and is put out."""

from __future__ import annotations

from dataclasses import replace

from django.conf import LazySettings
from playwright.sync_api import Locator, Page, expect

from accounts.actor import Actor
from accounts.models import Activation, AuditEvent
from accounts.models.activations import Approval
from subscriptions.access.comparison import Desired
from subscriptions.access.desired import save_reseller_access
from subscriptions.access.extent import Extent
from subscriptions.access.propagation import apply_due_changes
from subscriptions.models import AccessGrant, AccessPolicy
from subscriptions.models.standing import Standing
from tests.access.activations import REASON
from tests.access.world import pass_time
from tests.browser.journey import Journey

PLACE = "/console/acme.example/"


def test_R20_activated_seen_running_and_over(journey: Journey, settings: LazySettings) -> None:
    settings.ACCESS_PROPAGATION_MIN, settings.ACCESS_PROPAGATION_MEDIAN, settings.ACCESS_PROPAGATION_MAX = 0, 0.01, 10
    alice = journey.sit_down(journey.scene.alice)
    choose_on_request(journey, alice)
    pass_time(60)
    apply_due_changes()
    rosa = journey.sit_down(journey.scene.rosa)
    activate(journey, rosa)
    expect(rosa.locator("[data-countdown]")).to_contain_text("60")
    journey.look(rosa)
    pass_time(3600 - 300)
    ask_for_more(journey, rosa)
    pass_time(600)
    journey.visit(rosa, "users/")
    put_out(journey, alice)
    refused = rosa.goto(f"{journey.url}{PLACE}users/")
    assert refused is not None
    assert refused.status == 403
    journey.look(rosa)
    assert AuditEvent.objects.get(name="END_ACTIVATION").actor_email == journey.scene.alice.email


def choose_on_request(journey: Journey, alice: Page) -> None:
    """The third setting of the box, with its preview."""
    journey.go(alice, "account/reseller-access/")
    alice.locator("[data-narrow] > summary").first.click()
    alice.locator("input[name^=standing-][value=nothing]").first.check()
    journey.look(alice)
    says = journey.say("The console is open to {reseller} only when needed: an agent activates it with a reason.")
    expect(alice.locator("#access-form")).to_contain_text(says.split("{reseller}")[1])
    journey.button(alice, "Save").click()
    expect(alice.locator("#messages .notice--success")).to_be_visible()
    journey.look(alice)
    assert AccessGrant.objects.get(customer=journey.scene.acme, subscription=None).standing == Standing.NOTHING


def activate(journey: Journey, rosa: Page) -> None:
    """From the closed console to the bar that says until when."""
    answer = rosa.goto(f"{journey.url}{PLACE}")
    assert answer is not None
    assert answer.status == 403
    journey.look(rosa)
    rosa.get_by_role("link", name=journey.say("Activate access")).click()
    journey.look(rosa)
    rosa.locator("[name=lasts]").select_option("1")
    rosa.locator("[name=reason]").fill(" ")  # the browser itself asks for something
    rosa.locator("[name=case_number]").fill("T-9")
    journey.button(rosa, "Activate access").click()
    expect(rosa.locator("[data-error-summary]")).to_be_focused()
    expect(rosa.locator("[name=case_number]")).to_have_value("T-9")
    journey.look(rosa)
    rosa.locator("[name=reason]").fill(REASON)
    journey.button(rosa, "Activate access").click()
    expect(rosa.locator(".acting")).to_contain_text(str(Activation.objects.get().pk))


def ask_for_more(journey: Journey, rosa: Page) -> None:
    """Ten minutes before the end the bar offers more time."""
    journey.go(rosa, PLACE)
    rosa.locator("[data-more]").click()
    expect(rosa.locator("[name=reason]")).to_have_value(REASON)
    rosa.locator("[name=lasts]").select_option("1")
    journey.look(rosa)
    journey.button(rosa, "Ask for more time").click()
    expect(rosa.locator(".acting [data-countdown]")).to_be_visible()


def put_out(journey: Journey, alice: Page) -> None:
    """The customer sees who is inside, why, and ends it."""
    journey.visit(alice, "account/reseller-access/activations/")
    expect(alice.locator("main")).to_contain_text(REASON)
    named(journey, alice, "End now").first.click()
    expect(alice.locator("#messages .notice--success")).to_be_visible()
    journey.look(alice)


def test_R20_waits_for_the_customer_who_lets_in_or_says_why_not(journey: Journey) -> None:
    scene = journey.scene
    AccessPolicy.objects.create(customer=scene.acme, activation_approval=Approval.CUSTOMER)
    grant = AccessGrant.objects.get(customer=scene.acme, subscription=None)
    box = Desired(scene.resale.pk, None, True, grant.generation)
    extent = Extent(standing=Standing.CASES)
    save_reseller_access(actor=Actor(scene.alice), customer=scene.acme, desired=[replace(box, extent=extent)])
    pass_time(24 * 3600)
    apply_due_changes()
    rosa = journey.sit_down(scene.rosa)
    ask(journey, rosa)
    alice = journey.sit_down(scene.alice)
    journey.visit(alice, "account/reseller-access/")
    alice.locator("main .notice__body a").first.click()
    expect(alice.locator("main")).to_contain_text(REASON)
    journey.look(alice)
    alice.get_by_role("link", name=journey.say("Reject")).first.click()
    alice.locator("[name=reason]").fill("Call me first")
    journey.look(alice)
    journey.button(alice.locator("main"), "Reject").click()
    journey.go(rosa, "/reseller/customers/acme.example/")
    expect(rosa.locator("main")).to_contain_text("Call me first")
    journey.look(rosa)
    ask(journey, rosa)
    journey.go(alice, "account/reseller-access/activations/")
    named(journey, alice, "Approve").click()
    expect(alice.locator("#messages .notice--success")).to_be_visible()
    journey.go(rosa, "/reseller/customers/acme.example/")
    journey.look(rosa)
    journey.button(rosa, "Open admin console").click()
    expect(rosa.locator(".acting [data-countdown]")).to_be_visible()


def named(journey: Journey, page: Page, text: str) -> Locator:
    """A button that also names the agent it is about, for those who cannot see the row."""
    return page.locator("main").get_by_role("button", name=journey.say(text))


def ask(journey: Journey, rosa: Page) -> None:
    journey.go(rosa, "/reseller/customers/acme.example/activate/")
    rosa.locator("[name=reason]").fill(REASON)
    journey.button(rosa, "Activate access").click()
    expect(rosa.locator("#messages .notice--success")).to_be_visible()
    journey.look(rosa)
