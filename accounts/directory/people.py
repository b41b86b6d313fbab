"""The verbs of people: creating, changing, suspending, restoring them, giving and taking roles (P1–P8).

Passwords are in passwords.py, addresses in renaming.py, deletion in deleting.py; who may do all that, and on whom,
in people_rules.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import require_fresh_proof
from accounts.console_sessions.activations import end_of_who_left
from accounts.directory.addresses import clean_address
from accounts.directory.closed_roles import closed_roles
from accounts.directory.first_admins import give_role, make_first_super_admin
from accounts.directory.invitations import limit_reached, send_invitations
from accounts.directory.moving import move_users
from accounts.directory.name_parts import NameParts, parts_of, write_parts
from accounts.directory.passwords import set_first_password
from accounts.directory.renaming import ADDRESS_IN_USE
from accounts.directory.rules import (
    keep_an_admin,
    lock_for_change,
    lock_organisation,
    lock_person,
    organisation_of,
    own_unit,
    refuse_deleted,
    refuse_oneself,
    require_permission,
    roles_of,
)
from accounts.directory.suspending import suspend_users, unsuspend_users
from accounts.errors import Refused
from accounts.locking import taking_away
from accounts.models import Address, Customer, OrgUnit, Proposal, Reseller, RoleAssignment, User
from accounts.models.two_people import Demand, ProposalKind
from accounts.organisations import VENDOR, Organisation, clean_name, is_founder, refuse_duplicate, stored_sort_key
from accounts.permissions import Permission
from accounts.roles import Role
from accounts.two_people.demands import needs_second
from accounts.two_people.proposing import end_as_super_admin, propose


@transaction.atomic
def create_user(
    *,
    actor: Actor | None,
    organisation: Organisation,
    email: str,
    name: str | NameParts,
    password: str | None = None,
    must_change_password: bool = False,
    roles: Iterable[Role] = (),
    org_unit: OrgUnit | None = None,
    invite: bool = False,
) -> User:
    """Create a person of one organisation (P1) with a managed account (P6), and give them roles.

    The address is at one of the organisation's own domains (P9).
    name: as a whole, or in its parts as clean_parts() returned them.
    password: None until the person sets one by a link. One from a reseller that founds the customer's people is
    ignored: it may make this person the first super admin, and never knows their password (R14).
    must_change_password: the password is a temporary one; the person chooses their own at the first sign-in.
    org_unit: where in a customer's tree; by default its root.
    invite: send a link to choose a password (P11). Raises Refused.
    """
    # In front of everything else, as in every verb; and nobody deletes the unit, or removes the domain, meanwhile.
    lock_organisation(organisation)
    require_permission(actor, organisation, Permission.MANAGE_USERS)
    person = _new_person(organisation, email, name, org_unit)
    is_ours = not isinstance(organisation, Customer) or not is_founder(actor, organisation)
    set_first_password(person, password if is_ours else None)
    person.must_change_password = must_change_password and is_ours
    with refuse_duplicate(ADDRESS_IN_USE, "email"):
        person.save(force_insert=True)
        Address.objects.create(email=person.email, user=person)
    new = {"email": person.email, "name": person.name}
    record_audit(
        EventName.CREATE_USER, actor=actor, customer=person.customer_id, subject=person.email, target=person, new=new
    )
    for role in roles:
        assign_role(actor=actor, person=person, role=role)
    if invite and send_invitations(actor, organisation, [person]):
        raise Refused(limit_reached(), "password", reason="conditionNotMet")
    return person


def _new_person(organisation: Organisation, email: str, name: str | NameParts, org_unit: OrgUnit | None) -> User:
    """Return a person that is not saved yet, at their place. Raises Refused."""
    person = User(email=clean_address(email, organisation))
    if isinstance(name, NameParts):
        person.name, (person.given_name, person.family_name) = name.name, name
    else:
        person.name = clean_name(name)
    person.sort_name = stored_sort_key(person.name)
    person.customer = organisation if isinstance(organisation, Customer) else None
    person.reseller = organisation if isinstance(organisation, Reseller) else None
    person.is_vendor = organisation is VENDOR
    if isinstance(organisation, Customer):
        person.org_unit = own_unit(organisation, org_unit)
    return person


@transaction.atomic
def change_user(*, actor: Actor | None, person: User, name: str | NameParts) -> User:
    """Change what a person is called. Their address is another verb (renaming.py). Raises Refused.

    name: as a whole, then the database makes its parts, or in its parts as clean_parts() returned them.
    """
    person = lock_for_change(actor, person, Permission.MANAGE_USERS)
    refuse_deleted(person)
    parts = name if isinstance(name, NameParts) else None
    called = parts.name if parts else clean_name(str(name))
    old: dict[str, str] = {"name": person.name} if called != person.name else {}
    new: dict[str, str] = {"name": called} if old else {}
    if parts and parts != parts_of(person):
        old |= {"given_name": person.given_name, "family_name": person.family_name}
        new |= {"given_name": parts.given, "family_name": parts.family}
    if not old:
        return person
    if called != person.name:
        person.name, person.sort_name = called, stored_sort_key(called)
        person.save(update_fields=["name", "sort_name"])
        person.refresh_from_db(fields=["given_name", "family_name"])
    if parts:
        write_parts(person, parts)
    _record(EventName.CHANGE_USER, actor, person, old=old, new=new)
    return person


@transaction.atomic
def move_to_org_unit(*, actor: Actor | None, person: User, org_unit: OrgUnit) -> User:
    """Move a customer's person to another unit of its tree. Raises Refused."""
    organisation, ids = organisation_of(person), [person.pk]
    return move_users(actor=actor, organisation=organisation, people=ids, org_unit=org_unit).only()


@taking_away()
def suspend_user(*, actor: Actor | None, person: User) -> User:
    """Suspend a person: their sessions end, and nothing is open to them from the next request on (P8).

    Raises Refused for the last active super admin of a customer (P7) or reseller admin (P11), and for oneself.
    """
    return suspend_users(actor=actor, organisation=organisation_of(person), people=[person.pk]).only()


@transaction.atomic
def unsuspend_user(*, actor: Actor | None, person: User) -> User:
    """Restore a suspended person with the roles they had; they sign in again.

    Raises Refused for a super admin whose customer demands two people for a new one (R21): that would be one more.
    """
    return unsuspend_users(actor=actor, organisation=organisation_of(person), people=[person.pk]).only()


@transaction.atomic
def assign_role(*, actor: Actor | None, person: User, role: Role) -> Proposal | None:
    """Give a person a role of its kind of organisation (P3, P4, P5).

    Where their customer demands two people for a new super admin, it waits for another one: returns that (R21).
    Raises Refused for another kind's role, and for one that its customer cannot give any more (S12); ProofNeeded for a
    super admin or an operator, where the actor's last proof is too old (P13).
    """
    person = lock_person(person)
    if not _lacks(actor, person, role):
        return None
    customer = person.customer
    if role in {Role.SUPER_ADMIN, Role.VENDOR_OPERATOR}:
        require_fresh_proof(actor)
    if actor and customer and is_founder(actor, customer):
        if role != Role.SUPER_ADMIN:
            raise PermissionDenied(_("Your role does not allow this."))
        make_first_super_admin(actor=actor, person=person, invite=False)
        return None
    if customer and role == Role.SUPER_ADMIN and needs_second(actor, customer, Demand.SUPER_ADMINS):
        assert actor is not None
        said = {"person": person.pk}
        kind = ProposalKind.SUPER_ADMIN
        return propose(actor=actor, customer=customer, kind=kind, subject=person.email, said=said)
    give_role(actor, person, role)
    return None


@transaction.atomic
def make_super_admin(*, actor: Actor, person: User) -> None:
    """Make a person a super admin, as two people decided (R21); otherwise like assign_role."""
    person = lock_person(person)
    if _lacks(actor, person, Role.SUPER_ADMIN):
        give_role(actor, person, Role.SUPER_ADMIN)


def _lacks(actor: Actor | None, person: User, role: Role) -> bool:
    """Tell whether a person, who is locked, can be given a role and lacks it. Raises Refused, PermissionDenied."""
    require_permission(actor, organisation_of(person), Permission.ASSIGN_ROLES)
    refuse_deleted(person)
    if role not in roles_of(organisation_of(person)):
        raise Refused(_("This role does not exist in this kind of organisation."), "role")
    if RoleAssignment.objects.filter(user=person, role=role).exists():
        return False
    if person.customer is not None and (reason := closed_roles(person.customer).get(role)):
        raise Refused(reason, "role", reason="conditionNotMet")
    return True


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
    if role == Role.SUPER_ADMIN:
        end_as_super_admin(actor, person)
    held.delete()
    end_of_who_left(agents=[person.pk])
    _record(EventName.UNASSIGN_ROLE, actor, person, old={"role": role}, new=None)


def change_roles(*, actor: Actor | None, person: User, roles: Collection[Role]) -> Proposal | None:
    """Give and take roles until a person holds exactly these, all or none of it. Raises what the two above raise.

    Returns what waits for another super admin instead (R21).
    """
    with taking_away() if person.roles - set(roles) else transaction.atomic():
        person = lock_person(person)
        # Giving first: a person who makes another an admin is one until the end.
        waiting = [assign_role(actor=actor, person=person, role=role) for role in sorted(set(roles) - person.roles)]
        for role in sorted(person.roles - set(roles)):
            unassign_role(actor=actor, person=person, role=role)
    return next(filter(None, waiting), None)


def save_preferences(*, person: User, language: str = "", theme: str = "", time_zone: str = "") -> None:
    """Keep how a person wants pages shown; what is empty stays as it is. Nobody else is concerned: no event."""
    chosen = {"language": language, "theme": theme, "time_zone": time_zone}
    changed = {name: value for name, value in chosen.items() if value and value != getattr(person, name)}
    for name, value in changed.items():
        setattr(person, name, value)
    if changed:
        person.save(update_fields=list(changed))


def save_list_choice(*, person: User, list_name: str, size: int, columns: Collection[str]) -> None:
    """Keep how a person wants to see a list. size: rows a page. Nobody else is concerned: no event."""
    person.list_choices = person.list_choices | {list_name: {"size": size, "columns": sorted(columns)}}
    person.save(update_fields=["list_choices"])


def _record(
    name: EventName,
    actor: Actor | None,
    person: User,
    *,
    old: Mapping[str, object] | None,
    new: Mapping[str, object] | None,
) -> None:
    record_audit(name, actor=actor, customer=person.customer_id, subject=person.email, target=person, old=old, new=new)
