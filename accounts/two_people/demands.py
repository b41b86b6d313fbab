"""What a customer demands a second super admin for, and who they are (R21)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.models import Customer, PastSuperAdmin, TwoPeople, User
from accounts.models.two_people import Demand
from accounts.roles import Role

# How long a proposal waits, and how long a person counts as a super admin of late.
LIFETIME: Final = timedelta(hours=72)


def demands_of(customer: Customer) -> frozenset[Demand]:
    """Return what this customer demands a second super admin for."""
    rule = TwoPeople.objects.filter(customer=customer).first()
    return frozenset(demand for demand in Demand if getattr(rule, demand.value, False))


def needs_second(actor: Actor | None, customer: Customer, demand: Demand) -> bool:
    """Tell whether what this person is about to do waits for a second one. The caller has locked the customer.

    How many super admins are left does not count: with one, only the emergency way is open. The system and people of
    other organisations, such as the vendor's operators, are outside of a customer's own rules.
    """
    is_own = actor is not None and actor.user.customer_id == customer.pk
    return is_own and demand in demands_of(customer)


def super_admins_of(customer: Customer) -> QuerySet[User]:
    """Return the active super admins."""
    return User.objects.filter(customer=customer, is_active=True, role_assignments__role=Role.SUPER_ADMIN)


def super_admins_of_late(customer: Customer) -> QuerySet[User]:
    """Return those who are super admins, or were within 72 hours; also those suspended or deleted since."""
    past = PastSuperAdmin.objects.filter(customer=customer, ended_at__gt=Now() - LIFETIME)
    was_one = Q(pk__in=past.values("person")) | Q(pk__in=super_admins_of(customer).values("pk"))
    return User.objects.filter(was_one, customer=customer, purged_at=None).order_by("pk")
