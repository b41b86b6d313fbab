"""Transfers: the token, what it lets a reseller take over, and what follows for access (B1, B5, R13, R14)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import override_settings

from accounts import organisations
from accounts.actor import Actor
from accounts.audit_log import events_of_reseller
from accounts.directory import people
from accounts.errors import Refused
from accounts.models import AuditEvent, Reseller
from accounts.roles import Role
from subscriptions.access import desired
from subscriptions.access.relation import console_would_open
from subscriptions.lifecycle import (
    Offer,
    cancel_subscription,
    place_order,
    suspend_subscription,
    transfer_subscription,
)
from subscriptions.lifecycle.terms import months_later
from subscriptions.models import AccessGrant, Licence, Order, Sku, Subscription, Transfer, TransferToken
from subscriptions.models.subscription import Plan, Status
from subscriptions.transfer_scope import digest_of, find_token, groups_of, spelled
from subscriptions.transfers import (
    UNKNOWN_TOKEN,
    generate_transfer_token,
    revoke_transfer_token,
)
from tests.access.world import World, grant, may_enter, propagate, sell, wish
from tests.contract.database import snapshot
from tests.factories import put_person, put_reseller
from tests.subscriptions.transfer_world import VOICE, WORKSPACE, Buyer, make_buyer, new_code
from web.audit.lines import reseller_lines


@pytest.fixture
def buyer(world: World) -> Buyer:
    return make_buyer(world)


def sellers(world: World) -> dict[int, Reseller | None]:
    return {each.pk: each.reseller for each in world.customer.subscriptions.select_related("reseller")}


# --- The token ---------------------------------------------------------------------------------------


def test_R14_only_a_super_admin_generates_and_revokes_tokens(world: World, stranger: World, buyer: Buyer) -> None:
    agent, auditor = Actor(world.agent), Actor(put_person(world.customer, Role.AUDITOR))
    token = TransferToken.objects.get()
    before = snapshot()
    for actor in (agent, auditor, stranger.admin, buyer.admin):
        with pytest.raises(PermissionDenied):
            generate_transfer_token(actor=actor, customer=world.customer, reseller=buyer.reseller)
        with pytest.raises(PermissionDenied):
            revoke_transfer_token(actor=actor, token=token)
    assert snapshot() == before
    assert revoke_transfer_token(actor=world.admin, token=token)
    assert not revoke_transfer_token(actor=world.admin, token=token), "once"


def test_R14_a_token_is_kept_nowhere(world: World, buyer: Buyer) -> None:
    assert len(buyer.code) == 16
    assert not [said for said in snapshot(whole=True).values() if buyer.code in said]
    token = TransferToken.objects.get()
    assert token.digest == digest_of(buyer.code)
    with override_settings(SECRET_KEY="another-key-of-someone-who-has-the-rows-alone"):
        assert token.digest != digest_of(buyer.code)
    assert token.expires_at - token.made_at == pytest.approx(timedelta(days=14), abs=timedelta(minutes=1))


def test_B1_a_token_for_some_products_moves_no_other(world: World) -> None:
    reseller = put_reseller("Buyer")
    asked: dict[str, Any] = {"actor": world.admin, "customer": world.customer, "reseller": reseller}
    with pytest.raises(Refused):
        generate_transfer_token(**asked, products=[VOICE, "nothing"])
    code = generate_transfer_token(**asked, products=[VOICE])
    assert isinstance(code, str)
    buyer = Buyer(world, reseller, Actor(put_person(reseller, Role.RESELLER_ADMIN)), code)
    assert buyer.refused(WORKSPACE).field == "products"
    assert buyer.refused(WORKSPACE, VOICE).field == "products"
    assert {line.subscription.sku.product_id for group in buyer.take(VOICE) for line in group.lines} == {VOICE}
    event = AuditEvent.objects.get(name="GENERATE_TRANSFER_TOKEN")
    assert event.new_value["products"] == "Google Voice"


def test_A1_generating_and_revoking_say_who_and_for_whom(world: World, buyer: Buyer) -> None:
    revoke_transfer_token(actor=world.admin, token=TransferToken.objects.get())
    made, revoked = AuditEvent.objects.filter(name__endswith="TRANSFER_TOKEN").order_by("id")
    assert (made.name, made.subject, made.actor_id) == ("GENERATE_TRANSFER_TOKEN", "Buyer", world.admin.user.pk)
    assert made.new_value.keys() == {"reseller", "expires_at"}
    assert (revoked.name, revoked.subject, revoked.actor_id) == (
        "REVOKE_TRANSFER_TOKEN",
        "Buyer",
        world.admin.user.pk,
    )


def test_R13_no_token_for_a_suspended_reseller(world: World) -> None:
    reseller = put_reseller("Halted")
    organisations.suspend_reseller(actor=None, reseller=reseller)
    with pytest.raises(Refused):
        new_code(world, reseller)
    assert not TransferToken.objects.exists()


def test_a_token_that_is_used_revoked_expired_or_another_resellers_gets_one_same_answer(
    world: World, stranger: World, buyer: Buyer
) -> None:
    tokens = TransferToken.objects.filter(digest=digest_of(buyer.code))
    rival = make_buyer(world, put_reseller("Rival"))
    said = {
        buyer.refused(WORKSPACE, code="A" * 16).message,
        buyer.refused(WORKSPACE, code="").message,
        buyer.refused(WORKSPACE, code=rival.code).message,
        buyer.refused(WORKSPACE, domain=stranger.customer.primary_domain).message,
        buyer.refused(WORKSPACE, domain="nobody.example").message,
        buyer.refused(WORKSPACE, domain="no domain at all").message,
    }
    tokens.update(expires_at="2020-01-01T00:00Z")
    said.add(buyer.refused(WORKSPACE).message)
    tokens.update(expires_at="2100-01-01T00:00Z", revoked_at="2020-01-01T00:00Z")
    said.add(buyer.refused(WORKSPACE).message)
    tokens.update(revoked_at=None)
    buyer.take(WORKSPACE)
    said.add(buyer.refused(VOICE).message)
    assert said == {str(UNKNOWN_TOKEN)}


def test_identifiers_and_tokens_are_read_in_any_spelling() -> None:
    assert spelled("abcd efgh-JKMN\tpqrs") == "ABCDEFGHJKMNPQRS"
    assert spelled("ＡＢＣ２") == "ABC2"


def test_P8_only_an_admin_of_the_reseller_who_is_one_now_may_use_it(world: World, buyer: Buyer) -> None:
    agent = Actor(put_person(buyer.reseller, Role.RESELLER_AGENT))
    elsewhere = Actor(put_person(put_reseller("Elsewhere"), Role.RESELLER_ADMIN))
    for actor in (agent, elsewhere, world.admin):
        with pytest.raises(PermissionDenied):
            buyer.take(WORKSPACE, actor=actor)
    put_person(buyer.reseller, Role.RESELLER_ADMIN)  # P11: one stays
    people.suspend_user(actor=None, person=buyer.admin.user)
    with pytest.raises(PermissionDenied):
        buyer.take(WORKSPACE)
    people.unsuspend_user(actor=None, person=buyer.admin.user)
    organisations.suspend_reseller(actor=None, reseller=buyer.reseller)
    with pytest.raises(PermissionDenied):
        buyer.take(WORKSPACE)
    organisations.unsuspend_reseller(actor=None, reseller=buyer.reseller)
    assert buyer.take(WORKSPACE)


# --- What moves --------------------------------------------------------------------------------------


def test_B1_a_product_group_moves_together_and_the_others_stay(world: World, buyer: Buyer) -> None:
    third = put_reseller("Third")
    second = sell(world.customer, third, "1010020028")
    gone = sell(world.customer, None, "1010020020")
    cancel_subscription(actor=None, subscription=gone)
    kept = sell(world.customer, buyer.reseller, "1010020025")
    buyer.take(WORKSPACE)
    assert sellers(world) == {
        world.sold.pk: buyer.reseller,
        second.pk: buyer.reseller,
        kept.pk: buyer.reseller,
        gone.pk: None,
        world.own.pk: None,
    }
    assert {(t.product_id, t.from_reseller, t.to_reseller) for t in Transfer.objects.all()} == {
        (WORKSPACE, world.reseller, buyer.reseller),
        (WORKSPACE, third, buyer.reseller),
    }
    assert TransferToken.objects.get(digest=digest_of(buyer.code)).used_at is not None


def test_what_cannot_be_chosen_is_refused_and_uses_no_token_up(world: World, stranger: World, buyer: Buyer) -> None:
    assert "at least one" in buyer.refused().message
    assert "has changed meanwhile" in buyer.refused(WORKSPACE, "101040").message
    assert "has changed meanwhile" in buyer.refused("x" * 100).message
    assert "has changed meanwhile" in buyer.refused(WORKSPACE, seen=()).message
    assert find_token(buyer.reseller, world.customer.primary_domain, buyer.code)


def test_B1_nobody_elses_subscriptions_are_among_the_groups(world: World, stranger: World, buyer: Buyer) -> None:
    def offered(reseller: Reseller) -> set[int]:
        groups = groups_of(world.customer, reseller)
        return {line.subscription.pk for group in groups for line in group.lines}

    assert offered(buyer.reseller) == {world.sold.pk, world.own.pk}
    assert offered(world.reseller) == {world.own.pk}
    assert offered(stranger.reseller) == {world.sold.pk, world.own.pk}


def test_B5_seats_do_not_fall_below_the_commitment_or_the_licences_in_use(world: World, buyer: Buyer) -> None:
    annual = place_order(
        actor=None,
        customer=world.customer,
        reseller=world.reseller,
        offer=Offer(Sku.objects.get(pk="1010020028"), Plan.ANNUAL_YEARLY_PAY, 20),
    )
    for person in (world.admin.user, put_person(world.customer)):
        Licence.objects.create(
            customer=world.customer, subscription=world.own, user=person, product=world.own.sku.product
        )
    refusal = buyer.refused(WORKSPACE, VOICE, seats={annual.pk: 19})
    assert refusal.field == f"seats_{annual.pk}"
    assert "20" in refusal.message
    assert buyer.refused(WORKSPACE, VOICE, seats={world.own.pk: 1}).field == f"seats_{world.own.pk}"
    buyer.take(WORKSPACE, VOICE, seats={annual.pk: 25, world.own.pk: 2})
    annual.refresh_from_db()
    world.own.refresh_from_db()
    assert (annual.seats, world.own.seats) == (25, 2)
    assert list(Order.objects.filter(kind="transferred").order_by("id").values_list("seats", flat=True)) == [2, 25, 10]


def test_B6_plan_commitment_suspension_and_licences_stay(world: World, buyer: Buyer) -> None:
    suspend_subscription(actor=None, subscription=world.sold)
    person = put_person(world.customer)
    Licence.objects.create(customer=world.customer, subscription=world.own, user=person, product=world.own.sku.product)
    stays = ("plan", "status", "suspension_reasons", "number_of_seats", "renewal_type", "ordered_at", "ends_at")
    before = list(Subscription.objects.order_by("id").values(*stays))
    buyer.take(WORKSPACE, VOICE)
    assert list(Subscription.objects.order_by("id").values(*stays)) == before
    assert before[0]["status"] == Status.SUSPENDED
    assert Licence.objects.get().revoked_at is None


# --- Access follows the seller -------------------------------------------------------------------------


def test_R13_the_former_reseller_is_out_with_the_next_request_and_the_new_one_in(world: World, buyer: Buyer) -> None:
    agent = put_person(buyer.reseller, Role.RESELLER_ADMIN)
    assert (may_enter(world.agent, world.customer), may_enter(agent, world.customer)) == (True, False)
    assert console_would_open(world.customer, buyer.reseller) is True
    buyer.take(WORKSPACE)
    assert not may_enter(world.agent, world.customer)
    propagate()
    assert (may_enter(world.agent, world.customer), may_enter(agent, world.customer)) == (False, True)
    assert console_would_open(world.customer, buyer.reseller) is None


def test_R13_a_reseller_with_something_left_keeps_its_access(world: World, buyer: Buyer) -> None:
    sell(world.customer, world.reseller, "1010400001")
    buyer.take(WORKSPACE)
    assert may_enter(world.agent, world.customer)


def test_R13_what_was_opened_of_a_subscription_from_the_vendor_ends_with_its_transfer(
    world: World, buyer: Buyer
) -> None:
    desired.save_reseller_access(
        actor=world.admin,
        customer=world.customer,
        desired=[wish(world.customer, world.reseller, True, world.own)],
        agreed=[world.reseller.pk],
    )
    propagate()
    assert world.opened().allowed
    buyer.take(VOICE)
    assert not world.opened().allowed
    assert may_enter(world.agent, world.customer), "its own sale stays"


@override_settings(RESELLER_ACCESS_DEFAULT=False)
def test_R1_access_begins_as_the_setting_says(world: World, buyer: Buyer) -> None:
    assert console_would_open(world.customer, buyer.reseller) is False
    buyer.take(WORKSPACE)
    assert not grant(world.customer, buyer.reseller).allowed


def test_R1_who_was_turned_off_before_stays_off(world: World, buyer: Buyer) -> None:
    earlier = sell(world.customer, buyer.reseller, "1010400001")
    propagate()
    desired.save_reseller_access(
        actor=world.admin, customer=world.customer, desired=[wish(world.customer, buyer.reseller, False)]
    )
    cancel_subscription(actor=None, subscription=earlier)
    assert console_would_open(world.customer, buyer.reseller) is False
    buyer.take(WORKSPACE)
    assert not AccessGrant.objects.get(customer=world.customer, reseller=buyer.reseller).allowed


def test_A4_the_trail_never_says_from_whom_to_the_one_who_took_over(world: World, buyer: Buyer) -> None:
    Reseller.objects.filter(pk=world.reseller.pk).update(name="Former Resale")
    buyer.take(WORKSPACE, VOICE)
    lines = reseller_lines(list(events_of_reseller(buyer.admin.user)))
    assert {line.code for line in lines} == {"TRANSFER_SUBSCRIPTION"}
    assert "Former Resale" not in str(lines)
    told = AuditEvent.objects.filter(customer_id=world.customer.pk, name="TRANSFER_SUBSCRIPTION").order_by("id")
    assert [event.old_value["reseller"] for event in told] == [None, "Former Resale"]


# --- Eighteen months -----------------------------------------------------------------------------------


def test_nothing_goes_back_to_the_same_reseller_for_18_months(world: World, buyer: Buyer) -> None:
    buyer.take(WORKSPACE)
    back = make_buyer(world, world.reseller)
    refusal = back.refused(WORKSPACE, VOICE)
    assert refusal.field == "products"
    transfer = Transfer.objects.get()
    assert str(months_later(transfer.at, 18).year) in refusal.message
    back.take(VOICE)
    # On to a third, and the first one is still barred.
    third = make_buyer(world, put_reseller("Third"))
    third.take(WORKSPACE)
    assert make_buyer(world, world.reseller).refused(WORKSPACE).field == "products"
    Transfer.objects.filter(pk=transfer.pk).update(at=transfer.at - timedelta(days=549))
    make_buyer(world, world.reseller).take(WORKSPACE)
    assert sellers(world)[world.sold.pk] == world.reseller


def test_the_months_are_those_of_the_calendar() -> None:
    assert months_later(datetime(2025, 8, 31), 18) == datetime(2027, 2, 28)  # noqa: DTZ001  any zone
    assert months_later(datetime(2026, 1, 1), 18) == datetime(2027, 7, 1)  # noqa: DTZ001  any zone
    assert months_later(datetime(2026, 12, 5), 18) == datetime(2028, 6, 5)  # noqa: DTZ001  any zone


def test_a_stranger_learns_nothing_of_a_transfer(world: World, stranger: World, buyer: Buyer) -> None:
    """The bar is about one customer: another one may still transfer to the same reseller."""
    buyer.take(WORKSPACE)
    transfer_subscription(actor=None, subscription=stranger.sold, reseller=buyer.reseller)
    other = make_buyer(stranger, world.reseller)
    assert [group.barred_until for group in groups_of(stranger.customer, world.reseller)] == [None, None]
    other.take(WORKSPACE)
    assert sellers(stranger)[stranger.sold.pk] == world.reseller
