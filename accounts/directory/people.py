"""The verbs of people: creating, changing, suspending, restoring them, giving and taking roles (P1–P8).

Passwords are in passwords.py, addresses in renaming.py, deletion in deleting.py; who may do all that, and on whom,
in people_rules.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.clock import database_now
from accounts.console_sessions.browser_sessions import end_sessions
from accounts.directory.addresses import clean_address
from accounts.directory.closed_roles import closed_roles
from accounts.directory.invitations import limit_reached, send_invitations
from accounts.directory.passwords import set_first_password
from accounts.directory.renaming import ADDRESS_IN_USE
from accounts.directory.rules import (
    keep_an_admin,
    lock_for_change,
    lock_person,
    organisation_of,
    own_unit,
    refuse_deleted,
    refuse_oneself,
    require_permission,
    roles_of,
)
from accounts.directory.tree import tree_of
from accounts.errors import Refused
from accounts.locking import lock_customer, taking_away
from accounts.models import Address, Customer, OrgUnit, Reseller, RoleAssignment, User
from accounts.organisations import VENDOR, Organisation, clean_name, refuse_duplicate, stored_sort_key
from accounts.permissions import Permission
from accounts.roles import Role


@transaction.atomic
def create_user(
    *,
    actor: Actor | None,
    organisation: Organisation,
    email: str,
    name: str,
    password: str | None = None,
    must_change_password: bool = False,
    roles: Iterable[Role] = (),
    org_unit: OrgUnit | None = None,
    invite: bool = False,
) -> User:
    """Create a person of one organisation (P1) with a managed account (P6), and give them roles.

    The address may be at any managed domain that is not another organisation's own: organisations use several
    domains, but nobody gets an address that looks like it belongs to another organisation.
    password: None until the person sets one by a link.
    must_change_password: the password is a temporary one; the person chooses their own at the first sign-in.
    org_unit: where in a customer's tree; by default its root.
    invite: send a link to choose a password (P11). Raises Refused.
    """
    if isinstance(organisation, Customer):
        # In front of everything else, as in every verb; and nobody deletes the unit meanwhile.
        lock_customer(organisation)
    require_permission(actor, organisation, Permission.MANAGE_USERS)
    person = _new_person(organisation, email, name, org_unit)
    set_first_password(person, password)
    person.must_change_password = must_change_password
    with refuse_duplicate(ADDRESS_IN_USE, "email"):
        person.save(force_insert=True)
        Address.objects.create(email=person.email, user=person)
    new = {"email": person.email, "name": person.name}
    record_audit(EventName.CREATE_USER, actor=actor, customer=person.customer_id, subject=person.email, new=new)
    for role in roles:
        assign_role(actor=actor, person=person, role=role)
    if invite and send_invitations(actor, organisation, [person]):
        raise Refused(limit_reached(organisation), "password")
    return person


def _new_person(organisation: Organisation, email: str, name: str, org_unit: OrgUnit | None) -> User:
    """Return a person that is not saved yet, at their place. Raises Refused."""
    person = User(name=clean_name(name), email=clean_address(email, organisation))
    person.sort_name = stored_sort_key(person.name)
    person.customer = organisation if isinstance(organisation, Customer) else None
    person.reseller = organisation if isinstance(organisation, Reseller) else None
    person.is_vendor = organisation is VENDOR
    if isinstance(organisation, Customer):
        person.org_unit = own_unit(organisation, org_unit)
    return person


@transaction.atomic
def change_user(*, actor: Actor | None, person: User, name: str) -> User:
    """Change what a person is called. Their address is another verb (renaming.py). Raises Refused."""
    person, name = lock_for_change(actor, person, Permission.MANAGE_USERS), clean_name(name)
    refuse_deleted(person)
    if name == person.name:
        return person
    old, person.name, person.sort_name = person.name, name, stored_sort_key(name)
    person.save(update_fields=["name", "sort_name"])
    _record(EventName.CHANGE_USER, actor, person, old={"name": old}, new={"name": name})
    return person


@transaction.atomic
def move_to_org_unit(*, actor: Actor | None, person: User, org_unit: OrgUnit) -> User:
    """Move a customer's person to another unit of its tree. Raises Refused."""
    person = lock_for_change(actor, person, Permission.MANAGE_USERS)
    refuse_deleted(person)
    if person.customer is None:
        raise Refused(_("Only a customer’s people are in organisational units."), "org_unit")
    unit = own_unit(person.customer, org_unit)
    if unit.pk == person.org_unit_id:
        return person
    assert person.org_unit_id is not None
    tree = tree_of(person.customer)
    old, new = {"org_unit": tree.path(person.org_unit_id)}, {"org_unit": tree.path(unit.pk)}
    person.org_unit = unit
    person.save(update_fields=["org_unit"])
    _record(EventName.MOVE_USER_TO_ORG_UNIT, actor, person, old=old, new=new)
    return person


@taking_away()
def suspend_user(*, actor: Actor | None, person: User) -> User:
    """Suspend a person: their sessions end, and nothing is open to them from the next request on (P8).

    Raises Refused for the last active super admin of a customer (P7) or reseller admin (P11), and for oneself.
    """
    person = lock_for_change(actor, person, Permission.MANAGE_USERS)
    refuse_deleted(person)
    if not person.is_active:
        return person
    refuse_oneself(actor, person, _("You cannot suspend yourself. Ask another admin to do it."))
    keep_an_admin(person)
    end_sessions(person)
    return _set_active(actor, person, active=False)


@transaction.atomic
def unsuspend_user(*, actor: Actor | None, person: User) -> User:
    """Restore a suspended person with the roles they had; they sign in again."""
    person = lock_for_change(actor, person, Permission.MANAGE_USERS)
    refuse_deleted(person)
    return person if person.is_active else _set_active(actor, person, active=True)


@transaction.atomic
def assign_role(*, actor: Actor | None, person: User, role: Role) -> None:
    """Give a person a role of its kind of organisation (P3, P4, P5).

    Raises Refused for another kind's role, and for one that its customer cannot give any more (S12).
    """
    person = lock_person(person)
    require_permission(actor, organisation_of(person), Permission.ASSIGN_ROLES)
    refuse_deleted(person)
    if role not in roles_of(organisation_of(person)):
        raise Refused(_("This role does not exist in this kind of organisation."), "role")
    if RoleAssignment.objects.filter(user=person, role=role).exists():
        return
    if person.customer is not None and (reason := closed_roles(person.customer).get(role)):
        raise Refused(reason, "role")
    RoleAssignment.objects.create(user=person, role=role)
    _record(EventName.ASSIGN_ROLE, actor, person, old=None, new={"role": role})


@taking_away()
def unassign_role(*, actor: Actor | None, person: User, role: Role) -> None:
    """Take a role from a person; what it opened is closed with the next request (P8).

    Raises Refused for the last active super admin of a customer (P7) or reseller admin (P11), and for the role by
    which one gives roles.
    """
    person = lock_person(person)
    require_permission(actor, organisation_of(person), Permission.ASSIGN_ROLES)
    held = RoleAssignment.objects.filter(user=person, role=role)
    if not held.exists():
        return
    if role in {Role.RESELLER_ADMIN, Role.SUPER_ADMIN}:
        keep_an_admin(person)
        refuse_oneself(actor, person, _("You cannot take this role from yourself. Ask another admin to do it."))
    held.delete()
    _record(EventName.UNASSIGN_ROLE, actor, person, old={"role": role}, new=None)


def change_roles(*, actor: Actor | None, person: User, roles: Collection[Role]) -> None:
    """Give and take roles until a person holds exactly these, all or none of it. Raises what the two above raise."""
    with taking_away() if person.roles - set(roles) else transaction.atomic():
        person = lock_person(person)
        # Giving first: a person who makes another an admin is one until the end.
        for role in sorted(set(roles) - person.roles):
            assign_role(actor=actor, person=person, role=role)
        for role in sorted(person.roles - set(roles)):
            unassign_role(actor=actor, person=person, role=role)


def save_preferences(*, person: User, language: str = "", theme: str = "", time_zone: str = "") -> None:
    """Keep how a person wants pages shown; what is empty stays as it is. Nobody else is concerned: no event."""
    chosen = {"language": language, "theme": theme, "time_zone": time_zone}
    changed = {name: value for name, value in chosen.items() if value and value != getattr(person, name)}
    for name, value in changed.items():
        setattr(person, name, value)
    if changed:
        person.save(update_fields=list(changed))


def _set_active(actor: Actor | None, person: User, *, active: bool) -> User:
    person.is_active = active
    person.suspended_at = None if active else database_now()
    person.save(update_fields=["is_active", "suspended_at"])
    name = EventName.UNSUSPEND_USER if active else EventName.SUSPEND_USER
    _record(name, actor, person, old={"active": not active}, new={"active": active})
    return person


def _record(
    name: EventName,
    actor: Actor | None,
    person: User,
    *,
    old: Mapping[str, object] | None,
    new: Mapping[str, object] | None,
) -> None:
    record_audit(name, actor=actor, customer=person.customer_id, subject=person.email, old=old, new=new)
