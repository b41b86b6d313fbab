"""Saving a change costs the same for a customer of the largest reseller as for one of a small reseller."""

from __future__ import annotations

from django.db.models import Count

from accounts.actor import Actor
from accounts.models import Customer, OrgUnit, Reseller, RoleAssignment, User
from accounts.roles import Role
from benchmarks.measure import alternately, table
from subscriptions.access.comparison import Desired
from subscriptions.access.desired import save_reseller_access
from subscriptions.models import AccessGrant


def toggler(reseller: Reseller) -> object:
    """Return a function that turns the first customer's switch over and saves."""
    grant = AccessGrant.objects.filter(reseller=reseller, subscription=None).select_related("customer").first()
    assert grant is not None
    customer: Customer = grant.customer
    unit = OrgUnit.objects.create(customer=customer, approves_mobile_devices=False)
    admin = User.objects.create(
        email=f"admin@{customer.primary_domain}", name="Admin", customer=customer, org_unit=unit
    )
    RoleAssignment.objects.create(user=admin, role=Role.SUPER_ADMIN)

    def toggle() -> None:
        grant.refresh_from_db(fields=["allowed", "generation"])
        box = Desired(reseller.pk, None, allowed=not grant.allowed, seen=grant.generation)
        assert len(save_reseller_access(actor=Actor(admin), customer=customer, desired=[box]).changes) == 1

    return toggle


def run() -> None:
    """Print the comparison."""
    by_size = Reseller.objects.annotate(size=Count("access_grants")).order_by("size")
    small = by_size.filter(size__gte=20).first()
    large = by_size.last()
    assert small and large
    ways = {f"a reseller of {r.size:,} customers": toggler(r) for r in (small, large)}
    table("Saving one change", alternately(ways, 300), next(iter(ways)))  # type: ignore[arg-type]
