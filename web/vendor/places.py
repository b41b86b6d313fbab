"""Which organisation a page of the operators is about."""

from __future__ import annotations

from django.http import Http404
from django.urls import reverse

from accounts.models import Customer, Reseller
from accounts.organisations import VENDOR, Organisation
from subscriptions.watched import Kind, Watched, kind_of

# Stands in URLs where the vendor itself is meant.
OF_VENDOR = "vendor"


def watched_at(kind: str, organisation_id: int) -> Watched:
    """Return the customer or reseller of a URL; 404 where there is none."""
    model: type[Watched] | None = {Kind.CUSTOMER: Customer, Kind.RESELLER: Reseller}.get(kind)  # type: ignore[call-overload]
    found: Watched | None = model._default_manager.filter(pk=organisation_id).first() if model else None
    if found is None:
        raise Http404
    return found


def customer_at(organisation_id: int) -> Customer:
    """Return the customer of a URL; 404 where there is none."""
    found = watched_at(Kind.CUSTOMER, organisation_id)
    assert isinstance(found, Customer)
    return found


def reseller_at(organisation_id: int) -> Reseller:
    """Return the reseller of a URL; 404 where there is none."""
    found = watched_at(Kind.RESELLER, organisation_id)
    assert isinstance(found, Reseller)
    return found


def organisation_at(kind: str, organisation_id: int) -> Organisation:
    """Return the organisation of a URL, which may be the vendor itself, as `vendor/0`; 404 where there is none."""
    if kind == OF_VENDOR and organisation_id == 0:
        return VENDOR
    return watched_at(kind, organisation_id)


def place_of(organisation: Organisation) -> tuple[str, int]:
    """Return how URLs name an organisation."""
    return (OF_VENDOR, 0) if organisation is VENDOR else (str(kind_of(organisation)), organisation.pk)


def page_of(organisation: Organisation) -> str:
    """Return the page of an organisation; of the vendor the list of its people."""
    if organisation is VENDOR:
        return reverse("operations_staff")
    return reverse("operations_organisation", args=place_of(organisation))
