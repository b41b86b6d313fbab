"""X6: what happens to what a reseller sold comes to its webhooks in the form of the original's notifications.

https://developers.google.com/workspace/admin/reseller/v1/how-tos/push
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.event_families import Family
from accounts.machines.service_accounts import delete_service_account, restore_service_account, suspend_service_account
from accounts.models import Reseller, ServiceAccount, User, WebhookDelivery
from accounts.models.webhooks import Outcome
from accounts.organisations import suspend_reseller
from accounts.roles import Role
from accounts.webhooks.endpoints import pause_webhook
from accounts.webhooks.sending import due_deliveries
from subscriptions import lifecycle
from subscriptions.licensing import assign_licences, revoke_licences
from subscriptions.lifecycle.settling import settle_due_subscriptions
from subscriptions.models import Sku, Subscription
from subscriptions.models.subscription import Plan
from subscriptions.notified import register_account, unregister_account
from tests.access.fixtures import world
from tests.access.world import World
from tests.accounts.webhooks.receiver import Got, Receiver, listen, receiver
from tests.api.machines import account_of
from tests.client import main_text_of, signed_in
from tests.factories import put_person
from tests.subscriptions.lifecycle_world import days_pass, on_plan
from tests.subscriptions.transfer_world import WORKSPACE, make_buyer

__all__ = ["world"]
STANDARD, PLUS = "1010020028", "1010020025"


@pytest.fixture
def program() -> Iterator[Receiver]:
    with receiver() as server:
        yield server


@pytest.fixture
def rosa(world: World) -> User:
    return put_person(world.reseller, Role.RESELLER_ADMIN)


@pytest.fixture
def account(rosa: User) -> ServiceAccount:
    return account_of(rosa, name="Billing")


@pytest.fixture
def secret(rosa: User, account: ServiceAccount, program: Receiver) -> str:
    """A webhook that hears of subscriptions, and a registration."""
    _endpoint, secret = listen(rosa, program.url, Family.SUBSCRIPTIONS)
    register_account(actor=Actor(user=rosa), reseller=reseller_of(rosa), email=account.email)
    return secret


def reseller_of(person: User) -> Reseller:
    assert person.reseller is not None
    return person.reseller


def said_in(got: Got, secret: str) -> dict[str, Any]:
    """What a receiver of the original reads of a push."""
    push = got.verified(secret)
    said: dict[str, Any] = json.loads(b64decode(push["message"]["data"]))
    assert said["message_id"] == push["message"]["messageId"] == push["message"]["message_id"]
    return said


def notified(program: Receiver, secret: str) -> list[str]:
    """The events that came since it was asked last, in the order in which they were queued."""
    came = sorted(pushed(program, secret), key=lambda said: int(said["message_id"]))
    return [said["event_type"] for said in came]


def pushed(program: Receiver, secret: str) -> list[dict[str, Any]]:
    """What came since it was asked last, without the messages of the webhook's own form."""
    sum(due_deliveries())
    found = [said_in(got, secret) for got in program.got if "message" in got.verified(secret)]
    program.got.clear()
    return found


def test_X6_a_notification_has_the_form_of_the_original(world: World, program: Receiver, secret: str) -> None:
    sold = on_plan(world.customer, world.reseller, Plan.FLEXIBLE)
    sum(due_deliveries())
    [got] = program.got
    push = got.verified(secret)
    assert push["subscription"] == f"projects/reseller-console/subscriptions/{world.reseller.public_id}"
    said = said_in(got, secret)
    assert set(said.pop("publish_time")) == {"seconds", "nanos"}
    assert said == {
        "customer_id": world.customer.customer_id,
        "customer_domain_name": world.customer.primary_domain,
        "event_type": "NEW_SUBSCRIPTION_CREATED",
        "sku_id": PLUS,
        "subscription_id": sold.public_id,
        "reseller_customer_id": world.reseller.public_id,
        "message_id": str(WebhookDelivery.objects.get().pk),
    }


def test_X6_each_step_of_a_subscription_is_notified_by_the_name_of_the_original(
    world: World, program: Receiver, secret: str, account: ServiceAccount
) -> None:
    """No matter who took it: here the system, of which the reseller's webhook would hear nothing else."""
    sold = on_plan(world.customer, world.reseller, Plan.FLEXIBLE)
    assert notified(program, secret) == ["NEW_SUBSCRIPTION_CREATED"]
    by: dict[str, Any] = {"actor": None, "subscription": sold}
    lifecycle.change_seats(**by, seats=12)
    lifecycle.change_sku(**by, sku=Sku.objects.get(pk=STANDARD))
    assert notified(program, secret) == ["SUBSCRIPTION_DOWNGRADE"], "seats of a flexible plan are no commitment"
    lifecycle.change_sku(**by, sku=Sku.objects.get(pk=PLUS))
    lifecycle.change_plan(**by, plan=Plan.ANNUAL_YEARLY_PAY, seats=12)
    lifecycle.change_seats(**by, seats=15)
    assert notified(program, secret) == ["SUBSCRIPTION_UPGRADE", "PRICE_PLAN_SWITCHED", "COMMITMENT_CHANGED"]
    lifecycle.suspend_subscription(**by)
    [suspended] = pushed(program, secret)
    assert suspended["event_type"] == "SUBSCRIPTION_SUSPENDED"
    assert suspended["subscription_suspension_reasons"] == ["RESELLER_INITIATED"]
    lifecycle.activate_subscription(**by)
    days_pass(sold, 400)
    settle_due_subscriptions()
    assert notified(program, secret) == ["SUBSCRIPTION_SUSPENSION_REVOKED", "SUBSCRIPTION_RENEWED"]
    person = put_person(world.customer)
    people = User.objects.filter(pk=person.pk)
    assign_licences(actor=None, subscription=sold, people=people)
    revoke_licences(actor=None, subscription=sold, people=people)
    assert notified(program, secret) == ["LICENSE_ASSIGNMENT_CHANGED"] * 2


def test_X6_the_end_of_a_trial_is_notified_with_its_reason(world: World, program: Receiver, secret: str) -> None:
    trial = on_plan(world.customer, world.reseller, Plan.TRIAL)
    assert notified(program, secret) == ["NEW_SUBSCRIPTION_CREATED"]
    days_pass(trial, 31)
    settle_due_subscriptions()
    assert notified(program, secret) == ["SUBSCRIPTION_TRIAL_ENDED", "SUBSCRIPTION_SUSPENDED"]


def test_X6_a_cancellation_says_whose_it_was(world: World, rosa: User, program: Receiver, secret: str) -> None:
    reasons = []
    for actor in (Actor(user=rosa), None):
        sold = on_plan(world.customer, world.reseller, Plan.FLEXIBLE)
        lifecycle.cancel_subscription(actor=actor, subscription=sold)
        key = "subscription_cancellation_reason"
        reasons += [said[key] for said in pushed(program, secret) if key in said]
    assert reasons == ["RESELLER_INITIATED", "OTHER"]


def test_X6_who_loses_a_subscription_hears_so_and_who_gets_it_that_it_is_new(
    world: World, program: Receiver, secret: str
) -> None:
    lost = Subscription.objects.filter(customer=world.customer, reseller=world.reseller)
    number = lost.count()
    buyer = make_buyer(world)
    with receiver() as buyers:
        machine = account_of(buyer.admin.user, name="Theirs")
        _endpoint, their_secret = listen(buyer.admin.user, buyers.url, Family.SUBSCRIPTIONS)
        register_account(actor=buyer.admin, reseller=buyer.reseller, email=machine.email)
        buyer.take(WORKSPACE)
        new, gone = pushed(buyers, their_secret), pushed(program, secret)
    assert number and gone and {each["event_type"] for each in new} == {"NEW_SUBSCRIPTION_CREATED"}
    assert {each["subscription_cancellation_reason"] for each in gone} == {"TRANSFERRED_OUT"}
    assert {each["subscription_id"] for each in gone} == {each["subscription_id"] for each in new}
    assert {each["reseller_customer_id"] for each in gone} == {world.reseller.public_id}


def queued() -> list[str]:
    return list(WebhookDelivery.objects.filter(kind="reseller_notification").values_list("type", flat=True))


def test_X6_without_a_registration_and_at_another_reseller_nothing_is_notified(
    world: World, rosa: User, account: ServiceAccount, program: Receiver, secret: str
) -> None:
    other = make_buyer(world)
    listen(other.admin.user, program.url, Family.SUBSCRIPTIONS)
    on_plan(world.customer, other.reseller, Plan.FLEXIBLE)
    on_plan(world.customer, None, Plan.FLEXIBLE)
    assert queued() == []
    unregister_account(actor=Actor(user=rosa), reseller=world.reseller, email=account.email)
    on_plan(world.customer, world.reseller, Plan.FLEXIBLE)
    assert queued() == []


def test_X6_a_suspended_or_deleted_account_is_no_registration(
    world: World, rosa: User, account: ServiceAccount, secret: str
) -> None:
    admin = Actor(user=rosa)
    suspend_service_account(actor=admin, account=account)
    on_plan(world.customer, world.reseller, Plan.FLEXIBLE)
    assert queued() == []
    restore_service_account(actor=admin, account=account)
    delete_service_account(actor=admin, account=account)
    on_plan(world.customer, world.reseller, Plan.FLEXIBLE)
    assert queued() == []


def test_X6_the_right_to_a_notification_is_asked_again_when_it_is_sent(
    world: World, rosa: User, account: ServiceAccount, program: Receiver, secret: str
) -> None:
    on_plan(world.customer, world.reseller, Plan.FLEXIBLE)
    unregister_account(actor=Actor(user=rosa), reseller=world.reseller, email=account.email)
    assert notified(program, secret) == []
    register_account(actor=Actor(user=rosa), reseller=world.reseller, email=account.email)
    on_plan(world.customer, world.reseller, Plan.FLEXIBLE)
    suspend_reseller(actor=None, reseller=world.reseller)
    assert notified(program, secret) == []
    outcomes = WebhookDelivery.objects.filter(kind="reseller_notification").values_list("outcome", flat=True)
    assert list(outcomes) == [Outcome.NOT_FOR_THEM] * 2


def test_X6_what_could_be_delivered_nowhere_is_not_registered_and_the_page_says_so(
    world: World, rosa: User, account: ServiceAccount, program: Receiver
) -> None:
    admin, page = Actor(user=rosa), "/reseller/staff/webhooks/"
    browser = signed_in(rosa)

    def register() -> None:
        register_account(actor=admin, reseller=world.reseller, email=account.email)

    listen(rosa, program.url, Family.SUPPORT, name="Support")
    with pytest.raises(Refused, match="hears of subscriptions"):
        register()
    assert "Notifications of subscriptions" not in main_text_of(browser.get(page))
    endpoint, _secret = listen(rosa, program.url, Family.SUBSCRIPTIONS)
    register()
    text = main_text_of(browser.get(page))
    assert account.email in text and "Delivered to Ticketing" in text and "Nothing is delivered" not in text
    pause_webhook(actor=admin, endpoint=endpoint)
    text = main_text_of(browser.get(page))
    assert "Nothing is delivered" in text and "Delivered to" not in text
