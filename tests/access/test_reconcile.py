"""The doctor of reseller access finds each contradiction, repairs it towards the safe side, and then finds nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.clock import database_now
from accounts.models import AuditEvent
from reseller_console.management.commands.reconcile_access import CLEAN
from subscriptions.access import desired, reconcile
from subscriptions.access.reconcile import Kind
from subscriptions.models import AccessChange
from tests.access.boxes import console, own, save
from tests.access.world import DAY, World, may_enter, pass_time, propagate, refuse_events_of, visible


def sql(statement: str, *values: Any) -> None:
    """Write by hand what no code of ours writes; the audit log's guard is off for that moment."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_auditevent DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute("ALTER TABLE accounts_auditevent ENABLE TRIGGER USER")


def window(world: World, assignment: str) -> None:
    sql(f"UPDATE subscriptions_accessgrant SET {assignment} WHERE id = %s", world.console().pk)


def command(option: str) -> tuple[int, str]:
    """The exit status of the command and what it printed."""
    output = StringIO()
    try:
        call_command("reconcile_access", option, stdout=output)
    except SystemExit as error:
        return int(str(error.code)), output.getvalue()
    return 0, output.getvalue()


def forget(world: World, *names: str) -> None:
    sql(
        "DELETE FROM accounts_auditevent WHERE customer_id = %s AND name = ANY(%s) AND access_change_id IS NOT NULL",
        world.customer.pk,
        list(names),
    )


def closed(world: World) -> World:
    save(world, console(world, False))
    propagate()
    return world


def closing(world: World) -> World:
    save(world, console(world, False))
    return world


@pytest.fixture
def busy(world: World, stranger: World) -> World:
    """A world with history: opened, overtaken, given to a suspended reseller, ended, begun again."""
    save(world, own(world, True))
    save(world, own(world, False))
    save(world, own(world, True))
    propagate()
    save(stranger, console(stranger, False))
    propagate()
    stranger.reseller.suspended_at = database_now()
    stranger.reseller.save(update_fields=["suspended_at"])
    save(stranger, console(stranger, True))
    propagate()
    desired.remove_now(
        actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk, subscription_id=world.own.pk
    )
    return world


def test_nothing_is_wrong_after_anything_that_the_product_does(busy: World) -> None:
    assert reconcile.check() == []
    assert command("--check") == (0, CLEAN + "\n")
    propagate()
    save(busy, console(busy, False))
    save(busy, console(busy, True))
    assert reconcile.check() == []
    pass_time(DAY)
    assert [finding.kind for finding in reconcile.check()] == [Kind.OVERDUE]
    assert reconcile.repair() == {
        Kind.OVERDUE: 1,
        Kind.WINDOW: 0,
        Kind.LEVEL: 0,
        Kind.ACTIVATION: 0,
        Kind.NO_REQUEST: 0,
        Kind.NO_END: 0,
    }
    assert reconcile.check() == []


def test_the_command_wants_to_know_what_to_do() -> None:
    with pytest.raises(CommandError, match="Say what to do"):
        call_command("reconcile_access")


# What is planted, what is found, and whether the agent may enter before and after the repair.
PLANTED: dict[str, tuple[Sequence[Callable[[World], object]], Kind, bool, bool]] = {
    "open though never given": (
        [
            closed,
            lambda w: sql(
                "UPDATE subscriptions_accesschange SET outcome = 'superseded' WHERE grant_id = %s", w.console().pk
            ),
            lambda w: forget(w, "RESELLER_ACCESS_APPLIED"),
            lambda w: window(w, "effective_from = now(), effective_until = NULL"),
        ],
        Kind.WINDOW,
        True,
        False,
    ),
    "open though taken away": (
        [closed, lambda w: window(w, "effective_until = NULL")],
        Kind.WINDOW,
        True,
        False,
    ),
    "open again though taken away": (
        [closed, lambda w: window(w, "effective_from = now(), effective_until = now() + interval '1 year'")],
        Kind.WINDOW,
        True,
        False,
    ),
    "ends later than it was taken away for": (
        [closing, lambda w: window(w, "effective_until = effective_until + interval '1 hour'")],
        Kind.WINDOW,
        True,
        True,
    ),
    "never ends though it was taken away": (
        [closing, lambda w: window(w, "effective_until = NULL")],
        Kind.WINDOW,
        True,
        True,
    ),
    "closed though given": (
        [lambda w: window(w, "effective_until = now() - interval '1 hour'")],
        Kind.WINDOW,
        False,
        True,
    ),
    "never opened though given": ([lambda w: window(w, "effective_from = NULL")], Kind.WINDOW, False, True),
    "opens tomorrow though given": (
        [lambda w: window(w, "effective_from = now() + interval '1 day'")],
        Kind.WINDOW,
        False,
        True,
    ),
    "observes another generation": ([lambda w: window(w, "observed_generation = 0")], Kind.WINDOW, True, True),
    "overdue": ([closing, lambda _: pass_time(2 * DAY)], Kind.OVERDUE, False, False),
    "overdue and paused": (
        [
            closing,
            lambda _: pass_time(2 * DAY),
            lambda _: sql(
                "UPDATE subscriptions_accesschange SET next_attempt_at = now() + interval '1 day', attempts = 7"
            ),
        ],
        Kind.OVERDUE,
        False,
        False,
    ),
    "no event when requested": ([lambda w: forget(w, "CHANGE_RESELLER_ACCESS")], Kind.NO_REQUEST, True, True),
    "no event when requested for a subscription": (
        [lambda w: save(w, own(w, True)), lambda w: forget(w, "CHANGE_RESELLER_ACCESS_FOR_SKU")],
        Kind.NO_REQUEST,
        True,
        True,
    ),
    "no event when settled": ([lambda w: forget(w, "RESELLER_ACCESS_APPLIED")], Kind.NO_END, True, True),
}


@pytest.mark.parametrize("what", PLANTED)
def test_each_contradiction_is_found_and_repaired(world: World, stranger: World, what: str) -> None:
    plants, kind, before, after = PLANTED[what]
    for plant in plants:
        plant(world)
    assert may_enter(world.agent, world.customer) is before
    status, printed = command("--check")
    assert (status, str(kind) in printed) == (1, True), printed
    assert command("--check") == (status, printed)  # looking changes nothing

    status, printed = command("--apply")

    assert (status, f"1  {kind}" in printed, printed.endswith(CLEAN + "\n")) == (0, True, True), printed
    assert may_enter(world.agent, world.customer) is after
    assert may_enter(stranger.agent, stranger.customer)
    assert reconcile.check() == []
    assert set(reconcile.repair().values()) == {0}


def test_a_repaired_window_is_in_the_trail(world: World) -> None:
    window(world, "effective_until = now() - interval '1 hour'")
    reconcile.repair()
    event = AuditEvent.objects.get(name="REPAIR_RESELLER_ACCESS")
    assert (event.customer_id, event.subject) == (world.customer.pk, world.reseller.name)
    assert event.old_value["closes_at"] is not None
    assert event.new_value == {
        "opened_at": world.console().effective_from.isoformat(),
        "closes_at": None,
        "generation": 1,
    }


def test_a_later_end_that_was_repaired_ends_when_it_was_due(world: World) -> None:
    [change] = save(world, console(world, False)).changes
    window(world, "effective_until = effective_until + interval '1 day'")
    reconcile.repair()
    assert world.console().effective_until == change.due_at
    pass_time((change.due_at - database_now()).total_seconds())
    assert not may_enter(world.agent, world.customer)


def test_a_waiting_wish_is_no_reason_to_open(world: World) -> None:
    closed(world)
    save(world, console(world, True))
    window(world, "effective_until = NULL")
    reconcile.repair()
    assert not may_enter(world.agent, world.customer)
    propagate()
    assert may_enter(world.agent, world.customer)


def test_a_subscription_is_repaired_too(world: World) -> None:
    save(world, own(world, True))
    propagate()
    save(world, own(world, False))
    propagate()
    sql("UPDATE subscriptions_accessgrant SET effective_until = NULL WHERE id = %s", world.opened().pk)
    assert visible(world.agent, world.customer) == {world.sold.pk, world.own.pk}
    assert reconcile.repair()[Kind.WINDOW] == 1
    assert visible(world.agent, world.customer) == {world.sold.pk}


def test_A2_an_event_too_many_is_reported_for_a_person_and_left_alone(world: World) -> None:
    change = AccessChange.objects.get(grant=world.console())
    sql(
        "INSERT INTO accounts_auditevent (name, actor_kind, actor_email, actor_organisation, on_behalf_of, subject,"
        " access_change_id) VALUES ('RESELLER_ACCESS_SUPERSEDED', 'system', '', '', '', '', %s)",
        change.pk,
    )
    count = AuditEvent.objects.count()
    for option in ("--check", "--apply", "--check"):
        status, printed = command(option)
        assert (status, str(Kind.DOUBLE) in printed, str(change.pk) in printed) == (1, True, True)
    assert AuditEvent.objects.count() == count


def test_an_event_that_is_written_later_says_who_wished_it(world: World) -> None:
    [change] = save(world, console(world, False)).changes
    for gone in (False, True):
        if gone:
            world.admin.user.delete()
        forget(world, "CHANGE_RESELLER_ACCESS")
        reconcile.repair()
        event = AuditEvent.objects.get(access_change_id=change.pk)
        assert (event.actor_email, event.subject) == (change.requested_by_email, world.reseller.name)
        assert (event.old_value, event.new_value["allowed"]) == ({"allowed": True}, False)


def test_what_still_fails_stays_reported(world: World) -> None:
    closing(world)
    refuse_events_of(world.console())
    pass_time(2 * DAY)
    status, printed = command("--apply")
    assert (status, str(Kind.OVERDUE) in printed) == (1, True)
    refuse_events_of(None)
    assert command("--apply")[0] == 0


def test_many_rows_are_repaired_batch_by_batch(world: World, stranger: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "BATCH", 1)
    for one in (world, stranger):
        forget(one, "CHANGE_RESELLER_ACCESS")
        window(one, "effective_from = NULL")
    [found, events] = reconcile.check()
    assert (found.kind, found.count, events.kind, events.count) == (Kind.WINDOW, 2, Kind.NO_REQUEST, 2)
    assert reconcile.repair() == {
        Kind.OVERDUE: 0,
        Kind.WINDOW: 2,
        Kind.LEVEL: 0,
        Kind.ACTIVATION: 0,
        Kind.NO_REQUEST: 2,
        Kind.NO_END: 0,
    }
    assert reconcile.check() == []
