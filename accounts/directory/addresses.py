"""E-mail addresses of people and groups: which ones an organisation may hand out (P6, P9), and whom they reach."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.domain_holders import held_by_others, lock_domains, own_domains, rows_of
from accounts.domains import canonical_email, managed_email
from accounts.errors import Refused
from accounts.models import Address, Domain, User
from accounts.organisations import VENDOR, Organisation


def clean_address(text: str, organisation: Organisation) -> str:
    """Return the canonical spelling of an address that this organisation may give to a person or a group (P6, P9).

    At its own domains only, which nobody takes from it until the transaction ends. Raises Refused.
    """
    email = clean_managed_address(text)
    domain = email.rpartition("@")[2]
    lock_addresses_at({domain}, organisation)
    if reason := refused_domains({domain}, organisation).get(domain):
        raise Refused(reason, "email")
    return email


def clean_managed_address(text: str) -> str:
    """Return the canonical spelling of the address of a managed account (P6). Raises Refused."""
    try:
        return managed_email(text)
    except ValidationError as error:
        raise Refused.because(error, "email") from error


def lock_addresses_at(domains: Collection[str], organisation: Organisation) -> None:
    """Let nobody take these domains from an organisation, which is locked, until the transaction ends.

    Nobody takes a verified one.
    """
    lock_domains(set(domains) - own_domains(organisation).verified)


def refused_domains(domains: Collection[str], organisation: Organisation) -> dict[str, str]:
    """Return by canonical domain why this organisation gives no addresses there; without those where it does (P9)."""
    elsewhere = set(domains) - own_domains(organisation).names
    if not elsewhere:
        return {}
    rows = {row.name: row for row in rows_of(organisation).filter(name__in=elsewhere)}
    held = held_by_others(elsewhere, organisation)
    return {domain: str(_reason(rows.get(domain), is_held=domain in held)) for domain in elsewhere}


def _reason(row: Domain | None, *, is_held: bool) -> Promise:
    if row is not None and row.contested_at is not None:
        return _("Another organisation claims this domain too. New addresses wait until the vendor has decided.")
    if is_held:
        return _("This domain belongs to another organisation.")
    if row is not None:
        return _("Another organisation has this domain. Addresses can be given there once yours has verified it.")
    return _("This is not a domain of your organisation. A super admin or reseller admin adds it under Domains first.")


def reaches(text: str) -> Q:
    """Return the condition that an address, in whatever spelling, is a person's own or one of their aliases.

    What is no address is asked for too, as the empty one, which nobody has: the answer takes the same work.
    """
    try:
        email = canonical_email(text)
    except ValidationError:
        email = ""
    return Q(addresses__email=email)


def person_at(text: str, organisation: Organisation | None = None) -> User | None:
    """Return who has this address, in whatever spelling, their own or an alias; None for nobody and for the deleted.

    organisation: where to look; by default in all of them.
    """
    return _people_of(organisation).filter(reaches(text), deleted_at=None).first()


def deleted_person_at(text: str, organisation: Organisation) -> User | None:
    """Return the deleted person who keeps this address and can still be restored; None for nobody."""
    gone = _people_of(organisation).filter(deleted_at__isnull=False, purged_at=None)
    return gone.filter(reaches(text)).first()


def _people_of(organisation: Organisation | None) -> QuerySet[User]:
    if organisation is None:
        return User.objects.all()
    return User.objects.filter(is_vendor=True) if organisation is VENDOR else organisation.people.all()


def sign_in_address(email: str) -> str:
    """Return the address that a person signs in with, for one that reaches them: aliases count as the address itself.

    email: canonical. An address that reaches nobody comes back as it is, after the same query.
    """
    found = Address.objects.filter(email=email, user__isnull=False).values_list("user__email", flat=True).first()
    return found or email
