"""The verbs of people: creating, suspending, restoring them, giving and taking roles (P1–P8)."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record
from accounts.domains import managed_email
from accounts.errors import Refused
from accounts.models import Address, Customer, OrgUnit, Reseller, RoleAssignment, User
from accounts.organisations import (
    VENDOR,
    Organisation,
    clean_name,
    holds,
    is_founder,
    refuse_duplicate,
    stored_sort_key,
)
from accounts.roles import CUSTOMER_ROLES, RESELLER_ROLES, VENDOR_ROLES, Role


@transaction.atomic
def create_user(
    *,
    actor: Actor | None,
    organisation: Organisation,
    email: str,
    name: str,
    password: str | None = None,
    roles: Iterable[Role] = (),
    org_unit: OrgUnit | None = None,
) -> User:
    """Create a person of one organisation (P1) with a managed account (P6), and give it roles.

    The address may be at any managed domain that is not another organisation's own: organisations use several
    domains, but nobody gets an address that looks like it belongs to somebody else.
    password: None until the person sets one by a link.
    org_unit: where in a customer's tree; by default its root. Raises Refused.
    """
    _authorise(actor, organisation)
    person = User(name=clean_name(name), email=_clean_email(email, organisation))
    person.sort_name = stored_sort_key(person.name)
    person.customer = organisation if isinstance(organisation, Customer) else None
    person.reseller = organisation if isinstance(organisation, Reseller) else None
    person.is_vendor = organisation is VENDOR
    if isinstance(organisation, Customer):
        person.org_unit = org_unit or OrgUnit.objects.get(customer=organisation, parent=None)
    _set_password(person, password)
    with refuse_duplicate(_("Somebody has this e-mail address already."), "email"):
        person.save(force_insert=True)
        Address.objects.create(email=person.email, user=person)
    new = {"email": person.email, "name": person.name}
    record(EventName.CREATE_USER, actor=actor, customer=person.customer_id, subject=person.email, new=new)
    for role in roles:
        assign_role(actor=actor, person=person, role=role)
    return person


@transaction.atomic
def change_password(*, actor: Actor | None, person: User, password: str) -> None:
    """Give a person a new password; checking that it is a good one is up to the form."""
    person.set_password(password)
    person.save(update_fields=["password"])
    record(EventName.CHANGE_PASSWORD, actor=actor, customer=person.customer_id, subject=person.email)


@transaction.atomic
def suspend_user(*, actor: Actor | None, person: User) -> User:
    """Suspend a person: its sessions end, and nothing is open to it from the next request on (P8).

    Raises Refused for the last active super admin of a customer (P7), and for oneself.
    """
    person = _locked(person)
    _authorise(actor, organisation_of(person))
    if not person.is_active:
        return person
    if actor is not None and actor.user.pk == person.pk:
        raise Refused(_("You cannot suspend yourself. Ask another admin to do it."))
    _keep_a_super_admin(person)
    end_sessions(person)
    return _set_active(actor, person, active=False)


@transaction.atomic
def unsuspend_user(*, actor: Actor | None, person: User) -> User:
    """Restore a suspended person with the roles it had; it signs in anew."""
    person = _locked(person)
    _authorise(actor, organisation_of(person))
    return person if person.is_active else _set_active(actor, person, active=True)


@transaction.atomic
def assign_role(*, actor: Actor | None, person: User, role: Role) -> None:
    """Give a person a role of its kind of organisation (P3, P4, P5). Raises Refused for another kind's role."""
    person = _locked(person)
    _authorise(actor, organisation_of(person))
    if role not in roles_of(organisation_of(person)):
        raise Refused(_("This role does not exist in this kind of organisation."), "role")
    if not RoleAssignment.objects.get_or_create(user=person, role=role)[1]:
        return
    _record_role(EventName.ASSIGN_ROLE, actor, person, old=None, new={"role": role})


@transaction.atomic
def unassign_role(*, actor: Actor | None, person: User, role: Role) -> None:
    """Take a role from a person; what it opened is closed with the next request (P8).

    Raises Refused for the last active super admin of a customer (P7), and for one's own reseller admin role.
    """
    person = _locked(person)
    _authorise(actor, organisation_of(person))
    held = RoleAssignment.objects.filter(user=person, role=role)
    if not held.exists():
        return
    if role == Role.RESELLER_ADMIN and actor is not None and actor.user.pk == person.pk:
        raise Refused(_("You cannot take this role from yourself. Ask another admin to do it."), "role")
    if role == Role.SUPER_ADMIN:
        _keep_a_super_admin(person)
    held.delete()
    _record_role(EventName.UNASSIGN_ROLE, actor, person, old={"role": role}, new=None)


def save_preferences(*, person: User, language: str = "", theme: str = "", time_zone: str = "") -> None:
    """Keep how a person wants pages shown; what is empty stays as it is. Nobody else is concerned: no event."""
    chosen = {"language": language, "theme": theme, "time_zone": time_zone}
    changed = {name: value for name, value in chosen.items() if value and value != getattr(person, name)}
    for name, value in changed.items():
        setattr(person, name, value)
    if changed:
        person.save(update_fields=list(changed))


def end_sessions(person: User) -> None:
    """Sign a person out everywhere."""
    keys = UserSession.objects.filter(user=person).values_list("session_key", flat=True)
    Session.objects.filter(session_key__in=list(keys)).delete()
    UserSession.objects.filter(user=person).delete()


def organisation_of(person: User) -> Organisation:
    """Return the one organisation a person belongs to (P1)."""
    return person.customer or person.reseller or VENDOR


def roles_of(organisation: Organisation) -> frozenset[Role]:
    """Return the roles there are in an organisation of this kind (P3, P4, P5)."""
    if isinstance(organisation, Customer):
        return CUSTOMER_ROLES
    return RESELLER_ROLES if isinstance(organisation, Reseller) else VENDOR_ROLES


def _authorise(actor: Actor | None, organisation: Organisation) -> None:
    """Let through the system, the vendor's operators, and the organisation's own admins as the database knows them now.

    Raises PermissionDenied. The vendor's people are made by operators only.
    """
    if actor is None or holds(actor, Role.VENDOR_OPERATOR):
        return
    own = organisation_of(actor.user) == organisation
    if own and isinstance(organisation, Customer) and holds(actor, Role.SUPER_ADMIN):
        return
    if own and isinstance(organisation, Reseller) and holds(actor, Role.RESELLER_ADMIN):
        return
    if isinstance(organisation, Customer) and is_founder(actor, organisation):
        return
    raise PermissionDenied(_("Your role does not allow this."))


def _locked(person: User) -> User:
    """Lock a person, behind its organisation: whoever counts the super admins counts alone (P7).

    Two admins who take each other's role at once are one after the other too: the second is no admin any more.
    The organisation comes first in every verb, so that two verbs never wait for each other in a circle.
    """
    if person.customer_id is not None:
        Customer.objects.select_for_update(no_key=True).only("pk").get(pk=person.customer_id)
    if person.reseller_id is not None:
        Reseller.objects.select_for_update(no_key=True).only("pk").get(pk=person.reseller_id)
    related = User.objects.select_related("customer", "reseller")
    return related.select_for_update(of=("self",), no_key=True).get(pk=person.pk)


def _keep_a_super_admin(person: User) -> None:
    """Refuse to take away the last active super admin of a customer (P7); the customer is locked."""
    if person.customer_id is None or not person.is_active or Role.SUPER_ADMIN not in person.roles:
        return
    others = User.objects.filter(
        customer=person.customer_id, is_active=True, role_assignments__role=Role.SUPER_ADMIN
    ).exclude(pk=person.pk)
    if not others.exists():
        raise Refused(
            _("%(person)s is the last active super admin. Make somebody else a super admin first.")
            % {"person": person.name},
            "role",
        )


def _set_active(actor: Actor | None, person: User, *, active: bool) -> User:
    person.is_active = active
    person.suspended_at = None if active else timezone.now()
    person.save(update_fields=["is_active", "suspended_at"])
    name = EventName.UNSUSPEND_USER if active else EventName.SUSPEND_USER
    old, new = {"active": not active}, {"active": active}
    record(name, actor=actor, customer=person.customer_id, subject=person.email, old=old, new=new)
    return person


def _record_role(
    name: EventName,
    actor: Actor | None,
    person: User,
    *,
    old: dict[str, str] | None,
    new: dict[str, str] | None,
) -> None:
    record(name, actor=actor, customer=person.customer_id, subject=person.email, old=old, new=new)


def _clean_email(text: str, organisation: Organisation) -> str:
    try:
        email = managed_email(text)
    except ValidationError as error:
        raise Refused.because(error, "email") from error
    domain = email.rpartition("@")[2]
    own = "" if organisation is VENDOR else organisation.primary_domain
    if domain != own and any(kind.objects.filter(primary_domain=domain).exists() for kind in (Customer, Reseller)):
        raise Refused(_("This domain belongs to another organisation."), "email")
    return email


def _set_password(person: User, password: str | None) -> None:
    if password is not None:
        try:
            validate_password(password, person)
        except ValidationError as error:
            raise Refused.because(error, "password") from error
    person.set_password(password)
