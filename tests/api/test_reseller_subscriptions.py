"""Reseller v1, subscriptions: with the original's own client (B3, B5, B6, B7)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from subscriptions.lifecycle import suspend_subscription
from subscriptions.models import Subscription
from subscriptions.models.subscription import Plan, SuspensionReason
from tests.access.world import World, grant, make_world, propagate, sell
from tests.api.reseller_world import Desk, desk, desk_of, ids_in, order, refused
from tests.factories import put_customer
from tests.subscriptions.lifecycle_world import FREE, PLUS, VAULT, days_pass, now, on_plan, suspend_for, use

STARTER, STANDARD = "1010020027", "1010020028"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def stranger(world: World) -> World:
    return make_world()


@pytest.fixture
def admin(world: World) -> Desk:
    return desk_of(world.reseller)


def insert(at: Desk, world: World, body: dict[str, Any], **params: Any) -> Any:
    return at.subscriptions("insert", customerId=world.customer.customer_id, body=body, **params)


# --- Reading -----------------------------------------------------------------------------------------


def test_list_shows_what_this_reseller_sold_and_nothing_else(world: World, stranger: World, admin: Desk) -> None:
    other = sell(put_customer("Other"), world.reseller)
    cancelled = sell(world.customer, world.reseller, VAULT)
    admin.step("delete", cancelled, deletionType="cancel")
    assert ids_in(admin.subscriptions("list")) == {world.sold.public_id, other.public_id}
    assert ids_in(desk(world.agent).subscriptions("list")) == {world.sold.public_id}, "P4"
    one = admin.subscriptions("list", customerId=world.customer.primary_domain)
    assert ids_in(one) == {world.sold.public_id}
    strange = {"method": "list", "customerId": stranger.customer.customer_id}
    assert refused(admin.subscriptions, **strange) == (404, "notFound")
    assert refused(admin.subscriptions, method="list", customerId="free.example") == (404, "notFound")
    assert refused(desk_of(world.reseller, Role.SUPPORT_AGENT).subscriptions, method="list") == (403, "forbidden")


def test_list_filters_by_how_a_customers_domain_or_name_begins(world: World, admin: Desk) -> None:
    other = sell(put_customer("Exam Board"), world.reseller)
    domain = other.customer.primary_domain
    assert ids_in(admin.subscriptions("list", customerNamePrefix="exam")) == {other.public_id}
    assert ids_in(admin.subscriptions("list", customerNamePrefix=domain[:-3])) == {other.public_id}
    assert ids_in(admin.subscriptions("list", customerNamePrefix="%")) == set()


def test_list_pages_by_a_token_that_only_its_list_knows(world: World, admin: Desk) -> None:
    sold = {world.sold.public_id} | {sell(put_customer(), world.reseller).public_id for _ in range(4)}
    found: list[str] = []
    request = admin.api.subscriptions().list(maxResults=2)
    while request is not None:
        answer = request.execute()
        assert len(answer["subscriptions"]) <= 2
        found += [one["subscriptionId"] for one in answer["subscriptions"]]
        request = admin.api.subscriptions().list_next(request, answer)
    assert (set(found), len(found)) == (sold, 5)
    token = admin.subscriptions("list", maxResults=2)["nextPageToken"]
    for wrong in ({"pageToken": f"{token}x"}, {"pageToken": token, "customerNamePrefix": "c"}):
        assert refused(admin.subscriptions, method="list", maxResults=2, **wrong) == (400, "invalid")


def test_list_asks_as_often_for_forty_as_for_one(world: World, admin: Desk) -> None:
    def asked() -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            admin.subscriptions("list", maxResults=100)
        return [sql for query in queries if "subscriptions_" in (sql := query["sql"])]

    admin.subscriptions("list")
    one = asked()
    for _ in range(39):
        sell(put_customer(), world.reseller)
    many = asked()
    assert len(many) == len(one), many


def test_get_says_all_that_the_reference_names(world: World, admin: Desk) -> None:
    sold = on_plan(world.customer, world.reseller, Plan.ANNUAL_MONTHLY_PAY, 12, PLUS)
    use(sold, 2)
    shown = admin.step("get", sold)
    assert shown["plan"]["planName"] == "ANNUAL", "the reference: so it is returned"
    assert shown["plan"]["isCommitmentPlan"] is True
    end = now(sold).ends_at
    assert end is not None
    assert shown["plan"]["commitmentInterval"]["endTime"] == str(int(end.timestamp() * 1000))
    assert shown["seats"] == {"kind": "subscriptions#seats", "numberOfSeats": 12, "licensedNumberOfSeats": 2}
    assert shown["trialSettings"] == {"isInTrial": False}
    assert shown["renewalSettings"]["renewalType"] == "AUTO_RENEW_MONTHLY_PAY"
    assert (shown["status"], shown["billingMethod"], shown["skuId"]) == ("ACTIVE", "ONLINE", PLUS)
    assert shown["resourceUiUrl"].endswith(f"/console/{world.customer.primary_domain}/subscriptions/")
    assert shown["creationTime"].isdigit()


def test_P4_R13_a_strangers_subscription_is_not_found(world: World, stranger: World, admin: Desk) -> None:
    """Mirror: by its own customer, by one of ours, and what the vendor sold ours."""
    for subscription in (stranger.sold, world.own):
        for customer in (stranger.customer, world.customer):
            for method in ("get", "suspend", "activate", "startPaidService"):
                ids = {"customerId": customer.customer_id, "subscriptionId": subscription.public_id}
                assert refused(admin.subscriptions, method=method, **ids) == (404, "notFound")
    ids = {"customerId": world.customer.customer_id, "subscriptionId": str(world.sold.pk)}
    assert refused(admin.subscriptions, method="get", **ids) == (404, "notFound"), "no key of a row"


# --- Ordering ----------------------------------------------------------------------------------------


def test_insert_orders_and_a_second_one_is_a_duplicate(world: World, admin: Desk) -> None:
    """https://developers.google.com/workspace/admin/reseller/v1/how-tos/manage_subscriptions#create_subscription"""
    notes = {"purchaseOrderId": "PO 1", "dealCode": "D"}
    body = order(PLUS, "ANNUAL_YEARLY_PAY", 7, renewalSettings={"renewalType": "CANCEL"}, **notes)
    shown = insert(admin, world, body)
    sold = Subscription.objects.get(public_id=shown["subscriptionId"])
    assert (sold.plan, sold.seats, sold.renewal_type) == ("ANNUAL_YEARLY_PAY", 7, "CANCEL")
    assert (shown["purchaseOrderId"], shown["dealCode"]) == ("PO 1", "D")
    ask = {"method": "insert", "customerId": world.customer.customer_id}
    assert refused(admin.subscriptions, body=body, **ask) == (409, "duplicate")


def test_B5_the_free_plan_has_no_seats_and_a_flexible_one_no_renewal(world: World, admin: Desk) -> None:
    assert insert(admin, world, order(FREE, "FREE", 5))["plan"]["planName"] == "FREE", "GAM sends seats always"
    body = order(PLUS, "FLEXIBLE", 5, renewalSettings={"renewalType": "CANCEL"})
    ask = {"method": "insert", "customerId": world.customer.customer_id}
    assert refused(admin.subscriptions, body=body, **ask) == (412, "conditionNotMet")
    assert not Subscription.objects.filter(sku=PLUS).exists(), "all of it or nothing"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"plan": {"planName": "FLEXIBLE"}}, (400, "required")),
        (order("nothing", "FLEXIBLE", 5), (400, "invalid")),
        (order(PLUS, "WEEKLY", 5), (400, "invalid")),
        (order(PLUS, "FREE"), (400, "invalid")),
        (order(PLUS, "TRIAL", 11), (400, "invalid")),
        (order(PLUS, "FLEXIBLE"), (400, "invalid")),
        ({"skuId": PLUS, "plan": {"planName": "FLEXIBLE"}, "seats": {"numberOfSeats": 5}}, (400, "invalid")),
        (order(PLUS, "FLEXIBLE", 5, purchaseOrderId="x" * 81), (400, "invalid")),
    ],
)
def test_an_order_that_the_plan_does_not_allow_is_refused(
    world: World, admin: Desk, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    ask = {"method": "insert", "customerId": world.customer.customer_id, "body": body}
    assert refused(admin.subscriptions, **ask) == expected


def test_P4_who_may_not_sell_here_orders_nothing(world: World, stranger: World, admin: Desk) -> None:
    body = order(PLUS, "FLEXIBLE", 5)
    ask = {"method": "insert", "customerId": world.customer.customer_id, "body": body}
    indirect = desk_of(world.reseller, Role.INDIRECT_RESELLER_ADMIN)
    assert refused(indirect.subscriptions, **ask) == (403, "forbidden")
    assert refused(desk_of(stranger.reseller).subscriptions, **ask) == (404, "notFound")
    ask["customerId"] = stranger.customer.customer_id
    assert refused(admin.subscriptions, **ask) == (404, "notFound")


def test_B4_switch_upgrades_what_is_there(world: World, admin: Desk) -> None:
    shown = insert(admin, world, order(PLUS, "FLEXIBLE", 11), action="switch", sourceSkuId=STARTER)
    assert (shown["subscriptionId"], shown["skuId"]) == (world.sold.public_id, PLUS)
    assert shown["seats"]["maximumNumberOfSeats"] == 11
    ask = {"method": "insert", "customerId": world.customer.customer_id, "action": "switch"}
    body = order(VAULT, "FLEXIBLE", 10)
    assert refused(admin.subscriptions, sourceSkuId=PLUS, body=body, **ask) == (412, "conditionNotMet")
    assert refused(admin.subscriptions, sourceSkuId=STARTER, body=body, **ask) == (404, "notFound")


# --- Steps -------------------------------------------------------------------------------------------


def test_B3_what_was_sold_stays_manageable_with_a_closed_console(world: World, admin: Desk) -> None:
    console = grant(world.customer, world.reseller)
    console.allowed, console.effective_until = False, console.effective_from
    console.save(update_fields=["allowed", "effective_until"])
    assert admin.step("suspend", world.sold)["suspensionReasons"] == ["RESELLER_INITIATED"]
    assert admin.step("activate", world.sold)["status"] == "ACTIVE"


def test_B6_only_what_the_reseller_suspended_is_reactivated(world: World, admin: Desk) -> None:
    suspend_for(world.sold, SuspensionReason.PENDING_TOS_ACCEPTANCE)
    assert refused(admin.step, method="activate", subscription=world.sold) == (400, "badRequest")
    trial = on_plan(world.customer, world.reseller, Plan.TRIAL, None, PLUS)
    assert refused(admin.step, method="suspend", subscription=trial) == (412, "conditionNotMet")


def test_B5_seats(world: World, admin: Desk) -> None:
    """https://developers.google.com/workspace/admin/reseller/v1/how-tos/manage_subscriptions#update_subscription_seat"""
    annual = on_plan(world.customer, world.reseller, Plan.ANNUAL_MONTHLY_PAY, 10, PLUS)
    both = {"numberOfSeats": 12, "maximumNumberOfSeats": 12}
    assert admin.step("changeSeats", annual, body=both)["seats"]["numberOfSeats"] == 12
    less = {"subscription": annual, "method": "changeSeats"}
    assert refused(admin.step, body={"numberOfSeats": 11}, **less) == (412, "conditionNotMet")
    assert refused(admin.step, body={"maximumNumberOfSeats": 20}, **less) == (400, "invalid")
    assert refused(admin.step, body={}, **less) == (400, "required")
    use(world.sold, 3)
    below = {"subscription": world.sold, "method": "changeSeats", "body": {"maximumNumberOfSeats": 2}}
    assert refused(admin.step, **below) == (412, "conditionNotMet")


def test_B5_plans(world: World, admin: Desk) -> None:
    body = {"planName": "ANNUAL", "seats": {"numberOfSeats": 15}, "purchaseOrderId": "PO 2"}
    shown = admin.step("changePlan", world.sold, body=body)
    assert (shown["plan"]["planName"], shown["seats"]["numberOfSeats"]) == ("ANNUAL", 15)
    assert shown["purchaseOrderId"] == "PO 2"
    back = {"method": "changePlan", "subscription": world.sold}
    assert refused(admin.step, body={"planName": "FLEXIBLE"}, **back) == (412, "conditionNotMet")
    assert refused(admin.step, body={"planName": "TRIAL"}, **back) == (400, "invalid")
    assert refused(admin.step, body={}, **back) == (400, "required")


def test_B5_a_plan_that_is_chosen_in_a_trial_begins_with_the_paid_service(world: World, admin: Desk) -> None:
    trial = on_plan(world.customer, world.reseller, Plan.TRIAL, None, PLUS)
    shown = admin.step("changePlan", trial, body={"planName": "ANNUAL_YEARLY_PAY", "seats": {"numberOfSeats": 20}})
    assert shown["trialSettings"]["isInTrial"] is True
    assert (shown["plan"]["planName"], shown["seats"]["maximumNumberOfSeats"]) == ("ANNUAL_YEARLY_PAY", 10)
    paid = admin.step("startPaidService", trial)
    assert (paid["trialSettings"], paid["seats"]["numberOfSeats"]) == ({"isInTrial": False}, 20)
    assert refused(admin.step, method="startPaidService", subscription=trial) == (412, "conditionNotMet")


def test_B7_renewal(world: World, admin: Desk) -> None:
    annual = on_plan(world.customer, world.reseller, Plan.ANNUAL_MONTHLY_PAY, 10, PLUS)
    body = {"renewalType": "SWITCH_TO_PAY_AS_YOU_GO"}
    changed = admin.step("changeRenewalSettings", annual, body=body)
    assert changed["renewalSettings"]["renewalType"] == "SWITCH_TO_PAY_AS_YOU_GO"
    ask = {"method": "changeRenewalSettings"}
    assert refused(admin.step, subscription=world.sold, body=body, **ask) == (412, "conditionNotMet")
    assert refused(admin.step, subscription=annual, body={"renewalType": "LATER"}, **ask) == (400, "invalid")


def test_R13_cancelling_the_last_one_ends_everything_with_the_next_call(world: World, admin: Desk) -> None:
    assert not admin.step("delete", world.sold, deletionType="cancel")
    assert admin.subscriptions("list")["subscriptions"] == []
    assert refused(admin.step, method="get", subscription=world.sold) == (404, "notFound")


def test_B1_transfer_to_direct_hands_it_back(world: World, admin: Desk) -> None:
    kept = sell(world.customer, world.reseller, VAULT)
    suspend_subscription(actor=None, subscription=world.sold)
    admin.step("delete", world.sold, deletionType="transfer_to_direct")
    assert (now(world.sold).reseller, now(world.sold).status) == (None, "ACTIVE")
    assert ids_in(admin.subscriptions("list")) == {kept.public_id}
    wrong = {"method": "delete", "subscription": kept, "deletionType": "deletion_type_undefined"}
    assert refused(admin.step, **wrong) == (400, "invalid")
    propagate()
    days_pass(kept, 1)
