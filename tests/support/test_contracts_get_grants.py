"""R19: contracts from before there were grants for them get theirs, forwards and backwards."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from accounts.models import AuditEvent, Customer, Reseller
from subscriptions import lifecycle
from subscriptions.access import desired
from subscriptions.access.reconcile import check
from subscriptions.access.relation import sold_to
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.grant import Basis
from support.models import CareMigration, SupportAssignment
from tests.access.world import grant, propagate, sell
from tests.cast import Cast
from tests.openings import openings
from tests.support.world import CLOUD, WORKSPACE, acting

migration: Any = import_module("support.migrations.0004_contracts_have_a_switch")


class Editor:
    """The only part of a schema editor that the migration uses."""

    connection = connection


def forwards() -> None:
    migration.give_contracts_their_grants(apps, Editor)


def backwards() -> None:
    migration.take_the_grants_of_contracts_away(apps, Editor)


def contract(customer: Customer, reseller: Reseller, by: Any, service: Any = WORKSPACE) -> None:
    """A contract as the code before left it: without a grant."""
    CareMigration.objects.update_or_create(customer=customer, defaults={"migrated_at": "2022-11-01T00:00Z"})
    SupportAssignment.objects.create(
        customer=customer,
        service=service,
        reseller=reseller,
        status="active",
        in_care_portal=True,
        requested_by=by,
        active_since="2022-11-01T00:00Z",
    )


def is_open(cast: Cast) -> bool:
    return any(opening.reseller == cast.resale_one.reseller.primary_domain for opening in openings())


def turn_off(cast: Cast) -> None:
    desired.turn_off_for_all_resellers(actor=acting(cast.acme.super_admin), customer=cast.acme.customer)


@pytest.fixture
def before(cast: Cast) -> Cast:
    contract(cast.acme.customer, cast.resale_one.reseller, cast.acme.super_admin)
    contract(cast.acme.customer, cast.resale_one.reseller, cast.acme.super_admin, CLOUD)
    return cast


def test_R19_a_contract_that_sold_nothing_gets_an_open_grant_with_its_history(before: Cast) -> None:
    forwards()
    [found] = openings()
    assert (found.reseller, found.is_named) == ("resale-one.example", True)
    assert switch(before).basis == Basis.CONTRACT
    [change] = AccessChange.objects.all()
    assert (change.allowed, change.outcome, change.generation) == (True, "applied", 1)
    events = AuditEvent.objects.filter(access_change_id=change.pk).order_by("pk").values_list("name", "old_value")
    assert list(events) == [("CHANGE_RESELLER_ACCESS", {"allowed": None}), ("RESELLER_ACCESS_APPLIED", None)]
    assert check() == [], "what reconcile_access would find"


def switch(cast: Cast) -> AccessGrant:
    return grant(cast.acme.customer, cast.resale_one.reseller)


@pytest.mark.parametrize("settled", [True, False])
def test_R1_an_ended_relation_that_was_refused_stays_closed(before: Cast, settled: bool) -> None:
    sold = sell(before.acme.customer, before.resale_one.reseller)
    propagate()
    turn_off(before)
    lifecycle.cancel_subscription(actor=None, subscription=sold)
    if settled:
        propagate()
    assert not sold_to(before.acme.customer, before.resale_one.reseller)
    AccessGrant.objects.update(basis=Basis.RELATION)  # as the code before would have left it
    forwards()
    assert openings() == []
    assert (switch(before).allowed, switch(before).ended_at, switch(before).basis) == (False, None, Basis.CONTRACT)
    assert check() == []


def test_R1_an_ended_relation_that_was_not_refused_is_open(before: Cast) -> None:
    sold = sell(before.acme.customer, before.resale_one.reseller)
    propagate()
    lifecycle.cancel_subscription(actor=None, subscription=sold)
    propagate()
    forwards()
    assert is_open(before)


@pytest.mark.parametrize("allowed", [True, False])
def test_R1_a_live_relation_decides_alone(before: Cast, allowed: bool) -> None:
    sell(before.acme.customer, before.resale_one.reseller)
    propagate()
    if not allowed:
        turn_off(before)
        propagate()
    generation = switch(before).generation
    forwards()
    assert (is_open(before), switch(before).generation, switch(before).basis) == (allowed, generation, Basis.BOTH)


def test_back_and_forth_keeps_what_the_customer_decided(before: Cast) -> None:
    forwards()
    backwards()
    assert (switch(before).allowed, switch(before).basis) == (False, Basis.RELATION)
    assert switch(before).ended_at is not None
    assert openings() == []  # the code before opens these consoles by itself
    assert check() == []
    forwards()
    assert is_open(before)
    turn_off(before)
    propagate()
    backwards()
    forwards()
    assert openings() == []
    assert check() == []


def test_contracts_of_others_and_requests_are_left_alone(before: Cast) -> None:
    SupportAssignment.objects.filter(service=CLOUD).update(status="removed", ended_at="2022-11-02T00:00Z")
    SupportAssignment.objects.filter(service=WORKSPACE).update(in_care_portal=False)
    forwards()
    assert not AccessGrant.objects.exists()
