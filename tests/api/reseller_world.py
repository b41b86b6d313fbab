"""A reseller at its machine: the original's client with a token of one of its people."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from googleapiclient.errors import HttpError

from accounts.models import Customer, Reseller, User
from accounts.roles import Role
from subscriptions.models import Subscription
from tests.access.world import World
from tests.api.google import service
from tests.api.machines import machine
from tests.factories import put_person


@dataclass
class Desk:
    """A person of a reseller, and what their machine asks."""

    person: User
    api: Any

    def customers(self, method: str, **given: Any) -> Any:
        return getattr(self.api.customers(), method)(**given).execute()

    def subscriptions(self, method: str, **given: Any) -> Any:
        return getattr(self.api.subscriptions(), method)(**given).execute()

    def step(self, method: str, subscription: Subscription, **given: Any) -> Any:
        """Take a step with one subscription."""
        ids = {"customerId": subscription.customer.customer_id, "subscriptionId": subscription.public_id}
        return self.subscriptions(method, **ids, **given)


def desk(person: User, *scopes: str) -> Desk:
    return Desk(person, service(Client(), machine(person, *scopes), "reseller", "v1"))


def desk_of(reseller: Reseller, role: Role = Role.RESELLER_ADMIN) -> Desk:
    return desk(put_person(reseller, role))


def refused(ask: Any, **given: Any) -> tuple[int, str]:
    """The status and the reason of what a call is refused with."""
    with pytest.raises(HttpError) as caught:
        ask(**given)
    error = json.loads(caught.value.content)["error"]
    return error["code"], error["errors"][0]["reason"]


def new_customer(domain: str = "initech.example", **changed: Any) -> dict[str, Any]:
    """What the original's code lab sends."""
    return {
        "customerDomain": domain,
        "alternateEmail": "peter@elsewhere.example",
        "phoneNumber": "+1 555 0100",
        "postalAddress": {
            "contactName": "Peter Gibbons",
            "organizationName": "Initech",
            "addressLine1": "1 Main Street",
            "locality": "Austin",
            "region": "TX",
            "postalCode": "78701",
            "countryCode": "US",
        },
    } | changed


def order(sku: str, plan: str, seats: int | None = None, **more: Any) -> dict[str, Any]:
    """As GAM sends it: both kinds of seats."""
    both = {"numberOfSeats": seats, "maximumNumberOfSeats": seats} if seats is not None else {}
    return {"skuId": sku, "plan": {"planName": plan}, "seats": both, **more}


def registered(domain: str) -> Customer:
    return Customer.objects.get(primary_domain=domain)


def ids_in(answer: dict[str, Any]) -> set[str]:
    return {one["subscriptionId"] for one in answer["subscriptions"]}


__all__ = ["Desk", "World", "desk", "desk_of", "ids_in", "new_customer", "order", "refused", "registered"]
