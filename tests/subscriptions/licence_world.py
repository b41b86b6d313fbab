"""Set-up shared by the tests of licences: people in units, seats, and who has a licence."""

from __future__ import annotations

from itertools import count

from django.db.models import QuerySet

from accounts.models import Customer, OrgUnit, User
from subscriptions import lifecycle
from subscriptions.models import Licence, Sku, Subscription
from subscriptions.models.subscription import Plan

STARTER, STANDARD, PLUS = "1010020027", "1010020028", "1010020025"
CLOUD_IDENTITY_FREE = "1010010001"

_numbers = count(1)


def root_of(customer: Customer) -> OrgUnit:
    return OrgUnit.objects.get(customer=customer, parent=None)


def make_people(customer: Customer, number: int, unit: OrgUnit | None = None, name: str = "Person") -> QuerySet[User]:
    """People of a customer, in the order of their making."""
    unit = unit or root_of(customer)
    made = User.objects.bulk_create(
        User(
            email=f"someone{(n := next(_numbers))}@{customer.primary_domain}",
            name=f"{name} {n}",
            sort_name=f"{name.lower()} {n:05}",
            customer=customer,
            org_unit=unit,
        )
        for _ in range(number)
    )
    return User.objects.filter(pk__in=[person.pk for person in made]).order_by("pk")


def order(customer: Customer, sku: str = STARTER, seats: int | None = 10, plan: Plan = Plan.FLEXIBLE) -> Subscription:
    """A subscription bought from the vendor."""
    offer = lifecycle.Offer(Sku.objects.get(pk=sku), plan, seats)
    return lifecycle.order_subscription(actor=None, customer=customer, reseller=None, offer=offer)


def having(subscription: Subscription) -> set[int]:
    """The people who have a licence now, by their ids."""
    return set(Licence.objects.filter(subscription=subscription, revoked_at=None).values_list("user", flat=True))


def ids(people: QuerySet[User]) -> set[int]:
    return set(people.values_list("pk", flat=True))
