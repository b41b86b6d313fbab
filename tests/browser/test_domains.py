"""A super admin adds a domain, verifies it against a name server, and makes it the primary one (P9)."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from accounts.models import Domain
from accounts.tasks import look_up_domains
from tests.accounts.name_server import name_server
from tests.browser.journey import Journey


def test_P9_a_domain_is_added_verified_and_made_primary(journey: Journey) -> None:
    alice = journey.sit_down(journey.scene.alice)
    journey.visit(alice, "account/domains/")
    journey.link(alice, "Add a domain").click()
    journey.look(alice)
    alice.locator("[name=name]").fill("globex.example")
    journey.button(alice, "Add a domain").click()
    expect(alice.locator("[data-error-summary]")).to_be_focused()
    journey.look(alice)
    alice.locator("[name=name]").fill("Brand.example")
    journey.button(alice, "Add a domain").click()
    expect(alice.locator("h1")).to_have_text("brand.example")
    row = Domain.objects.get(name="brand.example")
    expect(alice.locator("#record-name")).to_have_text("_reseller-console.brand.example")
    expect(alice.locator("#record-value")).to_have_text(row.record_value)
    journey.look(alice)
    with name_server() as server:
        journey.button(alice, "Check now").click()
        expect(alice.locator("#domain-check")).to_contain_text(
            journey.say("The TXT record is being looked for. This takes some seconds.")
        )
        look_up_domains()
        # The page follows by itself.
        expect(alice.locator("#domain-check")).to_contain_text(
            re.compile(re.escape(journey.say("No TXT record was found").split(" ", 1)[0]))
        )
        journey.look(alice)
        server.records[row.record_name] = [row.record_value]
        Domain.objects.filter(pk=row.pk).update(looked_at=None)
        journey.button(alice, "Check now").click()
        expect(alice.locator(".live")).to_be_visible()
        look_up_domains()
    alice.reload()
    expect(alice.locator("main .chip")).to_contain_text(journey.say("Verified"))
    journey.look(alice)
    journey.link(alice, "Make primary").click()
    journey.look(alice)
    journey.button(alice, "Make primary").click()
    alice.wait_for_url(re.compile("/console/brand.example/account/domains/"))
    journey.look(alice)
    alice.goto(f"{journey.url}/console/acme.example/account/")
    alice.wait_for_url(re.compile("/console/brand.example/account/$"))
