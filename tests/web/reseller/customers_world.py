"""The addresses of a reseller’s pages, and its customers, as tests open them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, Customer
from subscriptions.access import desired
from tests.access.world import World, make_world, wish

CUSTOMERS = "/reseller/"


@pytest.fixture
def twin(world: World) -> World:
    """A second customer of another reseller, both with the same names: nothing of it may ever show."""
    return make_world()


def page(customer: Customer) -> str:
    return reverse("reseller_customer", kwargs={"domain": customer.primary_domain})


def enter(customer: Customer) -> str:
    return reverse("enter_console", kwargs={"domain": customer.primary_domain})


def leave(customer: Customer) -> str:
    return reverse("leave_console", kwargs={"domain": customer.primary_domain})


def console(customer: Customer) -> str:
    return reverse("console_home", kwargs={"domain": customer.primary_domain})


def entries(customer: Customer) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(name="RESELLER_CONSOLE_ENTERED", customer_id=customer.pk))


def turn_off(world: World) -> None:
    desired.save_reseller_access(
        actor=world.admin, customer=world.customer, desired=[wish(world.customer, world.reseller, allowed=False)]
    )
