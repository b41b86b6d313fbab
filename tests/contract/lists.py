"""A page with a list, for test_query_counts.py and the areas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from accounts.staffing import assign_customers_to_agent, assign_customers_to_team
from subscriptions.access import propagation
from tests.contract.cases import arguments
from tests.contract.resolver import addresses
from tests.contract.world import WORKSPACE, World, sell
from tests.factories import make_customer

MANY = 49  # with the one that is there: a whole page
SUPPORT_AGENT, VENDOR_SUPPORT = ("Resale One", "support agent"), ("vendor", "support")
ADMIN, AGENT, RESELLER_ADMIN, OPERATOR = (
    ("Acme", "super admin"),
    ("inside", "agent"),
    ("inside", "admin"),
    ("vendor", "operator"),
)


@dataclass(frozen=True, slots=True)
class List:
    """A page with a list: its address, who looks at it, how its rows become many, and what must be so before."""

    name: str
    who: tuple[str, str]
    grow: Callable[[World], None]
    query: str = ""
    label: str = ""
    before: Callable[[World], None] | None = None

    @property
    def id(self) -> str:
        return f"{self.name}{self.query}{f' ({self.label})' if self.label else ''}"

    def url(self, world: World) -> str:
        route = next(address.route for address in addresses() if address.name == self.name)
        return reverse(self.name, kwargs=arguments(self.name, route, world.acme, world)) + self.query


def more_customers(world: World) -> None:
    customers = [make_customer(f"Customer {number}") for number in range(MANY)]
    for customer in customers:
        sell(customer, world.acme.reseller, WORKSPACE)
    propagation.apply_due_changes()
    assign_customers_to_agent(actor=None, agent=world.acme.staff["agent"], customers=customers)
    assign_customers_to_team(actor=None, team=world.acme.team, customers=customers)
