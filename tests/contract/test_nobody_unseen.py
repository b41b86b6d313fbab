"""R19: nothing opens a console that the page *Reseller access* does not name, for every pair in the database."""

from __future__ import annotations

from subscriptions import lifecycle
from subscriptions.access import propagation
from support.migration import migrate_customer
from tests.access.world import propagate
from tests.contract.world import World
from tests.openings import openings


def pairs() -> set[tuple[str, str]]:
    """Return which consoles are open to which organisations; red where the customer's page is silent about one."""
    found = openings()
    assert [opening for opening in found if not opening.is_named] == []
    return {(opening.customer, opening.reseller) for opening in found}


def test_R19_every_console_that_is_open_is_named_by_its_customers_page(world: World) -> None:
    """In the world as it is, after both customers have moved, and after what was sold has ended."""
    sold = {("acme.example", "resale-one.example"), ("globex.example", "resale-two.example")}
    assert pairs() == sold
    for tenant in (world.acme, world.globex):
        migrate_customer(actor=None, customer=tenant.customer)
    propagation.apply_due_changes()
    assert pairs() == sold
    lifecycle.cancel_subscription(actor=None, subscription=world.acme.sold)
    assert pairs() == {("globex.example", "resale-two.example")}
    propagate()
    assert pairs() == {("globex.example", "resale-two.example")}
