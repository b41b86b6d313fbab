"""What waits for workers, in the operators' console, and the health of the installation in words."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.background import heartbeats
from accounts.mail import post
from accounts.models import AuditEvent, Heartbeat, Job, Mail, Sealing, Sweep, User
from accounts.models.jobs import JobKind, JobStatus
from accounts.models.mail import DropReason
from accounts.organisations import VENDOR
from accounts.retrying_mails import retry_given_up_mails
from accounts.roles import Role
from accounts.seals.status import Trouble, say_looked
from subscriptions.queues import queues
from tests.client import lines_of, main_text_of
from tests.factories import make_customer, make_person, put_person
from tests.reseller_console.operations import OPERATIONS
from web.readiness import JUDGED
from web.vendor.health import ADVICE, IN_GENERAL, LABELS, RUNBOOK, parts_of
from web.vendor.queues import LABELS as QUEUES

PAGE = "/operations/queues/"
GREYLISTED = "{'wilma@acme.example': (450, b'greylisted by <postmaster@mx.acme.example>, later')}"


@pytest.fixture
def job(db: None) -> Job:
    customer = make_customer("Acme")
    person = make_person(customer, Role.USER_MANAGEMENT_ADMIN)
    asked_at = Now() - timedelta(hours=2)
    return Job.objects.create(
        customer=customer,
        kind=JobKind.IMPORT_USERS,
        status=JobStatus.QUEUED,
        requested_by=person,
        requested_at=asked_at,
        total=9,
    )


def test_every_kind_of_work_has_a_name() -> None:
    assert QUEUES.keys() == settings.SWEEPS.keys()


def test_each_kind_says_what_waits_since_when_and_whether_a_worker_is_there(client: Client, job: Job) -> None:
    Sweep.objects.all().delete()
    Heartbeat.objects.all().delete()
    heartbeats.beat(["jobs"])
    Sweep.objects.create(name="jobs", ended_at=Now() - timedelta(days=1))
    Sweep.objects.create(name="mail", ended_at=Now())
    found = {queue.name: queue for queue in queues()}
    assert found["jobs"].waiting is not None
    assert (found["jobs"].waiting.number, found["jobs"].waiting.since) == (1, Job.objects.get().requested_at)
    assert (found["jobs"].is_late, found["jobs"].has_worker) == (True, True)
    assert (found["mail"].is_late, found["mail"].has_worker) == (False, False)
    assert (found["access"].is_late, found["access"].ended_at) == (True, None)
    assert found["reviews"].waiting is None
    lines = lines_of(client.get(PAGE))
    [line] = [line for line in lines if line.startswith("Files and bulk changes")]
    assert re.search(r" 1 2.hours ago .*Late At work", line)


def test_a_job_is_stopped_in_the_operator_s_name(client: Client, operator: User, job: Job) -> None:
    client.post(reverse("operations_job_stop", args=[job.pk]))
    job.refresh_from_db()
    assert job.status == JobStatus.STOPPED
    event = AuditEvent.objects.get(name="BULK_STOPPED", customer_id=job.customer_id)
    assert (event.actor_email, event.actor_kind) == (operator.email, "vendor")


def test_a_job_that_failed_through_us_is_shown_for_seven_days(client: Client, job: Job) -> None:
    failed = "1 job has failed through us"
    Job.objects.update(status=JobStatus.FAILED, attempts=3, finished_at=Now() - timedelta(days=6, hours=23))
    assert failed in main_text_of(client.get("/operations/"))
    assert "Acme" in main_text_of(client.get(PAGE))
    Job.objects.update(finished_at=Now() - timedelta(days=7, minutes=1))
    assert failed not in main_text_of(client.get("/operations/"))
    assert "none has failed through us in the last 7 days" in main_text_of(client.get(PAGE))


def test_mails_that_were_given_up_are_sent_again(client: Client, operator: User) -> None:
    people = [make_person(make_customer("Acme"), Role.AUDITOR) for _ in range(2)]
    post.queue("password_reset", people, nudge=False)
    first, second = Mail.objects.order_by("pk")
    Mail.objects.filter(pk=first.pk).update(dropped_because=DropReason.GAVE_UP, attempts=10, error=GREYLISTED)
    Mail.objects.filter(pk=second.pk).update(dropped_because=DropReason.REFUSED)
    page = main_text_of(client.get(PAGE))
    assert "{'…': (450, b'greylisted by <…>, later')}" in unescape(page)
    assert people[0].email not in page
    assert "@" not in page, "nor what the mail server calls them"
    client.post(reverse("operations_mails_retry"))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.dropped_because, first.attempts) == ("", 0)
    assert second.dropped_because == DropReason.REFUSED
    assert AuditEvent.objects.get(name="RETRY_MAILS").new_value == {"mails": 1}
    with pytest.raises(PermissionDenied):
        retry_given_up_mails(actor=Actor(put_person(VENDOR, Role.VENDOR_SUPPORT)))


def test_a_look_for_no_kind_of_work_is_404(client: Client) -> None:
    assert client.post(reverse("operations_queue_look", args=["nothing"])).status_code == 404


def test_everything_that_readiness_says_has_words_and_stands_in_the_guide() -> None:
    section = OPERATIONS.split(f"\n## {IN_GENERAL}\n")[1].split("\n## ")[0]
    said = set(re.findall(r"^\| `(\w+): (\w+)`", section, re.MULTILINE))
    assert said | {("clock", "warning")} == set(ADVICE)
    assert set(JUDGED) <= LABELS.keys()
    for place in RUNBOOK.values():
        assert f"\n#### {place}\n" in OPERATIONS


def test_what_fails_stands_first_with_what_to_do(client: Client) -> None:
    well = dict.fromkeys(LABELS, "ok")
    parts = parts_of(well | {"seals": "no_sealer", "workers": "away", "migrations": "newer"})
    assert [(part.name, part.fails) for part in parts[:3]] == [
        ("workers", True),
        ("migrations", False),
        ("seals", False),
    ]
    assert all(part.is_well for part in parts[3:])
    say_looked(outside_away=False, stopped=Trouble.BROKEN)
    Sealing.objects.update(stopped_since="2026-01-02T03:04Z")
    [line] = [line for line in lines_of(client.get("/operations/health/")) if line.startswith("Seals")]
    assert "“manage.py verify_audit” says which." in line
    assert "ConsoleNotSealed" in line
    assert "2026" in line
    home = main_text_of(client.get("/operations/"))
    assert "Seals of the audit log" in home
