"""Workers that die in the middle of an import, and a broker that is away: nothing lost, nothing doubled (A1)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from accounts.background.nudging import nudge
from accounts.models import Address, AuditEvent, Customer, Job, User
from accounts.models.event_names import EventName
from accounts.models.jobs import JobStatus, LineOutcome
from accounts.roles import Role
from jobs.starting import start_job
from tests.factories import make_customer, make_person
from tests.faults.crowd import another_session, eventually, waiting_for_a_lock
from tests.jobs.bulk_world import acting, again, upload
from tests.servers import CeleryWorker

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

LINES = 1_200
# What the test holds, so that the worker stands still inside the transaction of a batch.
STANDSTILLS = {
    "before the events of the first batch": ("LOCK TABLE accounts_auditevent IN SHARE MODE", 0),
    "before the outcomes of the second batch": ("SELECT FROM accounts_jobline WHERE number = 700 FOR UPDATE", 500),
}


@pytest.fixture
def started() -> Job:
    """An import of 1,200 people, checked and confirmed."""
    customer = make_customer("Acme", "acme.example")
    admin = make_person(customer, Role.SUPER_ADMIN, name="Alice")
    text = "name,email\n" + "".join(f"Person {n},p{n}@acme.example\n" for n in range(LINES))
    job = upload(admin, customer, text)
    return start_job(actor=acting(admin), job=job)


def made(customer: Customer) -> int:
    return User.objects.filter(customer=customer, email__startswith="p").count()


def assert_everybody_was_created_exactly_once(job: Job) -> None:
    eventually(lambda: again(job).status == JobStatus.DONE)
    assert (again(job).settled, again(job).arguments["outcomes"]) == (LINES, {"done": LINES})
    assert made(job.console) == LINES
    assert Address.objects.filter(email__startswith="p").count() == LINES
    subjects = AuditEvent.objects.filter(name=EventName.CREATE_USER, subject__startswith="p")
    assert subjects.count() == subjects.values("subject").distinct().count() == LINES
    assert not job.lines.exclude(outcome=LineOutcome.DONE).exists()


@pytest.mark.parametrize("where", STANDSTILLS)
def test_a_worker_killed_in_the_middle_of_a_batch_loses_and_doubles_nobody(
    start_worker: Callable[..., CeleryWorker], started: Job, where: str
) -> None:
    hold, done = STANDSTILLS[where]
    with another_session() as other:
        with other.cursor() as cursor:
            cursor.execute(hold)
        worker = start_worker()
        nudge("subscriptions.tasks.work_on_jobs")
        eventually(lambda: waiting_for_a_lock() == 1)
        worker.kill()
    eventually(lambda: waiting_for_a_lock() == 0)
    time.sleep(0.2)  # the session of the dead worker ends here, if it could still do anything
    assert (again(started).settled, made(started.console)) == (done, done)

    start_worker()
    nudge("subscriptions.tasks.work_on_jobs")

    assert_everybody_was_created_exactly_once(started)


def test_workers_at_once_share_the_work_and_double_nobody(
    start_worker: Callable[..., CeleryWorker], started: Job
) -> None:
    workers = [start_worker(wait=False, concurrency=2) for _ in "12"]
    for worker in workers:
        worker.wait_until_ready()
    for _ in range(8):
        nudge("subscriptions.tasks.work_on_jobs")
    assert_everybody_was_created_exactly_once(started)


def test_with_every_nudge_lost_the_sweep_finds_the_job(worker_and_beat: CeleryWorker, started: Job) -> None:
    assert worker_and_beat.pid
    assert_everybody_was_created_exactly_once(started)
