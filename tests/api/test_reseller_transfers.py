"""Reseller v1: transfers with a customer's token, the original's code lab, and who is notified (B1, P7, R14)."""

from __future__ import annotations

from typing import Any

import pytest
from googleapiclient.http import BatchHttpRequest

from accounts.actor import Actor
from accounts.event_families import Family
from accounts.models import AuditEvent
from accounts.roles import Role
from accounts.webhooks.endpoints import pause_webhook, resume_webhook
from subscriptions.models import NotifiedAccount, TransferToken
from tests.access.world import World, make_world, may_enter, sell
from tests.accounts.webhooks.receiver import listen
from tests.api.machines import account_of
from tests.api.reseller_world import Desk, desk, ids_in, new_customer, order, refused
from tests.factories import put_person
from tests.subscriptions.transfer_world import Buyer, make_buyer

STARTER, STANDARD, VAULT, VOICE = "1010020027", "1010020028", "Google-Vault", "1010330004"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def buyer(world: World) -> Buyer:
    sell(world.customer, None, STANDARD)
    return make_buyer(world)


@pytest.fixture
def admin(buyer: Buyer) -> Desk:
    return desk(buyer.admin.user)


def taking(buyer: Buyer, sku: str, plan: str = "FLEXIBLE", seats: int | None = 10) -> dict[str, Any]:
    return {
        "customerId": buyer.world.customer.primary_domain,
        "customerAuthToken": buyer.code,
        "body": order(sku, plan, seats),
    }


def test_list_with_a_token_shows_what_can_come(world: World, buyer: Buyer, admin: Desk) -> None:
    """https://developers.google.com/workspace/admin/reseller/v1/how-tos/manage_subscriptions#transfer_a_subscription"""
    asked = {"customerId": world.customer.customer_id, "customerAuthToken": buyer.code}
    shown = admin.subscriptions("list", **asked)["subscriptions"]
    assert {one["skuId"] for one in shown} == {STARTER, STANDARD, VOICE}
    assert {one["transferInfo"]["minimumTransferableSeats"] for one in shown} == {1}
    assert all(one["transferInfo"]["transferabilityExpirationTime"].isdigit() for one in shown)
    looked = admin.customers("insert", body=new_customer(world.customer.primary_domain), customerAuthToken=buyer.code)
    assert looked["customerId"] == world.customer.customer_id
    agent = desk(put_person(buyer.reseller, Role.RESELLER_AGENT))
    assert refused(agent.subscriptions, method="list", **asked) == (403, "forbidden")


def test_B1_a_product_group_comes_over_in_a_batch_with_one_token(world: World, buyer: Buyer, admin: Desk) -> None:
    """https://developers.google.com/workspace/admin/reseller/v1/how-tos/batch"""
    answers: dict[str, Any] = {}
    batch: BatchHttpRequest = admin.api.new_batch_http_request(
        callback=lambda number, answer, error: answers.update({number: error or answer["skuId"]})
    )
    for sku in (STARTER, STANDARD, VAULT, VOICE):
        batch.add(admin.api.subscriptions().insert(**taking(buyer, sku)), request_id=sku)
    batch.execute()
    refusal = answers.pop(VAULT)
    assert refusal.resp.status == 412, "the customer has none: the others come all the same"
    assert answers == {sku: sku for sku in (STARTER, STANDARD, VOICE)}
    assert {each.reseller for each in world.customer.subscriptions.all()} == {buyer.reseller}
    assert TransferToken.objects.get().used_at is not None, "nothing is left"
    assert not may_enter(world.agent, world.customer), "R13"
    assert len(ids_in(admin.subscriptions("list"))) == 3


def test_B5_another_plan_and_other_seats_are_agreed_with_the_transfer(buyer: Buyer, admin: Desk) -> None:
    moved = admin.subscriptions("insert", **taking(buyer, STARTER, "ANNUAL_YEARLY_PAY", 25))
    assert (moved["plan"]["planName"], moved["seats"]["numberOfSeats"]) == ("ANNUAL_YEARLY_PAY", 25)
    grown = admin.subscriptions("insert", **taking(buyer, STANDARD, "FLEXIBLE", 12))
    assert grown["seats"]["maximumNumberOfSeats"] == 12
    assert refused(admin.subscriptions, method="insert", **taking(buyer, VOICE, seats=0)) == (400, "invalid")


def test_a_token_that_does_not_fit_is_one_same_answer_and_counts(world: World, buyer: Buyer, admin: Desk) -> None:
    """A wrong one is counted though its call is rolled back."""
    wrong = taking(buyer, STARTER) | {"customerAuthToken": "A" * 16}
    nobody = wrong | {"customerId": "nobody.example"}
    for asked in (wrong, nobody):
        assert refused(admin.subscriptions, method="insert", **asked) == (404, "notFound")
    for _ in range(30):
        status, _reason = refused(admin.subscriptions, method="insert", **wrong)
        if status == 429:
            break
    else:
        pytest.fail("nobody tries tokens for ever")
    assert refused(admin.subscriptions, method="insert", **taking(buyer, STARTER)) == (429, "rateLimitExceeded")


# --- Notifications -----------------------------------------------------------------------------------


def test_resellernotify_keeps_which_accounts_are_registered(world: World, buyer: Buyer, admin: Desk) -> None:
    account = account_of(admin.person, name="Billing")
    notify = admin.api.resellernotify()
    assert refused(notify.register(serviceAccountEmailAddress=account.email).execute) == (412, "conditionNotMet")
    assert notify.getwatchdetails().execute() == {"serviceAccountEmailAddresses": []}
    endpoint, _secret = listen(admin.person, "http://127.0.0.1:1/", Family.SUBSCRIPTIONS)
    topic = notify.register(serviceAccountEmailAddress=account.email).execute()["topicName"]
    notify.register(serviceAccountEmailAddress=account.email).execute()
    watched = notify.getwatchdetails().execute()
    assert watched == {"serviceAccountEmailAddresses": [account.email], "topicName": topic}
    names = AuditEvent.objects.filter(subject=account.email).values_list("name", flat=True)
    assert list(names) == ["REGISTER_NOTIFICATIONS"]
    pause_webhook(actor=Actor(user=admin.person), endpoint=endpoint)
    assert "topicName" not in notify.getwatchdetails().execute(), "nothing is delivered"
    resume_webhook(actor=Actor(user=admin.person), endpoint=endpoint)
    foreign = account_of(put_person(world.reseller, Role.RESELLER_ADMIN), name="Foreign")
    for email in (foreign.email, "nobody@elsewhere.example"):
        ask = notify.register(serviceAccountEmailAddress=email)
        assert refused(ask.execute) == (404, "notFound")
    assert notify.unregister(serviceAccountEmailAddress=account.email).execute() == {"topicName": topic}
    assert not NotifiedAccount.objects.exists()
    gone = notify.unregister(serviceAccountEmailAddress=account.email)
    assert refused(gone.execute) == (404, "notFound")
    agent = desk(put_person(buyer.reseller, Role.RESELLER_AGENT)).api.resellernotify()
    assert refused(agent.getwatchdetails().execute) == (403, "forbidden")
