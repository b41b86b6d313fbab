"""E-mail addresses of people and groups: which ones an organisation may hand out (P6), and whose they are."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.domains import canonical_email, managed_email
from accounts.errors import Refused
from accounts.models import Customer, Reseller, User
from accounts.organisations import VENDOR, Organisation


def clean_address(text: str, organisation: Organisation) -> str:
    """Return the canonical spelling of an address that this organisation may give to a person or a group (P6).

    At any managed domain that is not another organisation's own: organisations use several domains, but nobody
    gets an address that looks like it belongs to somebody else. Raises Refused.
    """
    email = clean_managed_address(text)
    if domains_of_others({email.rpartition("@")[2]}, organisation):
        raise Refused(_("This domain belongs to another organisation."), "email")
    return email


def clean_managed_address(text: str) -> str:
    """Return the canonical spelling of the address of a managed account (P6). Raises Refused."""
    try:
        return managed_email(text)
    except ValidationError as error:
        raise Refused.because(error, "email") from error


def domains_of_others(domains: set[str], organisation: Organisation) -> set[str]:
    """Return those of some canonical domains that are another organisation's own."""
    others = domains - {"" if organisation is VENDOR else organisation.primary_domain}
    kinds = (Customer, Reseller) if others else ()
    return {
        domain
        for kind in kinds
        for domain in kind.objects.filter(primary_domain__in=others).values_list("primary_domain", flat=True)
    }


def person_at(text: str, customer: Customer) -> User | None:
    """Return the person of a customer with this address, in whatever spelling, or with this alias; None for nobody."""
    try:
        email = canonical_email(text)
    except ValidationError:
        return None
    return User.objects.filter(customer=customer, deleted_at=None, addresses__email=email).first()
