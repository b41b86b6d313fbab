"""E-mail addresses of people and groups: which ones an organisation may hand out (P6, P9), and whom they reach."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.domain_holders import held_by_others, lock_domains
from accounts.domains import canonical_email, managed_email, refuse_public_suffix
from accounts.errors import Refused
from accounts.models import Address, User
from accounts.organisations import VENDOR, Organisation


def clean_address(text: str, organisation: Organisation) -> str:
    """Return the canonical spelling of an address that this organisation may give to a person or a group (P6, P9).

    At any managed domain that is not at, above or below one of another organisation or of the vendor: organisations
    use several domains, but nobody gets an address that looks like another organisation's. Until the transaction
    ends nobody is founded there either. Raises Refused.
    """
    email = clean_managed_address(text)
    domain = email.rpartition("@")[2]
    lock_domains([domain], own_domains(organisation))
    if reason := refused_domains({domain}, organisation).get(domain):
        raise Refused(reason, "email")
    return email


def clean_managed_address(text: str) -> str:
    """Return the canonical spelling of the address of a managed account (P6). Raises Refused."""
    try:
        return managed_email(text)
    except ValidationError as error:
        raise Refused.because(error, "email") from error


def own_domains(organisation: Organisation) -> frozenset[str]:
    """Return the canonical domains that belong to an organisation."""
    return frozenset(settings.VENDOR_DOMAINS if organisation is VENDOR else {organisation.primary_domain})


def refused_domains(domains: set[str], organisation: Organisation) -> dict[str, str]:
    """Return by canonical domain why this organisation gives no addresses there; without those where it may."""
    own = own_domains(organisation)
    refused = dict.fromkeys(held_by_others(domains, own), str(_("This domain belongs to another organisation.")))
    for domain in domains - own:
        try:
            refuse_public_suffix(domain)
        except ValidationError as error:
            refused[domain] = " ".join(error.messages)
    return refused


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
