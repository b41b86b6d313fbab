"""What holds for every verb about people: who may do it, on whom, and that an admin is left (P3, P7, P11, R14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.authorisation import authorise, authorise_reseller, holds, person_now
from accounts.directory.org_units import NO_SUCH_UNIT
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.models import Customer, OrgUnit, Reseller, User
from accounts.names import isolated
from accounts.organisations import VENDOR, Organisation, is_founder
from accounts.permissions import Permission
from accounts.roles import CUSTOMER_ROLES, RESELLER_ROLES, VENDOR_ROLES, Role

# The role that an active person holds in each organisation of a kind, and what is said of the last one.
_KEPT: Final[Mapping[type, tuple[Role, Promise]]] = {
    Customer: (
        Role.SUPER_ADMIN,
        _("%(person)s is the last active super admin. Make another person a super admin first."),
    ),
    Reseller: (
        Role.RESELLER_ADMIN,
        _("%(person)s is the last active reseller admin. Make another person a reseller admin first."),
    ),
}


def organisation_of(person: User) -> Organisation:
    """Return the one organisation a person belongs to (P1)."""
    return person.customer or person.reseller or VENDOR


def roles_of(organisation: Organisation) -> frozenset[Role]:
    """Return the roles there are in an organisation of this kind (P3, P4, P5)."""
    if isinstance(organisation, Customer):
        return CUSTOMER_ROLES
    return RESELLER_ROLES if isinstance(organisation, Reseller) else VENDOR_ROLES


def may_change(viewer: User, person: User) -> bool:
    """Tell whether a person who manages people, or resets passwords, may do so to this one (P3, R14).

    Only a super admin of the customer acts on people who hold an admin role: else the help desk, or
    a reseller's agent, would become super admin by way of another person's new password.
    """
    is_super_admin = viewer.customer_id == person.customer_id and Role.SUPER_ADMIN in viewer.roles
    return is_super_admin or not person.roles


def require_permission(actor: Actor | None, organisation: Organisation, permission: Permission) -> None:
    """Let through the system, the vendor's operators, and who may do it in that organisation at this moment.

    permission: what it takes in a customer's console, no matter who asks; a reseller's people are its reseller admins'.
    Raises PermissionDenied. The vendor's people are made by operators only.
    """
    if actor is None or holds(actor, Role.VENDOR_OPERATOR):
        return
    if isinstance(organisation, Customer):
        if not is_founder(actor, organisation):
            authorise(actor, permission, organisation)
        return
    if not isinstance(organisation, Reseller):
        raise PermissionDenied(_("Your role does not allow this."))
    authorise_reseller(actor, (Role.RESELLER_ADMIN,), organisation.pk)


def lock_for_change(actor: Actor | None, person: User, permission: Permission) -> User:
    """Return the person locked, for a change that their admin role protects them from (P3, R14).

    Raises PermissionDenied, and Refused for a person who is protected: a bulk change then goes on with the next.
    """
    person = lock_person(person)
    require_permission(actor, organisation_of(person), permission)
    if actor is None or person.customer_id is None or holds(actor, Role.VENDOR_OPERATOR):
        return person
    if not may_change(person_now(actor), person):
        raise Refused(
            _("%(person)s holds an admin role. Only a super admin may do this.") % {"person": isolated(person.name)}
        )
    return person


def refuse_deleted(person: User) -> None:
    """Raise Refused for a person who is deleted: first restored, then changed."""
    if person.deleted_at is not None:
        raise Refused(_("%(person)s is deleted. Restore this user first.") % {"person": isolated(person.name)})


def refuse_oneself(actor: Actor | None, person: User, message: Promise | str) -> None:
    """Raise Refused where a person would take something from themselves that they could not give back."""
    if actor is not None and actor.user.pk == person.pk:
        raise Refused(message)


def lock_person(person: User) -> User:
    """Lock a person, behind their organisation: only one at a time counts the super admins (P7).

    Two admins who take each other's role at once are one after the other too: the second is no admin any more.
    The organisation comes first in every verb, so that two verbs never wait for each other in a circle.
    """
    if person.customer_id is not None:
        lock_customer(person.customer_id)
    if person.reseller_id is not None:
        Reseller.objects.select_for_update(no_key=True).only("pk").get(pk=person.reseller_id)
    related = User.objects.select_related("customer", "reseller", "org_unit")
    return related.select_for_update(of=("self",), no_key=True).get(pk=person.pk)


def own_unit(customer: Customer, org_unit: OrgUnit | None) -> OrgUnit:
    """Return the unit as it is now, by default the root; the customer is locked. Raises Refused for another's."""
    units = OrgUnit.objects.filter(customer=customer)
    found = units.filter(parent=None).get() if org_unit is None else units.filter(pk=org_unit.pk).first()
    if found is None:
        raise Refused(NO_SUCH_UNIT, "org_unit")
    return found


def keep_an_admin(person: User) -> None:
    """Refuse to take away the last active super admin of a customer (P7), or reseller admin of a reseller (P11).

    The organisation is locked. The vendor is no exception: it suspends a whole reseller, and gives the role first.
    """
    kept = _KEPT.get(type(person.customer or person.reseller))
    if kept is None or not person.is_active or kept[0] not in person.roles:
        return
    role, message = kept
    active = User.objects.filter(is_active=True, role_assignments__role=role)
    if not active.filter(customer=person.customer_id, reseller=person.reseller_id).exclude(pk=person.pk).exists():
        raise Refused(str(message) % {"person": isolated(person.name)}, "role")
