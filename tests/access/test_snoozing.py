"""A finding is put aside with a reason, until a day or until its facts are others, and taken back (R5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.models import AuditEvent
from accounts.roles import Role
from subscriptions.access.findings import Finding
from subscriptions.access.snoozing import Health, health_of, snooze_finding, take_back_snooze
from subscriptions.models import FindingSnooze
from subscriptions.models.finding import FindingKind
from tests.access.findings_world import found, pass_days, visit
from tests.access.world import World, make_world
from tests.factories import put_person

MONTH = timedelta(days=30)


@pytest.fixture
def world(db: None) -> World:
    """Access that nobody has used for 40 days, at a customer with two super admins."""
    world = make_world()
    put_person(world.customer, Role.SUPER_ADMIN)
    pass_days(40)
    return world


def health(world: World) -> Health:
    return health_of(world.customer, found(world), database_now())


def the_finding(world: World) -> Finding:
    [finding] = health(world).needs_a_look
    return finding


def snooze(world: World, lasts: timedelta | None = MONTH, reason: str = "They start in May") -> FindingSnooze:
    return snooze_finding(
        actor=world.admin, customer=world.customer, finding=the_finding(world), lasts=lasts, reason=reason
    )


def test_a_snoozed_finding_stands_aside_with_who_and_why_and_in_the_audit_log(world: World) -> None:
    snooze(world)
    assert health(world).needs_a_look == []
    [aside] = health(world).snoozed
    assert (aside.finding.kind, aside.snooze.reason) == (FindingKind.UNUSED, "They start in May")
    assert aside.snooze.snoozed_by_email == world.admin.user.email
    event = AuditEvent.objects.get(name="SNOOZE_FINDING")
    assert (event.customer_id, event.subject, event.actor_id) == (
        world.customer.pk,
        world.reseller.name,
        world.admin.user.pk,
    )
    assert event.new_value["finding"] == "unused"
    assert event.new_value["reason"] == "They start in May"


def test_it_is_back_after_its_days_and_can_be_snoozed_again(world: World) -> None:
    row = snooze(world)
    assert row.until is not None
    FindingSnooze.objects.update(until=database_now() - timedelta(seconds=1))
    the_finding(world)
    again = snooze(world, timedelta(days=90), "Still")
    assert (again.pk, FindingSnooze.objects.count()) == (row.pk, 1)
    assert health(world).snoozed[0].snooze.reason == "Still"


def test_for_good_is_until_its_facts_are_others(world: World) -> None:
    snooze(world, None)
    pass_days(40)
    FindingSnooze.objects.update(facts=found(world)[0].facts)  # the days that passed moved the moment too
    assert health(world).needs_a_look == []
    visit(world)
    pass_days(31)
    assert the_finding(world).kind == FindingKind.UNUSED


def test_taking_back_shows_it_again_and_a_second_time_is_nothing(world: World) -> None:
    row = snooze(world)
    assert take_back_snooze(actor=world.admin, customer=world.customer, snooze_id=row.pk)
    the_finding(world)
    assert not take_back_snooze(actor=world.admin, customer=world.customer, snooze_id=row.pk)
    event = AuditEvent.objects.get(name="UNSNOOZE_FINDING")
    assert event.old_value["reason"] == "They start in May"


@pytest.mark.parametrize(
    ("lasts", "reason", "field"),
    [(MONTH, " \u200b ", "reason"), (MONTH, "x" * 301, "reason"), (timedelta(days=1), "Why", "lasts")],
)
def test_without_a_reason_or_for_another_time_it_is_refused(
    world: World, lasts: timedelta, reason: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        snooze(world, lasts, reason)
    assert refused.value.field == field
    assert not FindingSnooze.objects.exists()


def test_R5_only_super_admins_snooze_and_take_back(world: World) -> None:
    row, finding = snooze(world), found(world)[0]
    for person in (put_person(world.customer, Role.AUDITOR), world.agent):
        with pytest.raises(PermissionDenied):
            snooze_finding(actor=Actor(person), customer=world.customer, finding=finding, lasts=MONTH, reason="Why")
        with pytest.raises(PermissionDenied):
            take_back_snooze(actor=Actor(person), customer=world.customer, snooze_id=row.pk)


def test_R5_a_stranger_neither_sees_nor_takes_back(world: World) -> None:
    row, other = snooze(world), make_world()
    put_person(other.customer, Role.SUPER_ADMIN)
    assert not take_back_snooze(actor=other.admin, customer=other.customer, snooze_id=row.pk)
    pass_days(40)
    twin = the_finding(other)
    FindingSnooze.objects.update(kind=twin.kind, about=twin.about, facts=twin.facts)
    assert health(other).snoozed == []
    assert FindingSnooze.objects.count() == 1
