"""R15: an agent says why it enters; the customer's super admin is told, looks, and puts the agent out."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.journey import Journey

REASON = "Ticket 4711: nobody can sign in"


def test_R15_an_agent_enters_with_a_reason_and_a_super_admin_ends_it(journey: Journey) -> None:
    scene = journey.scene
    alice = journey.sit_down(scene.alice)
    journey.go(alice, "account/outside-access/")
    alice.locator("[name=required]").check()
    journey.button(alice, "Save").click()
    expect(alice.locator("#messages .notice--success")).to_be_visible()

    rosa = journey.sit_down(scene.rosa)
    journey.go(rosa, "/reseller/home/")
    rosa.locator("main a[href$='?access=never_used']").click()
    expect(rosa.locator("main table")).to_contain_text("Acme")
    journey.go(rosa, "/reseller/customers/acme.example/")
    journey.link(rosa, "Open admin console").click()
    journey.look(rosa)
    rosa.locator("[name=reason]").fill(" ")  # the browser itself asks for something
    journey.button(rosa, "Open admin console").click()
    expect(rosa.locator("[data-error-summary]")).to_be_focused()
    journey.look(rosa)
    rosa.locator("[name=reason]").fill(REASON)
    rosa.locator("[name=case_number]").fill("C-1")
    journey.button(rosa, "Open admin console").click()
    expect(rosa.locator(".acting")).to_contain_text("Resale One")
    journey.look(rosa)

    journey.go(alice, "")
    expect(alice.locator("main")).to_contain_text(
        journey.say("%(number)s session open now", "%(number)s sessions open now", number=1)
    )
    bell = alice.get_by_role("link", name=journey.say("Notifications, %(number)s unread", number=1))
    bell.click()
    expect(alice.locator("main tbody tr")).to_contain_text(REASON)
    journey.look(alice)
    alice.locator("main tbody").get_by_role("button", name=journey.say("Show")).click()
    alice.wait_for_url(re.compile(r"/console/acme\.example/account/outside-access/\d+/$"))
    expect(bell).to_have_count(0)
    expect(alice.locator("main")).to_contain_text(REASON)
    journey.look(alice)
    journey.go(alice, "account/outside-access/")
    session = alice.locator("tr", has_text="rosa@resale-one.example")
    expect(session).to_contain_text(REASON)
    journey.look(alice)
    journey.confirm(session, "End session")
    expect(alice.locator("#messages .notice--success")).to_be_visible()

    rosa.goto(f"{journey.url}/console/acme.example/users/")
    rosa.wait_for_url(re.compile(rf"^{journey.url}/reseller/customers/acme\.example/enter/(\?|$)"))
    expect(rosa.locator("main .page")).to_contain_text(
        journey.say("%(customer)s has ended your session", customer="Acme")
    )
    expect(rosa.locator(".acting")).to_have_count(0)
    journey.look(rosa)


def test_R23_a_super_admin_reads_a_visit_does_not_recognise_it_and_removes_the_access(journey: Journey) -> None:
    scene = journey.scene
    rosa = journey.sit_down(scene.rosa)
    journey.go(rosa, "/reseller/customers/acme.example/")
    journey.button(rosa, "Open admin console").click()
    expect(rosa.locator(".acting")).to_be_visible()
    for path in ("users/?q=Ali&status=active", f"users/{scene.sam.pk}/", f"users/{scene.sam.pk}/", "org-units/"):
        journey.go(rosa, path)
    journey.go(rosa, "groups/create/")
    rosa.locator("[name=name]").fill("Everybody")
    rosa.locator("[name=email]").fill("everybody@acme.example")
    rosa.locator("main form.form button[type=submit]").click()
    expect(rosa.locator("#messages .notice--success")).to_be_visible()

    alice = journey.sit_down(scene.alice)
    journey.go(alice, "account/outside-access/")
    alice.locator("tr", has_text="rosa@resale-one.example").get_by_role("link").click()
    expect(alice.locator("main")).to_contain_text("sam@acme.example")
    expect(alice.locator("main")).to_contain_text("everybody@acme.example")
    journey.look(alice)
    journey.button(alice, "I do not recognise this").click()
    journey.look(alice)
    journey.button(alice.get_by_role("dialog"), "Report visit").click()
    expect(alice.locator("#messages .notice--success")).to_be_visible()
    expect(alice.get_by_role("heading", name=journey.say("Reported"), exact=True)).to_be_visible()
    journey.look(alice)
    journey.confirm(alice, "Remove now")
    alice.wait_for_url(re.compile(r"/account/reseller-access/"))
    expect(alice.locator("#messages .notice--success")).to_be_visible()
    assert rosa.goto(f"{journey.url}/console/acme.example/users/").status == 403
