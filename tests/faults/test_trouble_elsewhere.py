"""Trouble with other work delays access changes by nothing: they take effect in time (R7, R8)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F, Max
from django.db.models.functions import Now
from pytest_django import Settings

from accounts.clock import database_now
from accounts.database.time_limits import LOCK, ROLE_LIMITS
from accounts.directory import deleting
from accounts.mail import post
from accounts.models import Customer, Job, JobLine, Mail, User
from accounts.models.jobs import UNSETTLED, JobStatus
from accounts.organisations import VENDOR
from accounts.roles import Role
from jobs.starting import start_job
from reseller_console.local.processes import Child
from subscriptions.access.effective import at_the_latest
from subscriptions.licensing import change_auto_licence
from subscriptions.models import AccessChange
from subscriptions.models.subscription import Plan, Status
from support import migration
from tests.access.boxes import console, save
from tests.access.world import make_world
from tests.factories import make_customer, put_person
from tests.factories import put_person as make_member
from tests.faults.crowd import another_session, begin_relations, eventually, waiting_for_a_lock
from tests.jobs.bulk_world import acting, again, upload
from tests.servers import SWEEP_INTERVAL, CeleryWorker
from tests.subscriptions.licence_world import STANDARD, having, order, root_of
from tests.subscriptions.lifecycle_world import days_pass, now, on_plan

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def silent_mail_server() -> Iterator[str]:
    """The EMAIL_URL of a server that accepts every connection and never says a word."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield f"smtp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    assert taken
    for one in taken:
        one.close()


def changes_become_due(number: int) -> None:
    """One after the other, in the next seconds, with nobody nudged."""
    begin_relations(number)
    with transaction.atomic():
        began = database_now()
        for n, change in enumerate(AccessChange.objects.order_by("pk"), start=1):
            due = began + timedelta(seconds=n / 2)
            AccessChange.objects.filter(pk=change.pk).update(requested_at=began, due_at=due, next_attempt_at=due)


def test_R8_a_mail_server_that_accepts_and_never_answers_delays_mail_only(
    start_worker: Callable[..., CeleryWorker], start_beat: Callable[..., Child], silent_mail_server: str
) -> None:
    environment = {"EMAIL_URL": silent_mail_server}
    start_worker("--exclude-queues", "mail", environment=environment)
    start_worker("--queues", "mail", environment=environment)
    person = put_person(VENDOR, Role.SUPER_ADMIN)
    for _ in range(12):
        post.queue("password_reset", [person])
    start_beat()
    eventually(lambda: bool(Mail.objects.aggregate(most=Max("attempts"))["most"]))
    changes_become_due(12)
    eventually(lambda: not AccessChange.objects.filter(settled_at=None).exists())
    # Each mail takes five seconds: the changes of six seconds did not wait for twelve of them, nor for half.
    last = AccessChange.objects.order_by("settled_at").last().settled_at
    assert Mail.objects.filter(claimed_at__lt=last).count() < 6
    assert Mail.objects.filter(sent_at=None, dropped_because="").count() == 12


HUNG = 10


def jobs_with_trouble(customer: Customer, admin: User) -> list[Job]:
    """Files with one new user each, confirmed; the line of the last one is none that a worker can read."""
    lines = [f"Nina New,nina{number}@{customer.primary_domain}" for number in range(HUNG + 1)]
    checked = [upload(admin, customer, f"name,email\n{line}\n") for line in lines]
    jobs = [start_job(actor=acting(admin), job=job) for job in checked]
    JobLine.objects.filter(job=jobs[-1]).update(data={})
    return jobs


def test_R8_trouble_with_jobs_and_licences_delays_only_itself(
    start_worker: Callable[..., CeleryWorker], start_beat: Callable[..., Child]
) -> None:
    """One worker for everything, ten jobs that stand still until they may wait no longer, one that is an error."""
    customer, free = make_customer("Acme", "acme.example"), make_customer("Globex", "globex.example")
    admin = make_member(customer, Role.SUPER_ADMIN)
    *hung, broken = jobs_with_trouble(customer, admin)
    standard = order(customer, STANDARD)
    change_auto_licence(actor=acting(admin), subscription=standard, org_unit=root_of(customer), automatic=True)
    trial = days_pass(on_plan(free, None, Plan.TRIAL), 31)
    with another_session() as other:
        with other.cursor() as cursor:
            cursor.execute("SELECT FROM accounts_jobline WHERE job_id = ANY(%s) FOR UPDATE", [[j.pk for j in hung]])
            cursor.execute("SELECT FROM subscriptions_subscription WHERE id = %s FOR UPDATE", [standard.pk])
        start_worker()
        start_beat()
        eventually(lambda: waiting_for_a_lock() == 1)
        changes_become_due(6)
        post.queue("password_reset", [admin], nudge=False)
        eventually(lambda: not AccessChange.objects.filter(settled_at=None).exists())
        eventually(lambda: Mail.objects.filter(sent_at=None).count() == 0)
        eventually(lambda: now(trial).status == Status.SUSPENDED)
        assert {again(job).status for job in hung} <= set(UNSETTLED)
        assert having(standard) == set()
    late = AccessChange.objects.aggregate(most=Max(F("settled_at") - F("due_at")))["most"]
    assert late < timedelta(seconds=ROLE_LIMITS[LOCK] * HUNG / 2), "half of what all of them stand still"

    Job.objects.update(next_attempt_at=Now())
    eventually(lambda: {again(job).status for job in hung} == {JobStatus.DONE})
    eventually(lambda: admin.pk in having(standard))
    assert (again(broken).attempts > 0, again(broken).settled) == (True, 0)


def test_R7_what_is_drawn_as_late_as_may_be_is_in_effect_by_the_promised_moment(
    start_worker: Callable[..., CeleryWorker], start_beat: Callable[..., Child], settings: Settings
) -> None:
    settings.ACCESS_SWEEP_INTERVAL = SWEEP_INTERVAL
    settings.ACCESS_PROPAGATION_MAX, settings.ACCESS_PROPAGATION_MEDIAN = 10, 10**9
    start_worker()
    start_beat()
    worlds = [make_world() for _ in range(5)]
    saved: list[int] = []
    for allowed in (False, True):
        saved = [change.pk for world in worlds for change in save(world, console(world, allowed)).changes]
        assert len(saved) == len(worlds)
        eventually(lambda: not AccessChange.objects.filter(settled_at=None).exists())
    given = AccessChange.objects.filter(pk__in=saved)
    assert all(change.settled_at and change.settled_at <= at_the_latest(change.requested_at) for change in given)


@pytest.mark.parametrize("sweep", ["purges", "moves"])
def test_a_customer_on_whom_somebody_works_holds_up_no_other(
    sweep: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CUSTOMER_CARE_MIGRATION_DATE = database_now().date()
    busy, free = make_customer("Acme", "acme.example"), make_customer("Globex", "globex.example")
    long_ago = database_now() - timedelta(days=21)
    for customer in (busy, free):
        person = make_member(customer)
        User.objects.filter(pk=person.pk).update(is_active=False, deleted_at=long_ago)

    def steps() -> int:
        return sum(deleting.purges(actor=None) if sweep == "purges" else migration.moves())

    with another_session() as other:
        with other.cursor() as cursor:
            cursor.execute("SELECT FROM accounts_customer WHERE id = %s FOR NO KEY UPDATE", [busy.pk])
        with connection.cursor() as ours:
            ours.execute("SET lock_timeout = '5s'")  # so that waiting is an error, not the end of the test
        assert steps() == 1
        other.rollback()  # a session that is only closed keeps its lock for a moment more
    assert "failed" not in caplog.text
    assert steps() == 1
