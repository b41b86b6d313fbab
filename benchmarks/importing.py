"""10,000 users imported from a file, against the same rows copied into the tables by hand in the same run."""

from __future__ import annotations

import io
import itertools
import time
from collections.abc import Iterator

from django.db import connection, transaction

from accounts import organisations
from accounts.actor import Actor
from accounts.directory import people
from accounts.models import Customer, Job, User
from accounts.models.jobs import JobKind, JobStatus
from accounts.roles import Role
from jobs import running
from jobs.starting import start_job, upload_file

USERS, ROUNDS = 10_000, 3
USER_COLUMNS = """accounts_user (id, password, email, name, sort_name, customer_id, org_unit_id, is_vendor, is_active,
    must_change_password, language, theme, time_zone)"""
ADDRESS_COLUMNS = "accounts_address (email, user_id)"
EVENT_COLUMNS = """accounts_auditevent (name, actor_kind, actor_id, actor_email, actor_organisation, on_behalf_of,
    customer_id, subject, new_value)"""

_numbers = itertools.count()


def new_admin() -> tuple[Customer, User]:
    """Make a customer with one super admin."""
    domain = f"import{next(_numbers)}.example"
    customer = organisations.create_customer(actor=None, name=domain, primary_domain=domain)
    admin = people.create_user(
        actor=None, organisation=customer, email=f"admin@{domain}", name="Admin", roles=[Role.SUPER_ADMIN]
    )
    return customer, admin


def imported() -> tuple[float, float, int]:
    """Return the seconds that checking and running take in one worker process, and how often progress is saved."""
    customer, admin = new_admin()
    lines = (f"Person {n},person{n}@{customer.primary_domain},/\n" for n in range(USERS))
    text = "name,email,org_unit\n" + "".join(lines)
    job = upload_file(
        actor=Actor(admin), customer=customer, kind=JobKind.IMPORT_USERS, file_name="people.csv", text=text
    )
    checked = timed(JobStatus.READY, job)
    start_job(actor=Actor(admin), job=Job.objects.get(pk=job.pk))
    seen = set(progress(job))
    return checked, sum(seconds for _settled, seconds in seen), len(seen)


def timed(status: JobStatus, job: Job) -> float:
    """Work until a job has that status; return the seconds."""
    began = time.perf_counter()
    while Job.objects.get(pk=job.pk).status != status:
        next(running.batches())
    return time.perf_counter() - began


def progress(job: Job) -> Iterator[tuple[int, float]]:
    """Work batch by batch; yield what the page would show behind each, and the seconds of the batch."""
    while (now := Job.objects.get(pk=job.pk)).status != JobStatus.DONE:
        began = time.perf_counter()
        next(running.batches())
        yield now.settled, time.perf_counter() - began


def copied() -> float:
    """Return the seconds that COPY takes for the same users, addresses and events, in one transaction."""
    customer, admin = new_admin()
    # Beyond every id that the sequence will hand out in this run.
    first = 10_000_000 * (next(_numbers) + 1)
    mails = [f"person{n}@{customer.primary_domain}" for n in range(USERS)]
    users = "".join(
        f"{first + n}\t!\t{mail}\tPerson {n}\tperson {n}\t{customer.pk}\t{admin.org_unit_id}\tf\tt\tf\t\tsystem\tUTC\n"
        for n, mail in enumerate(mails)
    )
    addresses = "".join(f"{mail}\t{first + n}\n" for n, mail in enumerate(mails))
    actor = f"customer\t{admin.pk}\t{admin.email}\t{customer.name}"
    events = "".join(f'CREATE_USER\t{actor}\t\t{customer.pk}\t{mail}\t{{"email": "{mail}"}}\n' for mail in mails)
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in ((USER_COLUMNS, users), (ADDRESS_COLUMNS, addresses), (EVENT_COLUMNS, events)):
            cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(rows))
    return time.perf_counter() - began


def run() -> None:
    """Print the medians of some rounds."""
    floors, rounds = [], []
    for _ in range(ROUNDS):
        floors.append(copied())
        rounds.append(imported())
    floor = sorted(floors)[ROUNDS // 2]
    checked, ran, saved = sorted(rounds, key=lambda one: one[1])[ROUNDS // 2]
    print(f"\n{USERS:,} users from a file, by one worker process")
    print(f"  {'COPY of the same users, addresses and events':<58} {floor:>8.2f} s    1.00 x")
    print(f"  {'checked, nothing written to the directory':<58} {checked:>8.2f} s {checked / floor:>7.2f} x")
    print(f"  {f'created in batches, progress saved {saved} times':<58} {ran:>8.2f} s {ran / floor:>7.2f} x")
