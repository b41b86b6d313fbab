"""Another SKU of the same product, handing back to the vendor, and what a trial becomes (B1, B4, B5, R13)."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actor import Actor
from accounts.models import AuditEvent
from accounts.roles import Role
from subscriptions import lifecycle
from subscriptions.access.scope import relations_of
from subscriptions.lifecycle.settling import settle_due_subscriptions
from subscriptions.models import Licence, Order, Sku
from subscriptions.models.subscription import Plan, Status
from tests.access.world import World, grant, may_enter, propagate, sell, visible
from tests.factories import put_person
from tests.subscriptions.lifecycle_world import (
    PLUS,
    VAULT,
    days_pass,
    history,
    now,
    offer,
    on_plan,
    refusal,
    trail_after,
    use,
)

STARTER, STANDARD, VOICE = "1010020027", "1010020028", "1010330003"


def sku(pk: str) -> Sku:
    return Sku.objects.get(pk=pk)


# --- Another SKU --------------------------------------------------------------------------------------


def test_B4_an_upgrade_keeps_seats_and_takes_the_licences_along(world: World) -> None:
    sold = on_plan(world.customer, world.reseller, Plan.ANNUAL_YEARLY_PAY, 12, STANDARD)
    use(sold, 3)
    ends_at = now(sold).ends_at
    agent = Actor(world.agent)
    lifecycle.change_sku(actor=agent, subscription=sold, sku=sku(PLUS))
    after = now(sold)
    assert (after.sku_id, after.seats, after.plan, after.ends_at) == (PLUS, 12, Plan.ANNUAL_YEARLY_PAY, ends_at)
    assert Licence.objects.filter(subscription=sold, revoked_at=None, product="Google-Apps").count() == 3
    assert history(sold) == ["ordered", "sku_changed"]
    [event] = AuditEvent.objects.filter(name="CHANGE_SUBSCRIPTION_SKU")
    assert event.old_value == {"SKU_NAME": "Google Workspace Business Standard"}
    assert event.new_value == {"SKU_NAME": "Google Workspace Business Plus"}
    lifecycle.change_sku(actor=agent, subscription=after, sku=sku(PLUS))
    assert len(history(sold)) == 2, "nothing differs"


def test_B5_a_commitment_is_not_downgraded_before_it_ends_and_a_flexible_plan_is(world: World) -> None:
    annual = on_plan(world.customer, world.reseller, Plan.ANNUAL_MONTHLY_PAY, 5, PLUS)
    said = refusal(lifecycle.change_sku, actor=None, subscription=annual, sku=sku(STANDARD))
    assert "not downgraded" in said
    flexible = on_plan(world.customer, None, Plan.FLEXIBLE, 5, PLUS)
    assert lifecycle.change_sku(actor=world.admin, subscription=flexible, sku=sku(STARTER)).sku_id == STARTER


def test_another_product_a_sku_that_is_there_and_a_suspended_one_are_refused(world: World) -> None:
    """`world` has sold Business Starter already."""
    sold = on_plan(world.customer, world.reseller, Plan.FLEXIBLE, 5, PLUS)
    assert "another product" in refusal(lifecycle.change_sku, actor=None, subscription=sold, sku=sku(VOICE))
    assert "already" in refusal(lifecycle.change_sku, actor=None, subscription=sold, sku=sku(STARTER))
    lifecycle.suspend_subscription(actor=None, subscription=sold)
    assert "suspended" in refusal(lifecycle.change_sku, actor=None, subscription=now(sold), sku=sku(STANDARD))


def test_B2_B3_only_its_seller_changes_it(world: World, stranger: World) -> None:
    sold = on_plan(world.customer, world.reseller, Plan.FLEXIBLE, 5, PLUS)
    for actor in (world.admin, Actor(stranger.agent), Actor(put_person(world.reseller, Role.INDIRECT_RESELLER_ADMIN))):
        with pytest.raises(PermissionDenied):
            lifecycle.change_sku(actor=actor, subscription=sold, sku=sku(STANDARD))
        with pytest.raises(PermissionDenied):
            lifecycle.transfer_to_direct(actor=actor, subscription=sold)


# --- Back to the vendor -------------------------------------------------------------------------------


def test_B1_R13_what_is_handed_back_is_the_customers_own_and_access_ends_at_once(world: World) -> None:
    sold = world.sold
    use(sold, 2)
    assert may_enter(world.agent, world.customer)
    lifecycle.transfer_to_direct(actor=Actor(world.agent), subscription=sold)
    after = now(sold)
    assert (after.reseller, after.status, after.seats) == (None, Status.ACTIVE, 10)
    assert Licence.objects.filter(subscription=sold, revoked_at=None).count() == 2
    assert not may_enter(world.agent, world.customer)
    assert not relations_of(world.agent).exists()
    assert visible(world.agent, world.customer) == set()
    assert grant(world.customer, world.reseller).ended_at is not None
    assert trail_after(sold)[-1] == "TRANSFER_SUBSCRIPTION_TO_DIRECT"
    assert lifecycle.change_seats(actor=world.admin, subscription=after, seats=11).seats == 11, "B2"
    assert "already" in refusal(lifecycle.transfer_to_direct, actor=world.admin, subscription=after)


def test_R13_with_another_one_left_the_relation_goes_on_without_what_was_handed_back(world: World) -> None:
    kept = sell(world.customer, world.reseller, PLUS)
    lifecycle.transfer_to_direct(actor=None, subscription=world.sold)
    propagate()
    assert grant(world.customer, world.reseller).ended_at is None
    assert visible(world.agent, world.customer) == {kept.pk}, "R3: what is the vendor's now is opened to nobody"


def test_the_resellers_own_suspension_and_notes_end_with_its_sale(world: World) -> None:
    noted = offer(sku=PLUS, seats=5)
    sold = lifecycle.place_order(
        actor=None,
        customer=world.customer,
        reseller=world.reseller,
        offer=lifecycle.Offer(noted.sku, noted.plan, noted.seats, "PO 4711", "DEAL"),
    )
    lifecycle.suspend_subscription(actor=None, subscription=sold)
    lifecycle.transfer_to_direct(actor=None, subscription=now(sold))
    after = now(sold)
    assert (after.status, after.suspension_reasons, after.purchase_order_id, after.deal_code) == ("ACTIVE", [], "", "")
    cancelled = sell(world.customer, world.reseller, VAULT)
    lifecycle.cancel_subscription(actor=None, subscription=cancelled)
    assert "cancelled" in refusal(lifecycle.transfer_to_direct, actor=None, subscription=now(cancelled))


# --- Notes, and trials --------------------------------------------------------------------------------


def test_an_order_keeps_its_purchase_order_and_deal_code(world: World) -> None:
    asked = lifecycle.Offer(sku(PLUS), Plan.FLEXIBLE, 5, " PO\u202e 4711 ", "DEAL-1")
    sold = lifecycle.order_subscription(
        actor=Actor(world.agent), customer=world.customer, reseller=world.reseller, offer=asked
    )
    assert (sold.purchase_order_id, sold.deal_code) == ("PO 4711", "DEAL-1")
    line = Order.objects.get(subscription=sold)
    assert line.new_value == {"plan": "FLEXIBLE", "seats": 5, "purchase_order": "PO 4711", "deal_code": "DEAL-1"}
    lifecycle.change_plan(actor=None, subscription=sold, plan=Plan.FLEXIBLE, purchase_order_id="PO 4712")
    assert (now(sold).purchase_order_id, now(sold).deal_code) == ("PO 4712", "DEAL-1")
    assert Order.objects.latest("id").kind == "noted", "the plan is what it was"
    said = refusal(lifecycle.change_plan, actor=None, subscription=sold, plan=Plan.FLEXIBLE, deal_code="x" * 101)
    assert "100 characters" in said


def test_B5_a_plan_chosen_in_a_trial_begins_with_the_paid_service(world: World) -> None:
    trial = on_plan(world.customer, world.reseller, Plan.TRIAL, None, PLUS)
    lifecycle.change_plan(actor=None, subscription=trial, plan=Plan.ANNUAL_YEARLY_PAY, seats=25)
    chosen = now(trial)
    assert (chosen.plan, chosen.seats) == (Plan.TRIAL, 10)
    assert (chosen.plan_after_trial, chosen.seats_after_trial) == (Plan.ANNUAL_YEARLY_PAY, 25)
    lifecycle.start_paid_service(actor=None, subscription=trial)
    paid = now(trial)
    assert (paid.plan, paid.seats, paid.plan_after_trial) == (Plan.ANNUAL_YEARLY_PAY, 25, None)


def test_B5_a_plan_chosen_in_a_trial_begins_by_itself_when_the_trial_ends(world: World) -> None:
    chosen = on_plan(world.customer, world.reseller, Plan.TRIAL, None, PLUS)
    plain = on_plan(world.customer, None, Plan.TRIAL, None, PLUS)
    lifecycle.change_plan(actor=None, subscription=chosen, plan=Plan.ANNUAL_MONTHLY_PAY)
    ended = days_pass(chosen, 30.5).ends_at
    days_pass(plain, 30.5)
    assert settle_due_subscriptions() == 2
    assert (now(plain).status, now(plain).suspension_reasons) == ("SUSPENDED", ["TRIAL_ENDED"])
    after = now(chosen)
    assert (after.status, after.plan, after.seats) == ("ACTIVE", Plan.ANNUAL_MONTHLY_PAY, 10)
    assert after.committed_at == ended
    assert settle_due_subscriptions() == 0


def test_B5_without_a_choice_the_paid_service_is_flexible_and_an_ended_trial_takes_no_choice(world: World) -> None:
    trial = on_plan(world.customer, world.reseller, Plan.TRIAL, None, PLUS)
    assert "1 and" in refusal(lifecycle.change_plan, actor=None, subscription=trial, plan=Plan.FLEXIBLE, seats=0)
    days_pass(trial, 31)
    settle_due_subscriptions()
    said = refusal(lifecycle.change_plan, actor=None, subscription=now(trial), plan=Plan.FLEXIBLE)
    assert "Start the paid service" in said
    assert lifecycle.start_paid_service(actor=None, subscription=now(trial)).plan == Plan.FLEXIBLE
