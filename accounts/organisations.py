"""The verbs of customers and resellers: creating them, and suspending a reseller (R13)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from psycopg2.errors import UniqueViolation

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise_operator, authorise_reseller, require_fresh_proof
from accounts.console_sessions.activations import end_of_who_left
from accounts.domain_holders import addresses_around, held_by_others, holders_around, lock_domains, rows_of
from accounts.domain_taking import verify_row
from accounts.domains import canonical_domain, refuse_consumer_domain, refuse_public_suffix
from accounts.errors import Duplicate, Refused
from accounts.locking import taking_away
from accounts.models import Customer, Domain, OrgUnit, Reseller, RoleAssignment, User
from accounts.models.domains import VerifiedHow
from accounts.models.organisations import VENDOR, Organisation, Vendor
from accounts.names import most_marks, readable, sort_key
from accounts.roles import ALL_CUSTOMERS_ROLES, VENDOR_ROLES

NAME_MAX_LENGTH = 200
SORT_NAME_MAX_LENGTH = 400
_NAME_IS_EMPTY = _("Enter a name.")
# On one letter; Hebrew and Tibetan with all their signs need six.
MARKS_MAX = 8


class DomainInUse(Refused):
    """A domain that is someone's, or that someone has addresses at. domain: the canonical one."""

    def __init__(self, message: Promise | str, domain: str) -> None:
        super().__init__(message, "primary_domain", reason="duplicate")
        self.domain = domain


@transaction.atomic
def create_customer(
    *, actor: Actor | None, name: str, primary_domain: str, despite_addresses: bool = False
) -> Customer:
    """Create a customer with the domain that its console is found under; so the domain is verified (P9).

    despite_addresses: also where others have addresses at that domain; they keep these and get no more (P9).
    Raises Refused, which names who holds the domain: for operators only; ProofNeeded (P13).
    """
    authorise_operator(actor)
    name = clean_name(name)
    domain = claim_domain(primary_domain, despite_addresses=despite_addresses, tell=True)
    require_fresh_proof(actor)
    customer = write_customer(actor=actor, name=name, domain=domain)
    _verify_primary(actor, customer)
    return customer


def _verify_primary(actor: Actor | None, organisation: Customer | Reseller) -> None:
    """Verify the domain with which an operator created an organisation: they decided, also about who had it before."""
    row = rows_of(organisation).get()
    verify_row(row, how=VerifiedHow.CREATED, by=actor.user if actor else None, decided=True)


@transaction.atomic
def write_customer(
    *,
    actor: Actor | None,
    name: str,
    domain: str,
    postal_address: str = "",
    phone_number: str = "",
    registered_by: Reseller | None = None,
) -> Customer:
    """Write a customer that the verb above or accounts/founding.py has decided on: it asks nobody whether they may.

    registered_by: whose admins make the first super admin there (is_founder).
    name, domain: as clean_name() and claim_domain() returned them. The domain is not verified yet; its row is made by
    the database (0035), since the release before knows none.
    """
    customer = Customer.objects.create(
        name=name,
        sort_name=stored_sort_key(name),
        primary_domain=domain,
        postal_address=postal_address,
        phone_number=phone_number,
        registered_by=registered_by,
    )
    rows_of(customer).update(verified_at=None, verified_how="")
    # The root of its tree of units, with the values that everything below inherits.
    OrgUnit.objects.create(customer=customer, approves_mobile_devices=False)
    new = {"name": name, "primary_domain": domain}
    record_audit(EventName.CREATE_CUSTOMER, actor=actor, customer=customer, subject=name, target=customer, new=new)
    return customer


@transaction.atomic
def create_reseller(
    *, actor: Actor | None, name: str, primary_domain: str, postal_address: str = "", despite_addresses: bool = False
) -> Reseller:
    """Create a reseller with its public identifier. Raises Refused; the arguments are those of create_customer."""
    authorise_operator(actor)
    name = clean_name(name)
    domain = claim_domain(primary_domain, despite_addresses=despite_addresses, tell=True)
    require_fresh_proof(actor)
    reseller = Reseller.objects.create(
        name=name, sort_name=stored_sort_key(name), primary_domain=domain, postal_address=postal_address
    )
    new = {"name": name, "primary_domain": domain, "public_id": reseller.public_id}
    record_audit(EventName.CREATE_RESELLER, actor=actor, customer=None, subject=name, target=reseller, new=new)
    _verify_primary(actor, reseller)
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
    authorise_operator(actor)
    reseller = Reseller.objects.select_for_update(no_key=True).get(pk=reseller.pk)
    if (reseller.suspended_at is not None) == suspended:
        return reseller
    if not suspended:
        require_fresh_proof(actor)
    # The database's clock, like every other moment that access depends on (R8).
    Reseller.objects.filter(pk=reseller.pk).update(suspended_at=Now() if suspended else None)
    reseller.refresh_from_db(fields=["suspended_at"])
    if suspended:
        end_of_who_left(reseller_id=reseller.pk)
    name = EventName.SUSPEND_RESELLER if suspended else EventName.UNSUSPEND_RESELLER
    old, new = {"suspended": not suspended}, {"suspended": suspended}
    record_audit(
        name, actor=actor, customer=None, subject=reseller.name, target=reseller, old=old, new=new, about_id=reseller.pk
    )
    return reseller


def is_founder(actor: Actor | None, customer: Customer) -> bool:
    """Tell whether this person makes the first super admin of a customer in which nobody holds a role yet (R14).

    They add customers for the active reseller that registered this one, and nobody has ever held a role there.
    """
    if actor is None or actor.token is not None or customer.registered_by_id is None:
        return False
    try:
        reseller = authorise_reseller(actor, ALL_CUSTOMERS_ROLES)
    except PermissionDenied:
        return False
    registered = Customer.objects.filter(pk=customer.pk, registered_by=reseller)
    return registered.exists() and not RoleAssignment.objects.filter(user__customer=customer).exists()


def sees_organisations(person: User) -> bool:
    """Tell whether a person sees every customer and reseller: the vendor's own people who hold a role (P5)."""
    return person.is_active and person.is_vendor and bool(person.roles & VENDOR_ROLES)


@contextmanager
def refuse_duplicate(message: Promise | str, field: str) -> Iterator[None]:
    """Raise Duplicate where a unique constraint of the database says that there is one already."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        raise Duplicate(message, field) from error


def stored_sort_key(name: str) -> str:
    """Return the sort key that fits into its column: a compatibility form can be longer than the name."""
    return sort_key(name)[:SORT_NAME_MAX_LENGTH]


def clean_name(
    name: str, *, max_length: int = NAME_MAX_LENGTH, field: str = "name", empty: Promise | str = _NAME_IS_EMPTY
) -> str:
    """Return a name, or a title, as a person can read it (P10): every name is cleaned here.

    field, empty: what it is called, and what is said where nothing is left. Raises Refused for that, for too long a
    name, and for marks heaped on one letter.
    """
    name = readable(name)
    if not name:
        raise Refused(empty, field)
    if len(name) > max_length:
        raise Refused(_("Use at most %(number)s characters.") % {"number": max_length}, field)
    if most_marks(name) > MARKS_MAX:
        raise Refused(_("Use at most %(number)s marks on one letter.") % {"number": MARKS_MAX}, field)
    return name


def clean_domain(text: str, field: str = "primary_domain") -> str:
    """Return the canonical spelling of an organisation's domain (P6). field: what it is called. Raises Refused."""
    try:
        domain = canonical_domain(text)
        refuse_consumer_domain(domain)
        refuse_public_suffix(domain)
    except ValidationError as error:
        raise Refused.because(error, field) from error
    return domain


def claim_domain(text: str, *, despite_addresses: bool = False, tell: bool = False) -> str:
    """Return the canonical domain for a new organisation, which nobody else can take until the transaction ends (P9).

    tell: whether the refusal says who holds it, as to an operator, who also takes a name that nobody has verified.
    Raises Refused, as DomainInUse where someone holds it.
    """
    domain = clean_domain(text)
    lock_domains([domain], exclusive=True)
    is_held = held_by_others([domain]) or (not tell and Domain.objects.filter(name=domain, holds=True).exists())
    if is_held or (not despite_addresses and addresses_around(domain).exists()):
        if tell:
            words = _("This domain is in use already: %(holders)s.") % {"holders": ", ".join(holders_around(domain))}
            raise DomainInUse(words, domain)
        raise DomainInUse(_("This domain is in use already. Ask the customer, or use another domain."), domain)
    return domain


__all__ = [
    "MARKS_MAX",
    "NAME_MAX_LENGTH",
    "SORT_NAME_MAX_LENGTH",
    "VENDOR",
    "DomainInUse",
    "Organisation",
    "Vendor",
    "claim_domain",
    "clean_domain",
    "clean_name",
    "create_customer",
    "create_reseller",
    "is_founder",
    "refuse_duplicate",
    "sees_organisations",
    "stored_sort_key",
    "suspend_reseller",
    "unsuspend_reseller",
    "write_customer",
]
