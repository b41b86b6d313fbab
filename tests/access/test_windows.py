"""When access is in force: R8 to R11, and the agreement of its two forms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from accounts.clock import database_now
from accounts.permissions import Permission
from subscriptions.access import desired, outbox, propagation
from subscriptions.access.effective import (
    IN_FORCE,
    AccessState,
    Window,
    closing_sql,
    in_force,
    in_force_sql,
    level_sql,
    opened,
    standing_sql,
    stands_open,
    state,
    window_of,
)
from subscriptions.access.extent import level_at, standing_at
from subscriptions.access.levels import opened_by
from subscriptions.access.standing import opened_at
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.standing import Standing
from tests.access.boxes import console, own, save
from tests.access.world import DAY, World, events, may_enter, outcomes, pass_time, propagate, refuse_events_of


def test_R8_taking_away_comes_true_by_the_clock_without_any_worker(world: World) -> None:
    [change] = save(world, console(world, False)).changes
    left = (change.due_at - database_now()).total_seconds()
    pass_time(left - 5)
    assert may_enter(world.agent, world.customer)
    pass_time(5)
    assert not may_enter(world.agent, world.customer)


def test_R8_giving_waits_for_its_due_time_and_for_a_worker(world: World) -> None:
    save(world, console(world, False))
    propagate()
    [change] = save(world, console(world, True)).changes
    assert propagation.apply_due_changes() == 0
    pass_time((change.due_at - database_now()).total_seconds() - 5)
    assert propagation.apply_due_changes() == 0
    pass_time(5)
    assert not may_enter(world.agent, world.customer)
    assert propagation.apply_due_changes() == 1
    assert may_enter(world.agent, world.customer)
    assert world.console().effective_from >= AccessChange.objects.get(pk=change.pk).due_at


def test_R8_an_end_is_only_ever_brought_closer(world: World) -> None:
    save(world, console(world, False))
    ends = world.console().effective_until
    outbox.queue(
        [outbox.Step(world.console(), False, (ends or database_now()) + timedelta(days=3))],
        actor=None,
        now=database_now(),
    )
    assert world.console().effective_until == ends


def test_R9_the_newest_wish_wins_and_the_overtaken_one_is_superseded(world: World) -> None:
    saved = [*save(world, console(world, False)).changes, *save(world, console(world, True)).changes]
    propagate()
    assert outcomes(world.console()) == ["applied", "superseded", "applied"]
    assert events(saved) == [
        "CHANGE_RESELLER_ACCESS",
        "RESELLER_ACCESS_SUPERSEDED",
        "CHANGE_RESELLER_ACCESS",
        "RESELLER_ACCESS_APPLIED",
    ]
    assert may_enter(world.agent, world.customer)


def test_R9_a_revocation_that_came_true_unseen_ends_as_applied(world: World) -> None:
    save(world, console(world, False))
    pass_time(DAY)
    save(world, console(world, True))
    assert outcomes(world.console()) == ["applied", "applied", None]
    assert world.console().observed_generation == 2


def test_R9_every_change_ends_exactly_once(world: World) -> None:
    for allowed in (False, True, False, True):
        save(world, console(world, allowed))
    propagate()
    propagation.apply_due_changes()
    changes = AccessChange.objects.filter(grant=world.console())
    for change in changes:
        assert [name == "CHANGE_RESELLER_ACCESS" for name in events([change])] == [True, False]


def test_R9_a_change_that_fails_is_tried_again_and_holds_up_no_other(world: World, stranger: World) -> None:
    for allowed in (False, True):
        propagate()
        for one in (world, stranger):
            save(one, console(one, allowed))
    refuse_events_of(world.console())
    propagate()
    assert may_enter(stranger.agent, stranger.customer)
    assert not may_enter(world.agent, world.customer)
    waiting = AccessChange.objects.get(grant=world.console(), settled_at=None)
    assert (waiting.attempts, "refused_by_the_test" in waiting.error) == (1, True)
    assert waiting.next_attempt_at > database_now()
    assert propagation.apply_due_changes() == 0  # its pause
    refuse_events_of(None)
    pass_time(propagation.FIRST_PAUSE)
    assert propagation.apply_due_changes() == 1
    assert may_enter(world.agent, world.customer)


def test_R9_giving_is_given_up_after_ten_tries_with_a_reason(world: World) -> None:
    save(world, console(world, False))
    propagate()
    save(world, console(world, True))
    refuse_events_of(world.console(), name="RESELLER_ACCESS_APPLIED")
    for _ in range(propagation.MAX_ATTEMPTS + 3):
        propagate()
    last = AccessChange.objects.get(grant=world.console(), generation=3)
    assert (last.outcome, last.failure_reason, last.attempts) == ("failed", "gave_up", propagation.MAX_ATTEMPTS)
    assert events([last]) == ["CHANGE_RESELLER_ACCESS", "RESELLER_ACCESS_FAILED"]
    assert not may_enter(world.agent, world.customer)


def test_R9_taking_away_is_never_given_up(world: World) -> None:
    save(world, console(world, False))
    refuse_events_of(world.console(), name="RESELLER_ACCESS_APPLIED")
    for _ in range(propagation.MAX_ATTEMPTS + 3):
        propagate()
    assert not may_enter(world.agent, world.customer)
    refuse_events_of(None)
    propagate()
    assert outcomes(world.console()) == ["applied", "applied"]


def test_R10_giving_while_a_revocation_is_pending_does_not_reopen_the_old_window(world: World) -> None:
    save(world, console(world, False))
    ends = world.console().effective_until
    save(world, console(world, True))
    assert world.console().effective_until == ends
    AccessChange.objects.filter(settled_at=None).update(
        due_at=ends + timedelta(hours=1), next_attempt_at=ends + timedelta(hours=1)
    )
    pass_time((ends - database_now()).total_seconds())
    propagation.apply_due_changes()
    assert not may_enter(world.agent, world.customer)  # between the old window and the new one
    pass_time(3600)
    propagation.apply_due_changes()
    assert may_enter(world.agent, world.customer)
    assert world.console().effective_until is None


def test_R10_an_unseen_give_and_its_revocation_open_nothing(world: World) -> None:
    save(world, console(world, False))
    propagate()
    save(world, console(world, True))
    save(world, console(world, False))
    propagate()
    assert not may_enter(world.agent, world.customer)
    assert world.console().effective_from < world.console().effective_until < database_now()


def test_R11_a_person_that_was_asked_before_is_asked_again(world: World) -> None:
    agent = world.agent
    assert agent.has_perm("accounts.view_console", world.customer)
    desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    assert not agent.has_perm("accounts.view_console", world.customer)  # the same object, in the same request


@pytest.mark.parametrize("began", [None, -10, 0, 10])
@pytest.mark.parametrize("ends", [None, -10, 0, 10])
def test_the_forms_of_in_force_agree(world: World, began: int | None, ends: int | None) -> None:
    now = database_now()
    moments = {"from": began, "until": ends}
    window = {k: None if v is None else now + timedelta(seconds=v) for k, v in moments.items()}
    grants = AccessGrant.objects.filter(pk=world.console().pk)
    grants.update(effective_from=window["from"], effective_until=window["until"])
    expected = began is not None and began <= 0 and (ends is None or ends > 0)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce({in_force_sql('g')}, false) FROM subscriptions_accessgrant g WHERE id = %s",
            [world.console().pk],
        )
        [(by_sql,)] = cursor.fetchall()
    assert by_sql is expected
    assert grants.filter(in_force()).exists() is expected
    assert AccessGrant.objects.exclude(in_force()).filter(pk=world.console().pk).exists() is not expected
    assert may_enter(world.agent, world.customer) is expected
    named = state(database_now(), Window(window["from"], window["until"], None), Standing.ALL, None)
    assert (named in IN_FORCE) is expected


@pytest.mark.parametrize("narrows", [None, -60, 60])
@pytest.mark.parametrize("closing", [True, False])
def test_R18_the_forms_of_level_and_closing_agree(world: World, narrows: int | None, closing: bool) -> None:
    now = database_now()
    until = now + timedelta(days=1)
    AccessGrant.objects.filter(pk=world.console().pk).update(
        effective_level="directory",
        narrow_level="licences" if narrows else "",
        narrows_at=now + timedelta(seconds=narrows) if narrows else None,
        effective_until=until,
        effective_ends_at=None if closing else until,
    )
    grant = world.console()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {level_sql('g')}, {closing_sql('g')} FROM subscriptions_accessgrant g WHERE id = %s", [grant.pk]
        )
        level, is_closing = cursor.fetchone()
    assert level == level_at(grant, now) == ("licences" if narrows == -60 else "directory")
    assert is_closing is window_of(grant).is_closing is closing
    for permission in Permission:
        by_orm = AccessGrant.objects.filter(opened(permission, world.agent), pk=grant.pk).exists()
        assert by_orm is (permission in opened_by(level)), permission


@pytest.mark.parametrize("narrows", [None, -60, 60])
@pytest.mark.parametrize("narrow", ["nothing", "cases", ""])
@pytest.mark.parametrize("effective", Standing)
def test_R20_the_forms_of_what_stands_open_agree(
    world: World, narrows: int | None, narrow: str, effective: Standing
) -> None:
    now = database_now()
    AccessGrant.objects.filter(pk=world.console().pk).update(
        effective_standing=effective,
        narrow_standing=narrow if narrows else "",
        narrow_level="directory" if narrows else "",
        narrows_at=now + timedelta(seconds=narrows) if narrows else None,
    )
    grant = world.console()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {standing_sql('g')} FROM subscriptions_accessgrant g WHERE id = %s", [grant.pk])
        [standing] = cursor.fetchone()
    assert standing == standing_at(grant, now) == (narrow if narrows == -60 and narrow else effective)
    for permission in Permission:
        expected = permission in opened_at(level_at(grant, now), standing, activated=False)
        assert AccessGrant.objects.filter(opened(permission, world.agent), pk=grant.pk).exists() is expected, permission
        assert AccessGrant.objects.filter(stands_open(permission), pk=grant.pk).exists() is expected, permission
        beside = {"access_grants": grant.pk}
        by_prefix = type(world.reseller).objects.filter(stands_open(permission, "access_grants__"), **beside)
        assert by_prefix.exists() is expected, permission


def test_the_state_of_a_window_in_words() -> None:
    now = datetime.now(UTC)
    before, after = now - timedelta(1), now + timedelta(1)
    assert state(now, Window(before, None, None), Standing.ALL, None) is AccessState.OPEN
    assert state(now, Window(before, after, after), Standing.ALL, after) is AccessState.OPEN
    assert state(now, Window(before, after, None), Standing.ALL, after) is AccessState.CLOSING
    assert state(now, Window(before, now, None), Standing.ALL, None) is AccessState.CLOSED
    assert state(now, Window(before, now, now), Standing.ALL, None) is AccessState.CLOSED
    assert state(now, Window(None, None, None), Standing.ALL, after) is AccessState.OPENING


def test_overdue_seconds_is_the_age_of_the_oldest_waiting_change(world: World, stranger: World) -> None:
    assert propagation.overdue_seconds() == 0
    for one in (world, stranger):
        save(one, console(one, False))
    assert propagation.overdue_seconds() == 0
    oldest = min(c.next_attempt_at for c in AccessChange.objects.filter(settled_at=None))
    pass_time((oldest - database_now()).total_seconds() + 100)
    assert propagation.overdue_seconds() == pytest.approx(100, abs=5)
    propagate()
    assert propagation.overdue_seconds() == 0


def test_a_batch_may_be_smaller_than_what_is_due(world: World, stranger: World, settings: Settings) -> None:
    settings.ACCESS_PROPAGATION_BATCH = 1
    for one in (world, stranger):
        save(one, console(one, False), own(one, False))
    assert propagate() == 2
