"""Organisations and people for tests, made by the same verbs as everywhere else."""

from __future__ import annotations

from itertools import count

from accounts import organisations, staffing
from accounts.directory import people
from accounts.models import Customer, Reseller, Team, User
from accounts.organisations import VENDOR, Organisation
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


def make_person(
    organisation: Organisation, *roles: Role, name: str = "", email: str = "", password: str | None = None
) -> User:
    """A person of an organisation. Without a password it cannot sign in with one, and is made quicker."""
    domain = "vendor.example" if organisation is VENDOR else organisation.primary_domain
    name = name or f"Person {next(_numbers)}"
    email = email or f"{name.lower().replace(' ', '')}@{domain}"
    return people.create_user(
        actor=None, organisation=organisation, email=email, name=name, password=password, roles=roles
    )


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
