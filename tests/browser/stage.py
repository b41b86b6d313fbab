"""What the journeys share: the scene, signing in through the page, and what axe says."""

from __future__ import annotations

import json
from dataclasses import dataclass

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from accounts.actor import Actor
from accounts.models import Customer, Reseller, User
from accounts.organisations import VENDOR
from accounts.roles import Role
from subscriptions.access.propagation import apply_due_changes
from subscriptions.lifecycle import Offer, order_subscription
from subscriptions.models import Sku
from subscriptions.models.subscription import Plan
from support import cases
from support.assignments import new_link
from support.migration import migrate_customer
from support.models.case import Priority
from support.models.partner import Service
from support.partners import assign_support_partner, create_contract, decide_by_link
from tests.factories import PASSWORD, make_customer, make_person, make_reseller

WORKSPACE, GEMINI = "1010020028", "1010470001"


@dataclass(frozen=True, slots=True)
class Scene:
    """Acme buys from Resale One and from the vendor; Globex is a stranger.

    Sam manages Acme's support. Northwind sells to nobody; Lena is its support agent, Vera the vendor's.
    """

    acme: Customer
    globex: Customer
    resale: Reseller
    alice: User
    northwind: Reseller
    rosa: User
    olga: User
    sam: User
    gina: User
    lena: User
    vera: User


def build(*, language: str = "en") -> Scene:
    """Make the scene, with the relation's first access in effect."""
    acme, globex = make_customer("Acme", "acme.example"), make_customer("Globex", "globex.example")
    resale = make_reseller("Resale One", "resale-one.example")
    alice = make_person(acme, Role.SUPER_ADMIN, name="Alice", password=PASSWORD)
    rosa = make_person(resale, Role.RESELLER_ADMIN, name="Rosa", password=PASSWORD)
    olga = make_person(VENDOR, Role.VENDOR_OPERATOR, name="Olga", password=PASSWORD)
    northwind = make_reseller("Northwind Cloud", "northwind.example")
    northwind.postal_address = "12 Canal Street, Dublin"
    northwind.save(update_fields=["postal_address"])
    sam = make_person(acme, Role.SUPPORT_MANAGER, name="Sam", password=PASSWORD)
    gina = make_person(globex, Role.SUPER_ADMIN, name="Gina", password=PASSWORD)
    lena = make_person(northwind, Role.SUPPORT_AGENT, name="Lena", password=PASSWORD)
    vera = make_person(VENDOR, Role.VENDOR_SUPPORT, name="Vera", password=PASSWORD)
    User.objects.update(language=language)
    people = [User.objects.get(pk=person.pk) for person in (alice, rosa, olga, sam, gina, lena, vera)]
    workspace, gemini = Sku.objects.get(pk=WORKSPACE), Sku.objects.get(pk=GEMINI)
    order_subscription(actor=None, customer=acme, reseller=resale, offer=Offer(workspace, Plan.FLEXIBLE, 20))
    order_subscription(actor=None, customer=acme, reseller=None, offer=Offer(gemini, Plan.ANNUAL_MONTHLY_PAY, 20))
    apply_due_changes()
    return Scene(acme, globex, resale, people[0], northwind, *people[1:])


def live_with_support(scene: Scene) -> dict[str, str]:
    """Fill the pages of support: a partner at work, a request, a case, and Globex after its move (S9).

    Returns what stands in addresses: a case, a partner, and the token of the request.
    """
    sam, gina, lena = Actor(scene.sam), Actor(scene.gina), Actor(scene.lena)
    asked = {
        service: assign_support_partner(
            actor=sam,
            customer=scene.acme,
            service=service,
            reseller=scene.northwind,
            verifier_email=scene.lena.email,
        )
        for service in (Service.GOOGLE_WORKSPACE, Service.GOOGLE_VOICE)
    }
    decide_by_link(actor=lena, token=new_link(asked[Service.GOOGLE_WORKSPACE]), confirm=True)
    draft = cases.Draft(
        Service.GOOGLE_WORKSPACE, "mail.spam", "Much spam", "Since Monday.", Priority.P1, language="en", time_zone="UTC"
    )
    case = cases.file_case(actor=sam, customer=scene.acme, draft=draft)
    cases.comment(actor=lena, case_id=case.pk, text="We look at it.")
    migrate_customer(actor=None, customer=scene.globex)
    create_contract(
        actor=gina,
        customer=scene.globex,
        service=Service.GOOGLE_CLOUD,
        reseller=scene.northwind,
        opens_console=True,
    )
    token = new_link(asked[Service.GOOGLE_VOICE])
    return {"case": str(case.pk), "partner": scene.northwind.public_id, "token": token}


def sign_in(page: Page, address: str, person: User, password: str = PASSWORD) -> None:
    """Sign in as a person does, from the start page."""
    page.goto(address)
    page.locator("input[name=login]").fill(person.email)
    page.locator("form.form button[type=submit]").click()
    page.locator("input[name=password]").fill(password)
    page.locator("form.form button[type=submit]").click()
    expect(page.locator("h1")).to_be_visible()


def axe(page: Page) -> None:
    """Fail with axe's own words where it finds anything, on the whole page: a click returns with its beginning."""
    page.wait_for_load_state()
    page.evaluate(AXE_SCRIPT)
    # Only what is wrong leaves the browser: what is right is a hundred times as much.
    violations = page.evaluate("axe.run({resultTypes: ['violations']}).then((found) => found.violations)")
    assert not violations, json.dumps(
        [{"rule": v["id"], "where": [n["html"][:200] for n in v["nodes"]]} for v in violations], indent=1
    )
