"""Lists look alike from row to row, in every language and width."""

from __future__ import annotations

from accounts.actor import Actor
from accounts.roles import Role
from subscriptions.access import desired
from subscriptions.access.propagation import apply_due_changes
from subscriptions.lifecycle import Offer, order_subscription
from subscriptions.models import Sku
from subscriptions.models.subscription import Plan
from tests.access.world import wish
from tests.browser.journey import Journey
from tests.browser.stage import WORKSPACE
from tests.factories import make_customer, make_person

# How far the status of each row stands from where its name begins, and whether they overlap.
ROWS = """() => [...document.querySelectorAll("main .lines--status > li")].map((row) => {
  const [name, status] = [row.children[0], row.children[1]].map((part) => part.getBoundingClientRect());
  return status.left >= name.right && status.right <= row.getBoundingClientRect().right + 1;
})"""


def test_a_status_stands_beside_its_name_in_each_row_of_a_resellers_home(journey: Journey) -> None:
    scene, offer = journey.scene, Offer(Sku.objects.get(pk=WORKSPACE), Plan.FLEXIBLE, 5)
    closing, opening = make_customer("Northern Lighthouses and Harbours", "harbours.example"), scene.globex
    order_subscription(actor=None, customer=closing, reseller=scene.resale, offer=offer)
    apply_due_changes()
    admin = Actor(make_person(closing, Role.SUPER_ADMIN))
    box = wish(closing, scene.resale, allowed=False)
    desired.save_reseller_access(actor=admin, customer=closing, desired=[box])
    order_subscription(actor=None, customer=opening, reseller=scene.resale, offer=offer)
    page = journey.sit_down(scene.rosa)
    journey.visit(page, "/reseller/home/")
    rows = page.evaluate(ROWS)
    assert len(rows) == 2
    assert all(rows)
