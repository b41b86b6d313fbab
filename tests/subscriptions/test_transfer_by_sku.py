"""A program takes over one SKU a call: the token lives until its product groups are complete (B1, R13, R14)."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.models import Reseller
from accounts.roles import Role
from subscriptions.lifecycle import transfer_subscription
from subscriptions.models import Sku, Subscription, Transfer, TransferToken
from subscriptions.transfer_scope import PARTLY_USED, find_token, state_of, tokens_of, used_tokens_of
from subscriptions.transfers import generate_transfer_token, revoke_transfer_token, transfer_sku
from tests.access.world import World, may_enter, sell
from tests.contract.database import snapshot
from tests.factories import put_person, put_reseller
from tests.subscriptions.transfer_world import WORKSPACE, Buyer, make_buyer

STARTER, STANDARD, VAULT, VOICE = "1010020027", "1010020028", "Google-Vault", "1010330004"


@pytest.fixture
def buyer(world: World) -> Buyer:
    """The customer has Business Starter of one reseller, Standard of the vendor, Vault of a third, and Voice."""
    sell(world.customer, None, STANDARD)
    sell(world.customer, put_reseller("Third"), VAULT)
    return make_buyer(world)


def take(buyer: Buyer, sku: str, seats: int | None = None, *, actor: Actor | None = None) -> Subscription:
    return transfer_sku(
        actor=actor or buyer.admin,
        reseller=buyer.reseller,
        customer=buyer.world.customer,
        code=buyer.code,
        sku=Sku.objects.get(pk=sku),
        seats=seats,
    )


def sellers(world: World) -> dict[str, Reseller | None]:
    return {each.sku_id: each.reseller for each in world.customer.subscriptions.select_related("reseller")}


def test_B1_each_sku_moves_with_a_call_of_its_own_until_nothing_is_left(world: World, buyer: Buyer) -> None:
    moved = [take(buyer, sku) for sku in (STARTER, STANDARD, VAULT)]
    assert {one.reseller for one in moved} == {buyer.reseller}
    token = TransferToken.objects.get()
    assert token.used_at is None, "Voice is left"
    assert take(buyer, VOICE, seats=12).seats == 12
    token.refresh_from_db()
    assert token.used_at is not None
    assert set(sellers(world).values()) == {buyer.reseller}
    assert not may_enter(world.agent, world.customer), "R13"
    with pytest.raises(Refused) as refused:
        take(buyer, STARTER)
    assert refused.value.field == "token"
    assert Transfer.objects.filter(product=WORKSPACE).count() == 2, "one for each seller it came from"


def test_B1_a_token_for_one_product_is_used_up_when_that_is_complete(world: World, buyer: Buyer) -> None:
    code = generate_transfer_token(
        actor=world.admin, customer=world.customer, reseller=buyer.reseller, products=[WORKSPACE]
    )
    assert isinstance(code, str)
    buyer.code = code
    with pytest.raises(Refused, match="Nothing of Google Vault"):
        take(buyer, VAULT)
    take(buyer, STARTER)
    assert find_token(buyer.reseller, world.customer.primary_domain, code) is not None
    take(buyer, STANDARD)
    assert find_token(buyer.reseller, world.customer.primary_domain, code) is None


def test_what_moved_already_moves_no_second_time_and_nothing_else_changes(world: World, buyer: Buyer) -> None:
    take(buyer, STARTER)
    before = snapshot()
    for sku in (STARTER, "1010020020"):
        with pytest.raises(Refused) as refused:
            take(buyer, sku)
        assert refused.value.reason == "conditionNotMet"
    with pytest.raises(Refused):
        take(buyer, STANDARD, seats=0)
    assert snapshot() == before


def test_R14_the_customer_revokes_what_is_left_of_a_token(world: World, buyer: Buyer) -> None:
    take(buyer, STARTER)
    assert list(used_tokens_of(buyer.reseller)) == [TransferToken.objects.get()], "it is among the transfers"
    assert state_of(tokens_of(world.customer).get(), database_now()) == PARTLY_USED
    assert revoke_transfer_token(actor=world.admin, token=TransferToken.objects.get())
    with pytest.raises(Refused):
        take(buyer, STANDARD)
    assert sellers(world)[STARTER] == buyer.reseller
    assert sellers(world)[STANDARD] is None


def test_P8_only_an_admin_of_the_reseller_that_it_was_made_for(world: World, buyer: Buyer) -> None:
    agent = Actor(put_person(buyer.reseller, Role.RESELLER_AGENT))
    elsewhere = Actor(put_person(put_reseller("Elsewhere"), Role.RESELLER_ADMIN))
    for actor in (agent, elsewhere, world.admin):
        with pytest.raises(PermissionDenied):
            take(buyer, STARTER, actor=actor)
    rival = make_buyer(world, put_reseller("Rival"))
    with pytest.raises(Refused):
        transfer_sku(
            actor=rival.admin,
            reseller=rival.reseller,
            customer=world.customer,
            code=buyer.code,
            sku=Sku.objects.get(pk=STARTER),
        )


def test_B1_what_left_this_reseller_does_not_come_back_and_keeps_no_token_alive(world: World, buyer: Buyer) -> None:
    take(buyer, STARTER)
    other = make_buyer(world, put_reseller("Other"))
    other.take(WORKSPACE)
    with pytest.raises(Refused, match="less than 18 months"):
        take(buyer, STARTER)
    take(buyer, VAULT)
    take(buyer, VOICE)
    token = TransferToken.objects.get(reseller=buyer.reseller)
    assert token.used_at is not None, "only what is barred is left"
    subscription = world.customer.subscriptions.get(sku=STANDARD)
    transfer_subscription(actor=None, subscription=subscription, reseller=buyer.reseller)
