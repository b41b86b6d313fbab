"""What tests of transfers need: a reseller that takes over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import Reseller
from accounts.roles import Role
from subscriptions.transfer_scope import Group
from subscriptions.transfers import (
    generate_transfer_token,
    transfer_subscriptions,
)
from tests.access.world import World
from tests.contract.database import snapshot
from tests.factories import put_person, put_reseller

WORKSPACE, VOICE = "Google-Apps", "101033"


@dataclass
class Buyer:
    """The reseller that takes over, its admin, and the token in its hands."""

    world: World
    reseller: Reseller
    admin: Actor
    code: str

    def take(self, *products: str, **changed: Any) -> list[Group]:
        asked: dict[str, Any] = {
            "actor": self.admin,
            "reseller": self.reseller,
            "domain": self.world.customer.primary_domain,
            "code": self.code,
            "products": products,
            "seen": set(self.world.customer.subscriptions.values_list("pk", flat=True)),
            "seats": {},
        }
        return transfer_subscriptions(**asked | changed)

    def refused(self, *products: str, **changed: Any) -> Refused:
        """The refusal; nothing at all has changed."""
        before = snapshot()
        with pytest.raises(Refused) as caught:
            self.take(*products, **changed)
        assert snapshot() == before
        return caught.value


def make_buyer(world: World, reseller: Reseller | None = None) -> Buyer:
    reseller = reseller or put_reseller("Buyer")
    admin = Actor(put_person(reseller, Role.RESELLER_ADMIN))
    return Buyer(world, reseller, admin, new_code(world, reseller))


def new_code(world: World, reseller: Reseller) -> str:
    code = generate_transfer_token(actor=world.admin, customer=world.customer, reseller=reseller)
    assert isinstance(code, str)
    return code
