"""A customer with people who may change others, and people to be changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from accounts.actor import Actor
from accounts.directory import deleting, passwords, people, renaming
from accounts.models import AuditEvent, Customer, OrgUnit, User
from accounts.roles import Role
from subscriptions import leaving
from tests.access.world import World, make_world
from tests.factories import make_customer, make_person, make_unit


def stranger() -> Customer:
    """Another customer, under a domain that neither world of tests uses."""
    return make_customer(domain=f"stranger{Customer.objects.count()}.example")


def trail(person: User) -> list[str]:
    return list(AuditEvent.objects.filter(subject=person.email).order_by("id").values_list("name", flat=True))


@dataclass
class Directory:
    """A customer with a person of every role that manages people, an agent inside, and a stranger."""

    world: World
    customer: Customer
    sales: OrgUnit
    actors: dict[str, User]
    plain: User
    auditor: User
    super_admin: User


@pytest.fixture
def directory(db: None) -> Directory:
    world = make_world()
    customer = world.customer

    def make(name: str, *roles: Role) -> User:
        return make_person(customer, *roles, name=name)

    actors = {
        "super admin": make("Sue", Role.SUPER_ADMIN),
        "user management admin": make("Uma", Role.USER_MANAGEMENT_ADMIN),
        "help desk admin": make("Hal", Role.HELP_DESK_ADMIN),
        "support manager": make("Sam", Role.SUPPORT_MANAGER),
        "agent": world.agent,
        "stranger": make_person(stranger(), Role.SUPER_ADMIN, name="Stranger"),
    }
    auditor, super_admin = make("Ada", Role.AUDITOR), make("Second", Role.SUPER_ADMIN)
    return Directory(world, customer, make_unit(customer, "Sales"), actors, make("Plain"), auditor, super_admin)


# Every verb that a person's admin role protects it from, on a person that it would change.
VERBS: dict[str, Callable[[Actor | None, User], object]] = {
    "change": lambda actor, person: people.change_user(actor=actor, person=person, name="Changed"),
    "rename": lambda actor, person: renaming.rename_user(actor=actor, person=person, email=f"new.{person.email}"),
    "remove alias": lambda actor, person: renaming.remove_alias(actor=actor, person=person, email="old@acme.example"),
    "move": lambda actor, person: people.move_to_org_unit(
        actor=actor, person=person, org_unit=OrgUnit.objects.get(customer=person.customer, name="Sales")
    ),
    "suspend": lambda actor, person: people.suspend_user(actor=actor, person=person),
    "restore": lambda actor, person: people.unsuspend_user(actor=actor, person=person),
    "reset": lambda actor, person: passwords.reset_password(actor=actor, person=person),
    "delete": lambda actor, person: leaving.delete_user_with_licences(actor=actor, person=person),
    "undelete": lambda actor, person: deleting.undelete_user(actor=actor, person=person),
}
