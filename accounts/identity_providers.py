"""Who is signed in by the provider of their organisation (P15), asked of the database each time."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Customer, Domain, IdentityProvider, Reseller, User
from accounts.roles import Role

# Who can always sign in with a password, so that a provider that is away or wrong shuts nobody out for good.
KEEPS_PASSWORD = frozenset({Role.SUPER_ADMIN, Role.RESELLER_ADMIN})


def provider_of(organisation: Customer | Reseller) -> IdentityProvider | None:
    """Return the provider that an organisation has set up, switched on or not."""
    found = IdentityProvider.objects.select_related("customer", "reseller", "tested_by")
    if isinstance(organisation, Customer):
        return found.filter(customer=organisation).first()
    return found.filter(reseller=organisation).first()


def provider_at(domain: str) -> IdentityProvider | None:
    """Return the provider that is switched on and signs in those with addresses at a canonical domain.

    The domain alone decides: the answer tells nobody whether an address exists.
    """
    return _switched_on(domain).first()


def is_own_verified(provider: IdentityProvider, domain: str) -> bool:
    """Tell whether a canonical domain is verified and belongs to the organisation of a provider (P9)."""
    return _own_verified(domain).filter(_same(provider.customer_id, provider.reseller_id)).exists()


def provider_for(person: User) -> IdentityProvider | None:
    """Return the provider, switched on, that signs this person in; None where they sign in by password.

    Super admins and reseller admins have one too, and keep their password beside it.
    """
    if person.is_vendor:
        return None
    own = _same(person.customer_id, person.reseller_id)
    return _switched_on(domain_of(person.email)).filter(own).first()


def needs_provider(person: User) -> bool:
    """Tell whether a person can sign in with the provider of their organisation alone."""
    return provider_for(person) is not None and not person.roles & KEEPS_PASSWORD


def domain_of(address: str) -> str:
    """Return what stands behind the @ of an address."""
    return address.rpartition("@")[2]


def _switched_on(domain: str) -> QuerySet[IdentityProvider]:
    own = _own_verified(domain).filter(Q(customer_id=OuterRef("customer_id")) | Q(reseller_id=OuterRef("reseller_id")))
    return IdentityProvider.objects.select_related("customer", "reseller").filter(
        Exists(own), switched_on_at__isnull=False
    )


def _own_verified(domain: str) -> QuerySet[Domain]:
    return Domain.objects.filter(name=domain, holds=True, contested_at=None, verified_at__isnull=False)


def _same(customer_id: int | None, reseller_id: int | None) -> Q:
    return Q(customer_id=customer_id, reseller_id=reseller_id)
