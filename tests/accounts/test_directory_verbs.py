from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.core.exceptions import PermissionDenied

from accounts import passwords, people, renaming
from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import Address, OrgUnit, User
from accounts.roles import Role
from subscriptions import leaving
from tests.access.world import World, make_world, set_access
from tests.factories import make_customer, make_person

pytestmark = pytest.mark.django_db


def unit(person: User, name: str) -> OrgUnit:
    assert person.org_unit is not None
    return OrgUnit.objects.create(
        customer_id=person.customer_id, parent=person.org_unit, name=name, sort_name=name.lower()
    )


# --- Who may act on whom -----------------------------------------------------------------------


# Every verb that a person's admin role protects it from, on a person that it would change.
VERBS: dict[str, Callable[[Actor | None, User], object]] = {
    "change": lambda actor, person: people.change_user(actor=actor, person=person, name="Changed"),
    "rename": lambda actor, person: renaming.rename_user(actor=actor, person=person, email=f"new.{person.email}"),
    "remove alias": lambda actor, person: renaming.remove_alias(actor=actor, person=person, email="old@acme.example"),
    "move": lambda actor, person: people.move_to_org_unit(
        actor=actor, person=person, org_unit=OrgUnit.objects.get(customer=person.customer, name="Sales")
    ),
    "suspend": lambda actor, person: people.suspend_user(actor=actor, person=person),
    "reset": lambda actor, person: passwords.reset_password(actor=actor, person=person),
    "delete": lambda actor, person: leaving.delete_user(actor=actor, person=person),
}


@dataclass
class Directory:
    """Acme with one person of every role that manages people, a reseller's agent inside, and a stranger."""

    world: World
    admins: dict[str, User]
    plain: User
    protected: User

    @classmethod
    def make(cls) -> Directory:
        world = make_world()
        make = lambda *roles, name: make_person(world.customer, *roles, name=name)  # noqa: E731
        admins = {
            "super admin": make(Role.SUPER_ADMIN, name="Sue"),
            "user management admin": make(Role.USER_MANAGEMENT_ADMIN, name="Uma"),
            "help desk admin": make(Role.HELP_DESK_ADMIN, name="Hal"),
            "auditor": make(Role.AUDITOR, name="Aud"),
            "agent": world.agent,
            "stranger": make_person(make_customer(), Role.SUPER_ADMIN, name="Stranger"),
        }
        set_access(world.customer, world.reseller, allowed=True)
        directory = cls(world, admins, make(name="Plain"), make(Role.AUDITOR, name="Protected"))
        unit(directory.plain, "Sales")
        return directory

    def attempt(self, verb: str, who: str, person: User) -> str:
        Address.objects.get_or_create(email="old@acme.example", defaults={"user": person})
        Address.objects.filter(email="old@acme.example").update(user=person)
        try:
            VERBS[verb](Actor(self.admins[who]), person)
        except PermissionDenied:
            return "denied"
        except Refused as refused:
            assert "admin role" in refused.message
            return "protected"
        return "done"
