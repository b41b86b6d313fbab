"""R22: machines that may work in a customer's console, and service accounts of the reviewer, are lines of a review."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.console_sessions.machines import enter_by_machine, machine_inside
from accounts.machines.keys import revoke_key
from accounts.machines.service_accounts import suspend_service_account
from accounts.models import AuditEvent, KeptOutMachine, ServiceAccount, ServiceAccountKey, User
from accounts.proof import ProofNeeded
from accounts.roles import Role
from subscriptions.access.policy import change_access_policy
from subscriptions.models import ReviewLine
from subscriptions.models.level import Level
from subscriptions.models.review import Decision, LineKind
from subscriptions.reviews.activity import facts_of
from subscriptions.reviews.beginning import begin_review
from subscriptions.reviews.finishing import finish_review
from tests.access.world import World, make_world
from tests.api.machines import signing_account
from tests.client import content_of, lines_of, main_text_of, signed_in, url_of
from tests.factories import make_person, put_customer, put_person, put_reseller
from tests.reviews.world import KEEP, REMOVE, Staffed, begin, choice, decide, make_staffed


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def rosa(world: World) -> User:
    return put_person(world.reseller, Role.RESELLER_ADMIN)


def account_with_key(person: User, name: str) -> ServiceAccount:
    return signing_account(person, name=name)[0]


def names(kind: LineKind) -> list[str]:
    return list(ReviewLine.objects.filter(kind=kind).order_by("pk").values_list("what", flat=True))


def own(owner_kind: LineKind = LineKind.ACCOUNT) -> list[str]:
    return list(ReviewLine.objects.filter(kind=owner_kind).order_by("pk").values_list("who", flat=True))


def machine_actor(person: User, account: ServiceAccount) -> Actor:
    return Actor.of_machine(account, person, "192.0.2.9")


def test_R22_machines_that_may_work_in_the_console_are_lines_and_no_others(world: World, rosa: User) -> None:
    billing = account_with_key(rosa, "Billing")
    keyless = account_with_key(rosa, "Without a key")
    revoke_key(actor=Actor(user=rosa), key=ServiceAccountKey.objects.get(account=keyless))
    asleep = account_with_key(rosa, "Suspended")
    suspend_service_account(actor=Actor(user=rosa), account=asleep)
    account_with_key(put_person(put_reseller(), Role.RESELLER_ADMIN), "Of a stranger")
    account_with_key(put_person(put_customer(), Role.SUPER_ADMIN), "Of another customer")
    nightly = account_with_key(world.admin.user, "Nightly")
    unscoped = account_with_key(world.admin.user, "Nothing delegated")
    ServiceAccount.objects.filter(pk=unscoped.pk).update(scopes=[])
    begin(world)
    assert names(LineKind.MACHINE) == ["Billing"] and own() == ["Nightly"]
    [machine] = ReviewLine.objects.filter(kind=LineKind.MACHINE)
    assert (machine.about_id, machine.who, machine.reseller_id) == (
        billing.pk,
        world.reseller.name,
        world.reseller.pk,
    )
    [account] = ReviewLine.objects.filter(kind=LineKind.ACCOUNT)
    assert (account.about_id, account.who_address, account.reseller_id) == (nightly.pk, nightly.email, None)


def test_R22_where_no_machine_is_let_in_none_is_a_line(world: World, rosa: User) -> None:
    account_with_key(rosa, "Billing")
    change_access_policy(
        actor=world.admin, customer=world.customer, longest=None, level=Level.FULL, lasts=None, machines=False
    )
    begin(world)
    assert names(LineKind.MACHINE) == []


def test_R22_X2_a_machine_that_is_removed_is_out_at_once_and_does_not_come_back(world: World, rosa: User) -> None:
    billing, other = account_with_key(rosa, "Billing"), account_with_key(rosa, "Other")
    actor = machine_actor(rosa, billing)
    enter_by_machine(actor=actor, customer=world.customer)
    assert machine_inside(rosa, world.customer, billing)
    review = begin(world)
    removed, kept = ReviewLine.objects.filter(kind=LineKind.MACHINE).order_by("pk")
    decided = decide(world.admin, world.customer, review, choice(removed, REMOVE), choice(kept, KEEP))
    assert (decided.number, decided.refused) == (2, {})
    assert machine_inside(rosa, world.customer, billing) is None
    with pytest.raises(PermissionDenied, match="keeps this service account out"):
        enter_by_machine(actor=actor, customer=world.customer)
    enter_by_machine(actor=machine_actor(rosa, other), customer=world.customer)
    event = AuditEvent.objects.get(name=EventName.CHANGE_ACCESS_POLICY)
    assert event.new_value == {"machines_kept_out": f"Billing ({world.reseller.name})"}
    removed.refresh_from_db()
    assert (removed.decision, removed.visits) == (Decision.REMOVE, 1)


def test_R22_P13_a_machine_is_let_in_again_by_the_rules_with_a_fresh_proof(world: World, rosa: User) -> None:
    billing = account_with_key(rosa, "Billing")
    review = begin(world)
    [line] = ReviewLine.objects.filter(kind=LineKind.MACHINE)
    decide(world.admin, world.customer, review, choice(line, REMOVE))
    rules = url_of("reseller_access_rules", world.customer)
    browser = signed_in(world.admin.user)
    assert "Let machines in again" in main_text_of(browser.get(rules))
    asked: dict[str, Any] = {"customer": world.customer, "longest": None, "level": Level.FULL, "lasts": None}
    change_access_policy(actor=world.admin, **asked)
    assert KeptOutMachine.objects.exists(), "a form from before says nothing of machines"
    stale = Actor(user=world.admin.user, is_stale=True)
    with pytest.raises(ProofNeeded):
        change_access_policy(actor=stale, **asked, let_in=[billing.pk])
    assert change_access_policy(actor=world.admin, **asked, let_in=[billing.pk])
    assert enter_by_machine(actor=machine_actor(rosa, billing), customer=world.customer)
    assert "Let machines in again" not in main_text_of(browser.get(rules))


def test_R22_a_service_account_that_is_removed_is_suspended_and_one_that_went_is_no_work(world: World) -> None:
    first, second, third = (account_with_key(world.admin.user, name) for name in ("A", "B", "C"))
    review = begin(world)
    lines = {line.about_id: line for line in ReviewLine.objects.filter(kind=LineKind.ACCOUNT)}
    suspend_service_account(actor=world.admin, account=third)
    choices = [choice(lines[first.pk], REMOVE), choice(lines[second.pk], KEEP), choice(lines[third.pk], KEEP)]
    decided = decide(world.admin, world.customer, review, *choices)
    assert decided.number == 2 and list(decided.refused) == [lines[third.pk].pk]
    suspended = dict(ServiceAccount.objects.values_list("name", "suspended_at"))
    assert suspended["A"] and suspended["B"] is None


def test_R22_what_a_service_account_did_is_counted(world: World) -> None:
    nightly, idle = account_with_key(world.admin.user, "Nightly"), account_with_key(world.admin.user, "Idle")
    ServiceAccount.objects.filter(pk=nightly.pk).update(last_used_at=Now() - timedelta(days=1))
    for _ in range(3):
        record_audit(EventName.CREATE_GROUP, actor=machine_actor(world.admin.user, nightly), customer=world.customer)
    record_audit(EventName.CREATE_GROUP, actor=world.admin, customer=world.customer)
    begin(world)
    lines = {line.about_id: line.pk for line in ReviewLine.objects.filter(kind=LineKind.ACCOUNT)}
    facts = facts_of(lines.values())
    assert (facts[lines[nightly.pk]].changes, facts[lines[idle.pk]].changes) == (3, 0)
    assert facts[lines[nightly.pk]].last_used_at and facts[lines[idle.pk]].last_used_at is None


def test_R22_a_resellers_review_has_its_own_service_accounts(db: None) -> None:
    staffed: Staffed = make_staffed()
    account = account_with_key(staffed.boss.user, "CRM")
    account_with_key(make_person(put_customer("Elsewhere"), Role.SUPER_ADMIN), "Of a customer")
    review = begin_review(actor=staffed.boss, owner=staffed.reseller)
    [line] = ReviewLine.objects.filter(kind=LineKind.ACCOUNT)
    assert (line.who, line.customer_id, line.reseller_id) == ("CRM", None, staffed.reseller.pk)
    decide(staffed.boss, staffed.reseller, review, choice(line, REMOVE))
    account.refresh_from_db()
    assert account.suspended_at is not None


def test_R22_pages_and_files_have_them_and_a_finished_result_stays(world: World, rosa: User) -> None:
    account_with_key(rosa, "Billing")
    nightly = account_with_key(world.admin.user, "Nightly")
    review = begin(world)
    browser, page = signed_in(world.admin.user), url_of("access_review", world.customer, review_id=review.pk)
    rows = lines_of(browser.get(page))
    assert any(row.startswith(f"{world.reseller.name} Machine: Billing") for row in rows)
    assert any(row.startswith(f"Nightly Service account: {nightly.email}") for row in rows)
    for line in ReviewLine.objects.filter(review=review):
        seen = world.console().generation if line.kind == LineKind.CONSOLE else 0
        decide(world.admin, world.customer, review, choice(line, KEEP, seen=seen))
    finish_review(actor=world.admin, owner=world.customer, review_id=review.pk)
    suspend_service_account(actor=world.admin, account=nightly)
    [row] = [row for row in lines_of(browser.get(page)) if row.startswith("Nightly")]
    assert "Keep" in row and "Ended" not in row
    export = content_of(browser.get(url_of("access_review_export", world.customer, review_id=review.pk))).decode()
    assert "Nightly" in export and "Service account" in export and "Billing" in export
