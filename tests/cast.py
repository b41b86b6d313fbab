"""The cast: who is who in tests. Acme is the customer; Globex and Resale Two are strangers and must see nothing.

A pytest plugin: a test file names it with `pytest_plugins = ["tests.cast"]` in its conftest, or imports the fixtures.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from accounts import staffing
from accounts.models import Customer, Reseller, Team, User
from accounts.organisations import VENDOR
from accounts.roles import Role
from tests.factories import make_customer, make_person, make_reseller, make_team


@dataclass(frozen=True, slots=True)
class CustomerCast:
    """A customer's people."""

    customer: Customer
    super_admin: User
    support_manager: User
    auditor: User
    nobody: User

    @property
    def people(self) -> list[User]:
        return [self.super_admin, self.support_manager, self.auditor, self.nobody]


@dataclass(frozen=True, slots=True)
class ResellerCast:
    """A reseller's people. The agent works for customers itself; the colleague only through the team."""

    reseller: Reseller
    admin: User
    indirect_admin: User
    agent: User
    colleague: User
    support_agent: User
    team: Team

    @property
    def people(self) -> list[User]:
        return [self.admin, self.indirect_admin, self.agent, self.colleague, self.support_agent]


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody. resale_one works for acme; resale_two and globex are strangers to both."""

    acme: CustomerCast
    globex: CustomerCast
    resale_one: ResellerCast
    resale_two: ResellerCast
    operator: User
    vendor_support: User


def _customer(name: str, domain: str, names: tuple[str, str, str, str]) -> CustomerCast:
    customer = make_customer(name, domain)
    alice, bob, carol, dave = names
    return CustomerCast(
        customer,
        super_admin=make_person(customer, Role.SUPER_ADMIN, name=alice),
        support_manager=make_person(customer, Role.SUPPORT_MANAGER, name=bob),
        auditor=make_person(customer, Role.AUDITOR, name=carol),
        nobody=make_person(customer, name=dave),
    )


def _reseller(name: str, domain: str, customer: Customer, names: tuple[str, str, str, str, str]) -> ResellerCast:
    reseller = make_reseller(name, domain)
    admin, indirect, agent, colleague, support = names
    cast = ResellerCast(
        reseller,
        admin=make_person(reseller, Role.RESELLER_ADMIN, name=admin),
        indirect_admin=make_person(reseller, Role.INDIRECT_RESELLER_ADMIN, name=indirect),
        agent=(one := make_person(reseller, Role.RESELLER_AGENT, name=agent)),
        colleague=(other := make_person(reseller, Role.RESELLER_AGENT, name=colleague)),
        support_agent=make_person(reseller, Role.SUPPORT_AGENT, name=support),
        team=make_team(reseller, other, name="North", customers=[customer]),
    )
    staffing.assign_customers_to_agent(actor=None, agent=one, customers=[customer])
    return cast


@pytest.fixture
def cast(db: None) -> Cast:
    """Alice, Bob, Carol and Dave at Acme, their twins at Globex, two resellers, and the vendor's people.

    The relations between customers and resellers are up to the test: they begin with a subscription.
    """
    acme = _customer("Acme", "acme.example", ("Alice", "Bob", "Carol", "Dave"))
    globex = _customer("Globex", "globex.example", ("Gina", "Hugo", "Iris", "Jack"))
    return Cast(
        acme,
        globex,
        _reseller("Resale One", "resale-one.example", acme.customer, ("Rita", "Ian", "Ana", "Colin", "Sam")),
        _reseller("Resale Two", "resale-two.example", globex.customer, ("Tom", "Uma", "Vera", "Will", "Xavier")),
        operator=make_person(VENDOR, Role.VENDOR_OPERATOR, name="Olga"),
        vendor_support=make_person(VENDOR, Role.VENDOR_SUPPORT, name="Paul"),
    )
