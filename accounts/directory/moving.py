"""The verb that moves people to another unit of their customer's tree: several at once, one among them."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.directory.rules import own_unit, protection, refuse_deleted
from accounts.directory.several import Decided, Rule, decided, lock_several
from accounts.directory.tree import tree_of
from accounts.errors import Refused
from accounts.models import Customer, OrgUnit, User
from accounts.organisations import Organisation
from accounts.permissions import Permission


@transaction.atomic
def move_users(
    *, actor: Actor | None, organisation: Organisation, people: Collection[int], org_unit: OrgUnit
) -> Decided:
    """Move people to another unit. people: their ids. Raises Refused for a unit that is not there (any more)."""
    locked = lock_several(actor, organisation, people, Permission.MANAGE_USERS)
    found = decided(locked, moving(actor, organisation, org_unit), people)
    if not found.people:
        return found
    assert isinstance(organisation, Customer)
    unit, tree = own_unit(organisation, org_unit), tree_of(organisation)
    new = {"org_unit": tree.path(unit.pk)}
    record_many(
        event(
            EventName.MOVE_USER_TO_ORG_UNIT,
            actor=actor,
            customer=organisation,
            subject=person.email,
            target=person,
            old={"org_unit": tree.path(person.org_unit_id or tree.root.pk)},
            new=new,
        )
        for person in found.people
    )
    User.objects.filter(pk__in=found.done).update(org_unit=unit)
    for person in found.people:
        person.org_unit = unit
    return found


def moving(actor: Actor | None, organisation: Organisation, org_unit: OrgUnit | None) -> Rule:
    """Return the rule who can be moved to a unit; None: to one that is chosen later."""
    protect = protection(actor, organisation)
    unit = own_unit(organisation, org_unit) if org_unit and isinstance(organisation, Customer) else None

    def may(person: User) -> bool:
        protect(person)
        refuse_deleted(person)
        if person.customer_id is None:
            raise Refused(_("Only a customer’s people are in organisational units."), "org_unit", reason="badRequest")
        return unit is None or person.org_unit_id != unit.pk

    return may
