"""What holds for every verb about people: who may do it, on whom, and that an admin is left (P3, P7, P11, R14)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.authorisation import (
    authorise,
    authorise_reseller,
    authorise_token,
    holds,
    person_now,
    require_fresh_proof,
)
from accounts.directory.org_units import NO_SUCH_UNIT
from accounts.errors import LastAdmin, Refused
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


# What it takes to found a customer's people (is_founder); everything else in its console is a matter of access (R1).
_FOUNDING: Final = frozenset({Permission.MANAGE_USERS, Permission.ASSIGN_ROLES})
_FIRST_RANK: Final = frozenset({Role.SUPER_ADMIN, Role.RESELLER_ADMIN, Role.VENDOR_OPERATOR})


def organisation_of(person: User) -> Organisation:
    """Return the one organisation a person belongs to (P1)."""
    return person.customer or person.reseller or VENDOR


def roles_of(organisation: Organisation) -> frozenset[Role]:
    """Return the roles there are in an organisation of this kind (P3, P4, P5)."""
    if isinstance(organisation, Customer):
        return CUSTOMER_ROLES
    return RESELLER_ROLES if isinstance(organisation, Reseller) else VENDOR_ROLES


def may_change(viewer: User, person: User, roles: Collection[Role] | None = None) -> bool:
    """Tell whether a person who manages people, or resets passwords, may do so to this one (P3, R14).

    roles: what this one holds, where that was read already.

    Only a super admin of the customer acts on people who hold an admin role: else the help desk, or
    a reseller's agent, would become super admin by way of another person's new password.
    """
    is_super_admin = viewer.customer_id == person.customer_id and Role.SUPER_ADMIN in viewer.roles
    return is_super_admin or not (person.roles if roles is None else roles)


def require_permission(actor: Actor | None, organisation: Organisation, permission: Permission) -> None:
    """Let through the system, the vendor's operators, and who may do it in that organisation at this moment.

    permission: what it takes in a customer's console, no matter who asks; a reseller's people are its reseller admins'.
    Raises PermissionDenied. The vendor's people are made by operators only.
    """
    if actor is None or holds(actor, Role.VENDOR_OPERATOR):
        return
    if actor.token is not None and isinstance(organisation, Reseller):
        authorise_token(actor.token, permission, organisation)
        return
    if isinstance(organisation, Customer):
        if permission not in _FOUNDING or not is_founder(actor, organisation):
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
    protection(actor, organisation_of(person))(person)
    return person


def protection(actor: Actor | None, organisation: Organisation) -> Callable[[User], None]:
    """Return what refuses a change of a person whom their admin role protects from this actor (P3, R14).

    An organisation's own token stands for its super admins, who made it: whom the provider has dismissed is dismissed.
    """
    if actor is None or actor.token or not isinstance(organisation, Customer) or holds(actor, Role.VENDOR_OPERATOR):
        return lambda person: None
    viewer = person_now(actor)

    def protect(person: User) -> None:
        if not may_change(viewer, person):
            raise Refused(
                _("%(person)s holds an admin role. Only a super admin may do this.")
                % {"person": isolated(person.name)},
                reason="forbidden",
            )

    return protect


def refuse_deleted(person: User) -> None:
    """Raise Refused for a person who is deleted: first restored, then changed."""
    if person.deleted_at is not None:
        raise Refused(
            _("%(person)s is deleted. Restore this user first.") % {"person": isolated(person.name)},
            reason="conditionNotMet",
        )


def refuse_oneself(actor: Actor | None, person: User, message: Promise | str) -> None:
    """Raise Refused where a person would take something from themselves that they could not give back."""
    if actor is not None and actor.user.pk == person.pk:
        raise Refused(message, reason="forbidden")


def prove_for_admins(actor: Actor | None, person: User) -> None:
    """Ask for a fresh proof before a super admin, reseller admin or operator can be signed in as by another (P13).

    Who sets their password, or the address to which links are sent, can give what they can give. Raises ProofNeeded.
    """
    is_program = actor is not None and actor.token is not None
    if person.roles & _FIRST_RANK or (is_program and person.roles):
        require_fresh_proof(actor)


def lock_person(person: User) -> User:
    """Lock a person, behind their organisation: only one at a time counts the super admins (P7).

    Two admins who take each other's role at once are one after the other too: the second is no admin any more.
    The organisation comes first in every verb, so that two verbs never wait for each other in a circle.
    """
    if person.customer_id is not None:
        lock_customer(person.customer_id)
    if person.reseller_id is not None:
        _lock_reseller(person.reseller_id)
    related = User.objects.select_related("customer", "reseller", "org_unit")
    return related.select_for_update(of=("self",), no_key=True).get(pk=person.pk)


def lock_organisation(organisation: Organisation) -> Organisation:
    """Lock an organisation in front of its people, and return it as it is now; the vendor has no row."""
    if isinstance(organisation, Customer):
        return lock_customer(organisation)
    return _lock_reseller(organisation.pk) if isinstance(organisation, Reseller) else organisation


def _lock_reseller(pk: int) -> Reseller:
    return Reseller.objects.select_for_update(no_key=True).get(pk=pk)


def own_unit(customer: Customer, org_unit: OrgUnit | None) -> OrgUnit:
    """Return the unit as it is now, by default the root; the customer is locked. Raises Refused for another's."""
    units = OrgUnit.objects.filter(customer=customer)
    found = units.filter(parent=None).get() if org_unit is None else units.filter(pk=org_unit.pk).first()
    if found is None:
        raise Refused(NO_SUCH_UNIT, "org_unit", reason="notFound")
    return found


def keep_an_admin(person: User) -> None:
    """Refuse to take away the last active super admin of a customer (P7), or reseller admin of a reseller (P11).

    The organisation is locked. The vendor is no exception: it suspends a whole reseller, and gives the role first.
    """
    keeping_an_admin(organisation_of(person))(person)


def keeping_an_admin(organisation: Organisation) -> Callable[[User], None]:
    """Return what refuses the last active admin of an organisation, where people are taken away one after the other."""
    kept = _KEPT.get(type(organisation))
    if kept is None:
        return lambda person: None
    role, message = kept
    own = {"customer" if isinstance(organisation, Customer) else "reseller": organisation}
    left: set[int] | None = None

    def keep(person: User) -> None:
        nonlocal left
        if not person.is_active or role not in person.roles:
            return
        if left is None:
            # Asked once, and only where an admin is among them: the rest is counted here.
            active = User.objects.filter(is_active=True, role_assignments__role=role, **own)
            left = set(active.values_list("pk", flat=True))
        if not left - {person.pk}:
            raise LastAdmin(str(message) % {"person": isolated(person.name)}, "role")
        left.discard(person.pk)

    return keep
