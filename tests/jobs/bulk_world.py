"""What tests of jobs need: a directory with a tree, people who act, and a worker's turn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from accounts.actor import Actor
from accounts.console_sessions.windows import window_of
from accounts.models import ConsoleSession, Customer, Job, JobLine, User
from accounts.models.jobs import JobKind
from jobs import running
from jobs.encodings import decode
from jobs.starting import start_job, upload_file
from tests.factories import fresh
from tests.subscriptions.lifecycle_world import PLUS

# What is chosen beside a change of several customers.
BESIDE: dict[str, Any] = {
    "level": "",
    "lasts": None,
    "reason": "",
    "sku": PLUS,
    "seats": 5,
    "way": "add",
    "renewal": "",
    "agent": None,
    "team": None,
    "group": None,
}


def acting(person: User) -> Actor:
    return Actor(fresh(person), "192.0.2.7")


def inside(person: User, customer: Customer) -> Actor:
    """The person at work in a console; an external user has entered it (R15)."""
    actor, window = acting(person), window_of(person, customer)
    if window is None or person.reseller is None:
        return actor
    entered = ConsoleSession.objects.filter(agent=person, customer=customer, window=window.name).first()
    entered = entered or ConsoleSession.objects.create(
        customer=customer,
        reseller=person.reseller,
        agent=person,
        session_key=window.name[:40],
        window=window.name,
        as_support_partner=window.as_support_partner,
    )
    return replace(actor, console_session_id=entered.pk)


def upload(person: User, customer: Customer, text: str, kind: JobKind = JobKind.IMPORT_USERS) -> Job:
    """Upload a file and let a worker check it."""
    job = upload_file(
        actor=inside(person, customer), customer=customer, kind=kind, file_name="people.csv", text=decode(text.encode())
    )
    work()
    return again(job)


def run(person: User, job: Job) -> Job:
    """Start a checked file and let a worker do it."""
    start_job(actor=inside(person, job.console), job=job)
    work()
    return again(job)


def work() -> None:
    for _batch in running.batches():
        pass


def again(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def lines(job: Job) -> list[tuple[int, str, str, str]]:
    """Number, outcome, column and message of each line."""
    found = JobLine.objects.filter(job=job).order_by("number")
    return [(line.number, line.outcome, line.data.get("column", ""), line.message) for line in found]
