"""The verbs of customers and resellers: creating them, and suspending a reseller (R13)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from psycopg2.errors import UniqueViolation

from accounts.actor import Actor
from accounts.audit import EventName, record
from accounts.domains import canonical_domain, refuse_consumer_domain
from accounts.errors import Refused
from accounts.locking import taking_away
from accounts.models import AuditEvent, Customer, OrgUnit, Reseller, RoleAssignment, User
from accounts.names import sort_key
from accounts.roles import Role

NAME_MAX_LENGTH = 200
SORT_NAME_MAX_LENGTH = 400


class Vendor(Enum):
    """The vendor is an organisation too, the only one of its kind, and so without a row."""

    VENDOR = "vendor"


VENDOR: Final = Vendor.VENDOR
Organisation = Customer | Reseller | Vendor


@transaction.atomic
def create_customer(*, actor: Actor | None, name: str, primary_domain: str) -> Customer:
    """Create a customer with the domain that its console is found under. Raises Refused."""
    require_operator(actor)
    return write_customer(actor=actor, name=name, primary_domain=primary_domain)


@transaction.atomic
def write_customer(
    *, actor: Actor | None, name: str, primary_domain: str, postal_address: str = "", phone_number: str = ""
) -> Customer:
    """Write a customer that the verb above or accounts/founding.py has decided on: it asks nobody whether they may."""
    name, domain = clean_name(name), clean_domain(primary_domain)
    with refuse_duplicate(_("Another customer has this domain."), "primary_domain"):
        customer = Customer.objects.create(
            name=name,
            sort_name=stored_sort_key(name),
            primary_domain=domain,
            postal_address=postal_address,
            phone_number=phone_number,
        )
    # The root of its tree of units, with the values that everything below inherits.
    OrgUnit.objects.create(customer=customer, approves_mobile_devices=False)
    new = {"name": name, "primary_domain": domain}
    record(EventName.CREATE_CUSTOMER, actor=actor, customer=customer, subject=name, new=new)
    return customer


@transaction.atomic
def create_reseller(*, actor: Actor | None, name: str, primary_domain: str, postal_address: str = "") -> Reseller:
    """Create a reseller with its public identifier. Raises Refused."""
    require_operator(actor)
    name, domain = clean_name(name), clean_domain(primary_domain)
    with refuse_duplicate(_("Another reseller has this domain."), "primary_domain"):
        reseller = Reseller.objects.create(
            name=name, sort_name=stored_sort_key(name), primary_domain=domain, postal_address=postal_address
        )
    new = {"name": name, "primary_domain": domain, "public_id": reseller.public_id}
    record(EventName.CREATE_RESELLER, actor=actor, customer=None, subject=name, new=new)
    return reseller


@taking_away()
def suspend_reseller(*, actor: Actor | None, reseller: Reseller) -> Reseller:
    """Suspend a reseller: none of its people has access anywhere from the next request on (R13)."""
    return _set_suspended(actor, reseller, suspended=True)


@transaction.atomic
def unsuspend_reseller(*, actor: Actor | None, reseller: Reseller) -> Reseller:
    """Restore a suspended reseller. What its customers allow then holds again."""
    return _set_suspended(actor, reseller, suspended=False)


def _set_suspended(actor: Actor | None, reseller: Reseller, *, suspended: bool) -> Reseller:
    require_operator(actor)
    reseller = Reseller.objects.select_for_update(no_key=True).get(pk=reseller.pk)
    if (reseller.suspended_at is not None) == suspended:
        return reseller
    # The database's clock, like every other moment that access depends on (R8).
    Reseller.objects.filter(pk=reseller.pk).update(suspended_at=Now() if suspended else None)
    reseller.refresh_from_db(fields=["suspended_at"])
    name = EventName.SUSPEND_RESELLER if suspended else EventName.UNSUSPEND_RESELLER
    old, new = {"suspended": not suspended}, {"suspended": suspended}
    record(name, actor=actor, customer=None, subject=reseller.name, old=old, new=new)
    return reseller


def require_operator(actor: Actor | None) -> None:
    """Let the system and the vendor's operators through (P5). Raises PermissionDenied."""
    if actor is not None and not holds(actor, Role.VENDOR_OPERATOR):
        raise PermissionDenied(_("Your role does not allow this."))


def holds(actor: Actor, role: Role) -> bool:
    """Tell what the database says now: whether this person is active and holds a role (P8, R11)."""
    return User.objects.filter(pk=actor.user.pk, is_active=True, role_assignments__role=role).exists()


def is_founder(actor: Actor, customer: Customer) -> bool:
    """Tell whether this person created a customer in which nobody holds a role yet: it makes the first super admin."""
    created = AuditEvent.objects.filter(customer_id=customer.pk, name=EventName.CREATE_CUSTOMER, actor_id=actor.user.pk)
    roles = RoleAssignment.objects.filter(user__customer=customer)
    return created.exists() and not roles.exists()


@contextmanager
def refuse_duplicate(message: Promise | str, field: str) -> Iterator[None]:
    """Raise Refused where a unique constraint of the database says that there is one already."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        raise Refused(message, field) from error


def stored_sort_key(name: str) -> str:
    """Return the sort key that fits into its column: a compatibility form can be longer than the name."""
    return sort_key(name)[:SORT_NAME_MAX_LENGTH]


def clean_name(name: str, *, max_length: int = NAME_MAX_LENGTH) -> str:
    """Return a name without surplus spaces. Raises Refused for an empty one and for one that is too long."""
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise Refused(_("Enter a name."), "name")
    if len(name) > max_length:
        raise Refused(_("Use at most %(number)s characters.") % {"number": max_length}, "name")
    return name


def clean_domain(text: str) -> str:
    """Return the canonical spelling of an organisation's domain (P6). Raises Refused."""
    try:
        domain = canonical_domain(text)
        refuse_consumer_domain(domain)
    except ValidationError as error:
        raise Refused.because(error, "primary_domain") from error
    return domain
