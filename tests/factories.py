"""Organisations and people for tests: made by the same verbs as everywhere else, or put there as rows alone."""

from __future__ import annotations

from contextlib import suppress
from itertools import count

from accounts import organisations, staffing
from accounts.directory import org_units, people
from accounts.directory.tree import tree_of
from accounts.domain_holders import own_domains
from accounts.domains import typed_domain
from accounts.errors import Refused
from accounts.models import Customer, OrgUnit, Reseller, RoleAssignment, Team, User
from accounts.names import sort_key
from accounts.organisations import VENDOR, Organisation
from accounts.own_domains.adding import add_domain
from accounts.roles import Role

# Long enough for the password rules, and like nobody's name.
PASSWORD = "seven-lantern-orchard"

_numbers = count(1)


def make_customer(name: str = "Customer", domain: str = "") -> Customer:
    """A customer without people."""
    domain = domain or f"customer{next(_numbers)}.example"
    return organisations.create_customer(actor=None, name=name, primary_domain=domain)


def make_reseller(name: str = "Reseller", domain: str = "") -> Reseller:
    """A reseller without people."""
    domain = domain or f"reseller{next(_numbers)}.example"
    return organisations.create_reseller(actor=None, name=name, primary_domain=domain)


def make_domain(organisation: Organisation, name: str) -> None:
    """A domain of an organisation, not verified, unless it has it or cannot: where its people get addresses (P9)."""
    name = typed_domain(name)
    if name and name not in own_domains(organisation).names:
        with suppress(Refused):
            add_domain(actor=None, organisation=organisation, name=name)


def make_person(
    organisation: Organisation, *roles: Role, name: str = "", email: str = "", password: str | None = None
) -> User:
    """A person of an organisation. Without a password it cannot sign in with one, and is made quicker."""
    domain = "vendor.example" if organisation is VENDOR else organisation.primary_domain
    name = name or f"Person {next(_numbers)}"
    email = email or f"{name.lower().replace(' ', '')}@{domain}"
    make_domain(organisation, email.rpartition("@")[2])
    return people.create_user(
        actor=None, organisation=organisation, email=email, name=name, password=password, roles=roles
    )


def make_unit(customer: Customer, name: str, parent: OrgUnit | None = None) -> OrgUnit:
    """A unit of a customer, at the top where it has no parent."""
    return org_units.create_org_unit(actor=None, customer=customer, parent=parent or tree_of(customer).root, name=name)


def put_customer(name: str = "Customer") -> Customer:
    """A customer as rows alone: no verb, no event, no rule."""
    domain = f"customer{next(_numbers)}.example"
    customer = Customer.objects.create(name=name, sort_name=sort_key(name), primary_domain=domain)
    OrgUnit.objects.create(customer=customer, approves_mobile_devices=False)
    return customer


def put_reseller(name: str = "Reseller") -> Reseller:
    """A reseller as a row alone."""
    domain = f"reseller{next(_numbers)}.example"
    return Reseller.objects.create(name=name, sort_name=sort_key(name), primary_domain=domain)


def put_person(organisation: Organisation, *roles: Role) -> User:
    """A person as rows alone, also with roles that no verb would give them."""
    email = f"person{next(_numbers)}@people.example"
    customer = organisation if isinstance(organisation, Customer) else None
    person = User.objects.create(
        email=email,
        name=email,
        sort_name=email,
        customer=customer,
        reseller=organisation if isinstance(organisation, Reseller) else None,
        is_vendor=organisation is VENDOR,
        org_unit=OrgUnit.objects.get(customer=customer, parent=None) if customer else None,
    )
    RoleAssignment.objects.bulk_create(RoleAssignment(user=person, role=role) for role in roles)
    return person


def make_team(reseller: Reseller, *members: User, name: str = "", customers: list[Customer] | None = None) -> Team:
    """A team with its members and customers."""
    team = staffing.create_team(actor=None, reseller=reseller, name=name or f"Team {next(_numbers)}")
    for member in members:
        staffing.add_member(actor=None, team=team, agent=member)
    staffing.assign_customers_to_team(actor=None, team=team, customers=customers or [])
    return team


def fresh(person: User) -> User:
    """The person as the next request loads it (P8)."""
    return User.objects.get(pk=person.pk)


def super_admins(customer: Customer) -> int:
    return User.objects.filter(customer=customer, is_active=True, role_assignments__role=Role.SUPER_ADMIN).count()
