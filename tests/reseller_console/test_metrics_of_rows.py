"""What Prometheus is told of the rows: of changes, sweeps, mails and jobs, and what a scrape may cost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.background import heartbeats, sweeping
from accounts.event_families import Family
from accounts.mail import post
from accounts.models import Heartbeat, Job, Mail, Sealing, Sweep, WebhookEndpoint
from accounts.models.jobs import JobKind, JobStatus
from accounts.models.mail import DropReason
from accounts.models.webhooks import PausedBecause
from accounts.roles import Role
from accounts.seals.status import say_looked
from accounts.webhooks.asking import send_test
from reseller_console.metrics import asked
from subscriptions.access import propagation, timing
from subscriptions.models import AccessChange
from tests.access.boxes import own, save
from tests.access.world import make_world
from tests.accounts.webhooks.receiver import listen
from tests.factories import put_customer, put_person
from tests.reseller_console.metrics import Series, a_token_is_set, numbers, rows, scrape, value

__all__ = ["a_token_is_set", "rows"]

pytestmark = pytest.mark.django_db
# Nothing listens there.
URL = "http://127.0.0.1:1/"


def of_rows() -> dict[Series, float]:
    return numbers(asked.read())


def test_R7_R8_access_changes_are_told_as_the_rows_have_them() -> None:
    world = make_world()
    before = of_rows()
    assert value(before, "console_access_changes_overdue") == 0
    save(world, own(world, True))
    AccessChange.objects.filter(settled_at=None).update(
        due_at=Now() - timedelta(minutes=9), next_attempt_at=Now() - timedelta(minutes=9)
    )
    found = of_rows()
    assert value(found, "console_access_changes_overdue") == 1
    assert value(found, "console_access_change_overdue_seconds") == pytest.approx(540, abs=20)
    given = {"kind": "given"}
    assert propagation.apply_due_changes() == 1
    found = of_rows()
    name = "console_access_change_delay_seconds"
    for step, grown in (("300.0", 0), ("900.0", 1), ("+Inf", 1)):
        assert value(found, f"{name}_bucket", le=step, **given) - value(before, f"{name}_bucket", le=step, **given) == (
            grown
        )
    assert value(found, f"{name}_count", **given) == value(before, f"{name}_count", **given) + 1
    assert value(found, f"{name}_sum", **given) - value(before, f"{name}_sum", **given) == pytest.approx(540, abs=20)
    AccessChange.objects.filter(outcome="applied").update(outcome="failed", failure_reason="gave_up")
    assert value(of_rows(), "console_access_changes_failed") == timing.failed() > 0
    assert value(found, "console_revocations_still_open") == 0


def test_sweeps_and_workers_are_told_by_kind_and_one_that_never_was_is_older_than_any_limit() -> None:
    Sweep.objects.all().delete()
    Heartbeat.objects.all().delete()
    found = of_rows()
    for kind, sweep in settings.SWEEPS.items():
        assert value(found, "console_sweep_age_seconds", kind=kind) == float("inf")
        assert value(found, "console_sweep_interval_seconds", kind=kind) == sweep.interval
        assert value(found, "console_heartbeat_age_seconds", who=kind) == float("inf")
    sweeping.claim("mail", 15)
    Sweep.objects.update(ended_at=Now() - timedelta(seconds=90))
    heartbeats.beat(["mail"])
    found = of_rows()
    assert value(found, "console_sweep_age_seconds", kind="mail") == pytest.approx(90, abs=5)
    assert value(found, "console_heartbeat_age_seconds", who="mail") < 5


def test_mails_that_wait_and_mails_that_were_given_up() -> None:
    people = [put_person(put_customer(), Role.SUPER_ADMIN) for _ in range(3)]
    post.queue("password_reset", people, nudge=False)
    first, second, third = Mail.objects.order_by("pk")
    Mail.objects.filter(pk=first.pk).update(
        queued_at=F("queued_at") - timedelta(hours=2), next_attempt_at=Now() + timedelta(minutes=30), attempts=5
    )
    Mail.objects.filter(pk=second.pk).update(dropped_because=DropReason.GAVE_UP)
    Mail.objects.filter(pk=third.pk).update(sent_at=Now())
    found = of_rows()
    assert value(found, "console_mails_waiting") == 1
    assert value(found, "console_mail_waiting_seconds") == pytest.approx(7200, abs=20)
    assert value(found, "console_mails_given_up") == 1


def test_X6_messages_that_wait_those_that_are_late_and_webhooks_that_fail() -> None:
    ana = put_person(put_customer(), Role.SUPER_ADMIN)
    answers, silent, failing = (listen(ana, URL, Family.SUPPORT, name=name)[0] for name in "abc")
    for endpoint in (answers, silent, failing):
        send_test(actor=Actor(user=ana), endpoint=endpoint)
    late = {answers: 10, silent: 60, failing: 600}
    for endpoint, minutes in late.items():
        endpoint.deliveries.update(next_attempt_at=Now() - timedelta(minutes=minutes))
    # It does not answer, and is left alone for a while: what waits for it is nobody's work now.
    WebhookEndpoint.objects.filter(pk=silent.pk).update(failures=3, held_until=Now() + timedelta(minutes=1))
    WebhookEndpoint.objects.filter(pk=failing.pk).update(paused_at=Now(), paused_because=PausedBecause.FAILING)
    found = of_rows()
    assert value(found, "console_webhooks_waiting") == 2
    assert value(found, "console_webhook_late_seconds") == pytest.approx(600, abs=20)
    assert value(found, "console_webhooks_failing") == 1


def job(status: JobStatus, **more: Any) -> Job:
    customer = put_customer()
    return Job.objects.create(
        customer=customer,
        kind=JobKind.IMPORT_USERS,
        status=status,
        requested_by=put_person(customer, Role.SUPER_ADMIN),
        **more,
    )


def test_jobs_that_wait_run_and_failed() -> None:
    now = Now()
    job(JobStatus.CHECKING)
    job(JobStatus.RUNNING, requested_at=now - timedelta(hours=1), next_attempt_at=now - timedelta(minutes=20))
    job(JobStatus.READY, requested_at=now - timedelta(days=1), next_attempt_at=now - timedelta(days=1))
    job(JobStatus.FAILED, attempts=6, finished_at=now)
    job(JobStatus.FAILED, finished_at=now)
    found = of_rows()
    assert [value(found, "console_jobs", status=status) for status in ("checking", "queued", "running")] == [1, 0, 1]
    assert value(found, "console_job_age_seconds") == pytest.approx(3600, abs=20)
    assert value(found, "console_job_waiting_seconds") == pytest.approx(1200, abs=20)
    assert value(found, "console_jobs_failed") == 1, "a file that was refused is no failure of ours"


def test_the_audit_log_says_for_how_long_it_has_tables() -> None:
    assert value(of_rows(), "console_audit_log_days") > 300


def test_A5_what_waits_for_its_seal_is_told_and_how_long_nobody_has_looked() -> None:
    """What this transaction writes is not final, and waits for no seal yet: tests/seals/ has a log that is."""
    Sealing.objects.all().delete()
    before = of_rows()
    assert value(before, "console_sealer_age_seconds") == float("inf")
    assert value(before, "console_seal_age_seconds") == float("inf")
    put_customer()
    assert value(of_rows(), "console_events_unsealed") == value(before, "console_events_unsealed")
    say_looked(outside_away=False, stopped=None)
    Sealing.objects.update(looked_at=Now() - timedelta(minutes=7))
    assert value(of_rows(), "console_sealer_age_seconds") == pytest.approx(420, abs=5)


def test_a_part_that_fails_leaves_the_others_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = []

    def slow() -> Iterator[Any]:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            limits.append(cursor.fetchone()[0])
            cursor.execute("SELECT pg_sleep(20)")
        yield

    monkeypatch.setattr("accounts.database.time_limits.BRIEF_STATEMENT", 1)
    monkeypatch.setitem(asked.PARTS, "mail", slow)
    found = of_rows()
    assert limits == ["1s"], "far below that of a page"
    assert {part: value(found, "console_database_part_up", part=part) for part in asked.PARTS} == {
        **dict.fromkeys(asked.PARTS, 1.0),
        "mail": 0.0,
    }
    assert value(found, "console_database_up") == 1
    assert value(found, "console_audit_log_days") > 300
    assert not [name for name, _labels in found if "mail" in name]


def test_with_the_database_away_what_was_counted_is_told_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("on purpose")

    monkeypatch.setattr(connection, "ensure_connection", away)
    monkeypatch.setattr("reseller_console.metrics.answering.asked", lambda: list(asked.read()))
    found = scrape()
    assert found["console_database_up", ()] == 0
    assert ("console_requests_in_progress", ()) in found


def test_a_database_that_hangs_holds_up_no_scrape(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor the next one, which finds the first still asking."""
    go_on = threading.Event()

    def hangs() -> Iterator[Any]:
        go_on.wait(30)
        yield from ()

    monkeypatch.setattr(asked, "PATIENCE", 0.2)
    monkeypatch.setattr(asked, "read", hangs)
    try:
        for _ in range(2):
            found = scrape()
            assert found["console_database_up", ()] == 0
            assert ("console_requests_in_progress", ()) in found
        assert [thread.name for thread in threading.enumerate()].count("metrics") == 1
    finally:
        go_on.set()
    for thread in threading.enumerate():
        if thread.name == "metrics":
            thread.join(10)


# Statements of one scrape, with those that begin and end what each part asks in.
AT_MOST_STATEMENTS = 45


def test_a_scrape_asks_little_and_by_indexes_however_much_there_is() -> None:
    with CaptureQueriesContext(connection) as captured:
        of_rows()
    few = len(captured)
    assert few <= AT_MOST_STATEMENTS
    customer = put_customer()
    people = [put_person(customer) for _ in range(30)]
    post.queue("password_reset", people, nudge=False)
    with CaptureQueriesContext(connection) as captured:
        of_rows()
    assert len(captured) == few
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in captured.captured_queries:
            if not query["sql"].startswith("SELECT") or "accounts_mail" not in query["sql"]:
                continue
            cursor.execute(f"EXPLAIN {query['sql']}")
            assert "Seq Scan" not in "\n".join(line for (line,) in cursor.fetchall())


def test_more_than_we_look_at_is_at_least_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "AT_MOST", 2)
    customer = put_customer()
    post.queue("password_reset", [put_person(customer) for _ in range(5)], nudge=False)
    assert value(of_rows(), "console_mails_waiting") == 2


def test_errors_of_the_database_while_reading_are_no_error_of_the_page(
    rows: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Iterator[Any]:
        raise DatabaseError("on purpose")
        yield

    for part in asked.PARTS:
        monkeypatch.setitem(asked.PARTS, part, broken)
    found = scrape()
    assert value(found, "console_database_up") == 1
    assert {found["console_database_part_up", (("part", part),)] for part in asked.PARTS} == {0.0}
