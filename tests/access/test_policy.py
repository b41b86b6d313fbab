"""A customer's own rules for access: the longest, and what new resellers begin with (R16, R18)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.models import AuditEvent
from accounts.roles import Role
from subscriptions.access import propagation
from subscriptions.access.errors import EndRefused
from subscriptions.access.policy import change_access_policy, policy_of
from subscriptions.models.level import Level
from tests.access.boxes import console, save
from tests.access.narrowing import open_as_far_as, settle
from tests.access.world import World, may_enter, sell
from tests.factories import put_person, put_reseller
from tests.web.console.access_page import box, open_page, url_of

ACTIVATIONS = {"activation_longest": "4", "activation_approval": "at_once"}
WEEK, MONTH = timedelta(days=7), timedelta(days=30)


def rules(
    world: World, *, longest: timedelta | None = None, level: str = Level.FULL, lasts: timedelta | None = None
) -> bool:
    return change_access_policy(actor=world.admin, customer=world.customer, longest=longest, level=level, lasts=lasts)


def test_R16_nobody_gives_access_for_longer_than_the_longest_and_what_is_open_stays(world: World) -> None:
    assert rules(world, longest=WEEK)
    assert world.console().effective_until is None
    save(world, console(world, False))
    settle()
    with pytest.raises(EndRefused, match="limited time"):
        save(world, console(world, True))
    for end in (MONTH, database_now() + MONTH):
        with pytest.raises(EndRefused, match="limited time"):
            open_as_far_as(world, Level.FULL, end)
    open_as_far_as(world, Level.FULL, WEEK)
    settle()
    assert may_enter(world.agent, world.customer)


def test_R16_what_only_takes_needs_no_end(world: World) -> None:
    rules(world, longest=WEEK)
    open_as_far_as(world, Level.VIEW)
    open_as_far_as(world, Level.VIEW, MONTH)


def test_R1_R18_a_new_reseller_begins_with_what_the_customer_wants_of_new_ones(world: World) -> None:
    rules(world, longest=MONTH, level=Level.HELP_DESK)
    other = put_reseller()
    agent = put_person(other, Role.RESELLER_ADMIN)
    sell(world.customer, other)
    propagation.apply_due_changes()
    assert may_enter(agent, world.customer)
    grant = other.access_grants.get()
    assert grant.effective_level == "help_desk"
    assert grant.effective_until is not None
    assert abs(grant.effective_until - database_now() - MONTH) < timedelta(minutes=1)


def test_the_rules_are_saved_with_their_event_once(world: World) -> None:
    assert rules(world, longest=MONTH, lasts=WEEK)
    assert not rules(world, longest=MONTH, lasts=WEEK)
    [event] = AuditEvent.objects.filter(name="CHANGE_ACCESS_POLICY")
    assert event.new_value == {
        "longest_access": "P30DT00H00M00S",
        "new_reseller_level": "full",
        "new_reseller_access": "P7DT00H00M00S",
        "activation_longest": "P0DT04H00M00S",
        "activation_approval": "at_once",
        "second_factor_from_outside": False,
        "machines_admitted": True,
    }
    with pytest.raises(Refused, match="for longer than") as refused:
        rules(world, longest=WEEK, lasts=MONTH)
    assert refused.value.field == "lasts"
    with pytest.raises(Refused, match="levels"):
        rules(world, level="god")
    assert policy_of(world.customer).longest == MONTH


def test_R5_only_a_super_admin_changes_the_rules(world: World) -> None:
    for person in (put_person(world.customer, Role.AUDITOR), world.agent):
        with pytest.raises(PermissionDenied):
            change_access_policy(
                actor=Actor(person), customer=world.customer, longest=WEEK, level=Level.FULL, lasts=None
            )


def test_the_page_saves_the_rules_and_reseller_access_holds_to_them(world: World) -> None:
    page = open_page(world.admin.user, world.customer)
    answer = page.client.post(
        url_of(world.customer, "reseller_access_rules"),
        ACTIVATIONS | {"longest": "168", "level": "view", "lasts": "24"},
    )
    assert answer.status_code == 302
    page.untick(box(world.reseller)).save()
    settle()
    refused = open_page(world.admin.user, world.customer).tick(box(world.reseller)).save()
    assert refused.status == 422
    assert "choose a nearer end" in refused.text
    wrong = page.client.post(
        url_of(world.customer, "reseller_access_rules"),
        ACTIVATIONS | {"longest": "24", "level": "view", "lasts": "168"},
    )
    assert wrong.status_code == 422
    assert b"168" in wrong.content
