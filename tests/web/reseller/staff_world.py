"""A reseller’s admin at the pages of its staff."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Customer, Reseller, User
from accounts.permissions import Permission
from subscriptions import lifecycle
from subscriptions.models import Sku
from subscriptions.models.subscription import Plan
from tests.cast import Cast
from tests.client import signed_in as browser
from tests.factories import fresh


def sell(customer: Customer, reseller: Reseller, sku: str = "1010020027") -> None:
    offer = lifecycle.Offer(Sku.objects.get(pk=sku), Plan.FLEXIBLE, 10)
    lifecycle.order_subscription(actor=None, customer=customer, reseller=reseller, offer=offer)


@pytest.fixture
def rita(cast: Cast) -> Client:
    """The browser of Resale One's admin; its reseller sold to Acme, the other one to Globex."""
    sell(cast.acme.customer, cast.resale_one.reseller)
    sell(cast.globex.customer, cast.resale_two.reseller)
    return browser(cast.resale_one.admin)


def workers(cast: Cast) -> set[User]:
    """The people of Resale One who may know of Acme at this instant."""
    one, acme = cast.resale_one, cast.acme.customer
    return {person for person in (one.agent, one.colleague) if fresh(person).has_perm(Permission.KNOW_CUSTOMER, acme)}
