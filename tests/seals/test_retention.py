"""Months that are kept no longer are dropped by the owner's command; their seals stay and verify (A5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from accounts.models import AuditEvent, DroppedMonths, Notification, Seal
from accounts.seals.proofs import proof_of
from reseller_console.local.postgres import OWNER
from subscriptions.access import reconcile
from tests import servers
from tests.access.world import make_world
from tests.seals.log import EVENTS, Log, run

BEFORE = f"{EVENTS}_before"
OLD = "old_months_of_a_test"


@pytest.fixture
def aged(log: Log, settings: Settings) -> Iterator[list[int]]:
    """A log whose first month ended two years ago, with a world of events in it; ten more are of now."""
    settings.AUDIT_RETENTION = 12
    make_world()
    log.write(5)
    log.tamper(f"UPDATE {EVENTS} SET at = at - interval '3 years'")
    # As old as their events.
    log.tamper(
        "UPDATE subscriptions_accesschange SET requested_at = requested_at - interval '3 years',"
        " settled_at = settled_at - interval '3 years'"
    )
    bound, end = f"{datetime.now(UTC).year - 2}-01-01", _end_of_before(log)
    run(
        log.server,
        f"ALTER TABLE {EVENTS} DETACH PARTITION {BEFORE}; ALTER TABLE {BEFORE} RENAME TO {OLD};"
        f"CREATE TABLE {BEFORE} (LIKE {OLD} INCLUDING ALL);"
        f"ALTER TABLE {EVENTS} ATTACH PARTITION {OLD} FOR VALUES FROM (MINVALUE) TO ('{bound}');"
        f"ALTER TABLE {EVENTS} ATTACH PARTITION {BEFORE} FOR VALUES FROM ('{bound}') TO ('{end}');"
        f"ALTER TABLE {OLD} OWNER TO {OWNER}; ALTER TABLE {BEFORE} OWNER TO {OWNER}",
    )
    yield [*AuditEvent.objects.order_by("id").values_list("pk", flat=True), *log.write(10)]
    connection.close()
    run(
        log.server,
        f"DROP TABLE IF EXISTS {OLD}; ALTER TABLE {EVENTS} DETACH PARTITION {BEFORE};"
        f"ALTER TABLE {EVENTS} ATTACH PARTITION {BEFORE} FOR VALUES FROM (MINVALUE) TO ('{end}')",
    )


def _end_of_before(log: Log) -> str:
    [(bound,)] = run(
        log.server,
        "SELECT (regexp_match(pg_get_expr(relpartbound, oid), 'TO \\(''([^'']+)''\\)'))[1] FROM pg_class"
        f" WHERE relname = '{BEFORE}'",
    )
    return str(bound)


def drop(*words: str) -> str:
    output = StringIO()
    with servers.connected_as(OWNER):
        call_command("drop_old_audit_partitions", *words, stdout=output)
    return output.getvalue()


def test_A5_old_months_are_dropped_and_their_seals_stay_and_verify(log: Log, aged: list[int]) -> None:
    assert drop("--check") == f"{OLD}\n"
    with pytest.raises(CommandError, match="events that no seal holds yet"):
        drop()
    log.seal()
    told = Notification.objects.filter(event_id__in=aged[:-10]).count()
    seals, events = Seal.objects.count(), AuditEvent.objects.count()
    went = len(aged) - 10
    assert drop().startswith(f"{went} events were dropped.")
    assert AuditEvent.objects.count() == events - went + 1
    assert Seal.objects.count() == seals
    assert Notification.objects.filter(event_id__in=aged[:-10]).count() == 0 <= told
    log.seal()
    verdict = log.verdict()
    assert (verdict.problems, verdict.events, verdict.dropped) == ([], 11, went)
    [note] = verdict.notes
    assert note.startswith(f"{went} events of before ") and "kept only as seals" in note
    assert proof_of(AuditEvent.objects.get(pk=aged[-1]))["path"], "what is left of a seal has its proof"
    # The doctor does not miss what was dropped, and writes none of it again.
    missed = {reconcile.Kind.NO_REQUEST, reconcile.Kind.NO_END, reconcile.Kind.DOUBLE}
    assert not missed & {finding.kind for finding in reconcile.check()}
    assert drop().startswith("0 events were dropped.")
    assert DroppedMonths.objects.count() == 1


def test_A5_what_was_not_dropped_is_missed_all_the_same(log: Log, aged: list[int]) -> None:
    log.seal()
    drop()
    log.seal()
    log.tamper(f"DELETE FROM {EVENTS} WHERE id = %s", aged[-3])
    assert log.first_problem().startswith(f"event {aged[-3]} of ")


def test_A5_a_drop_that_no_event_tells_of_is_no_drop(log: Log, aged: list[int]) -> None:
    log.seal()
    log.tamper(f"DELETE FROM {EVENTS} WHERE id = %s", aged[0])
    log.tamper("INSERT INTO accounts_droppedmonths (before, events, event_id) VALUES (now(), 1, %s)", aged[-1])
    assert log.first_problem().startswith(f"event {aged[0]} of ")


def test_A5_an_event_that_was_removed_beside_a_drop_is_counted(log: Log, aged: list[int]) -> None:
    went = len(aged) - 10
    log.seal()
    drop()
    log.seal()
    assert not log.verdict().problems
    row = DroppedMonths.objects.get()
    # A later day is written into the row and its event alike: then nothing of before it would be missed.
    later = "2100-01-01T00:00:00+00:00"
    log.tamper("UPDATE accounts_droppedmonths SET before = %s", later)
    log.tamper(
        f"UPDATE {EVENTS} SET new_value = jsonb_set(new_value, '{{before}}', to_jsonb(%s::text)) WHERE id = %s",
        later,
        row.event_id,
    )
    log.tamper(f"DELETE FROM {EVENTS} WHERE id = %s", aged[-3])
    assert f"{went + 1} events of before 2100-01-01 are missing, and {went} were dropped" in log.verdict().problems


def test_A5_the_log_is_kept_for_ever_unless_a_setting_says_otherwise(
    log: Log, aged: list[int], settings: Settings
) -> None:
    log.seal()
    settings.AUDIT_RETENTION = 0
    with pytest.raises(CommandError, match="kept for ever"):
        drop()
    assert "No month is older" in drop("--check")
    settings.AUDIT_RETENTION = 60
    assert drop().startswith("0 events were dropped.")


def test_A2_the_application_cannot_drop_months(log: Log, aged: list[int]) -> None:
    log.seal()
    with pytest.raises(Exception, match=r"permission denied|must be owner"):
        call_command("drop_old_audit_partitions")
    assert AuditEvent.objects.count() == len(aged)
