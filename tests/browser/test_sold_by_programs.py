"""What programs did, on the pages: notes and a plan to come, a token that is partly used (B1, B5)."""

from __future__ import annotations

from accounts.actor import Actor
from accounts.roles import Role
from subscriptions.lifecycle import Offer, change_plan, place_order
from subscriptions.models import Sku
from subscriptions.models.subscription import Plan
from subscriptions.transfers import generate_transfer_token, transfer_sku
from tests.browser.journey import Journey
from tests.factories import PASSWORD, make_person

PLUS, GEMINI = "1010020025", "1010470001"


def test_a_reseller_and_its_customer_see_what_a_program_did(journey: Journey) -> None:
    scene = journey.scene
    noted = Offer(Sku.objects.get(pk=PLUS), Plan.TRIAL, None, "PO 4711 / 2026", "DEAL-1")
    sold = place_order(actor=Actor(scene.rosa), customer=scene.acme, reseller=scene.resale, offer=noted)
    change_plan(actor=Actor(scene.rosa), subscription=sold, plan=Plan.ANNUAL_YEARLY_PAY, seats=25)
    nora = make_person(scene.northwind, Role.RESELLER_ADMIN, name="Nora", password=PASSWORD)
    code = generate_transfer_token(actor=Actor(scene.alice), customer=scene.acme, reseller=scene.northwind)
    assert isinstance(code, str)
    gemini = Sku.objects.get(pk=GEMINI)
    transfer_sku(actor=Actor(nora), reseller=scene.northwind, customer=scene.acme, code=code, sku=gemini)
    rosa = journey.sit_down(scene.rosa)
    journey.visit(rosa, f"/reseller/customers/acme.example/subscriptions/{sold.pk}/")
    facts = rosa.locator("main")
    for text in ("PO 4711 / 2026", "DEAL-1", journey.say("Plan after the trial")):
        assert facts.get_by_text(text).count()
    at_northwind = journey.sit_down(nora)
    journey.visit(at_northwind, "/reseller/transfers/")
    assert at_northwind.get_by_text("Gemini").count()
    alice = journey.sit_down(scene.alice)
    journey.visit(alice, "subscriptions/transfer/")
    assert alice.get_by_text(journey.say("Partly used")).count()
