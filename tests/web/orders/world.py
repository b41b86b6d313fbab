"""The pages of a subscription, as tests open them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from subscriptions.models import Subscription
from tests.access.world import World
from tests.client import signed_in
from tests.client import url_of as url


def page(subscription: Subscription, *, sold: bool = False) -> str:
    name = "reseller_subscription" if sold else "subscription"
    return url(name, subscription.customer, subscription_id=subscription.pk)


def step(subscription: Subscription, name: str, *, sold: bool = False) -> str:
    return f"{page(subscription, sold=sold)}change/{name}/"


def steps_on(response: Any) -> list[str]:
    return re.findall(r'href="[^"]*/change/([a-z-]+)/"', response.content.decode())


@pytest.fixture
def admin(world: World) -> Client:
    return signed_in(world.admin.user)
