"""Which jobs a person sees: by default none."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from accounts.models import Customer, Job, JobLine, User
from accounts.models.jobs import JobKind, LineOutcome
from accounts.permissions import Permission

# What it takes to see a job of each kind, with the rows that it names.
_SEEN_WITH = {
    JobKind.IMPORT_USERS: Permission.VIEW_USERS,
    JobKind.CHANGE_USERS: Permission.VIEW_USERS,
    JobKind.IMPORT_DEVICES: Permission.VIEW_DEVICES,
}


def jobs_in_console(person: User, customer: Customer, permissions: Iterable[Permission]) -> QuerySet[Job]:
    """Return the jobs of one customer that someone in its console sees.

    The customer's own admins see all of them, also those of resellers (R15). A reseller's agent sees their own only:
    the files of others hold lists of people that it may not download (R14).
    """
    held = frozenset(permissions)
    jobs = Job.objects.filter(customer=customer, kind__in=[kind for kind, seen in _SEEN_WITH.items() if seen in held])
    return jobs if person.customer_id == customer.pk else jobs.filter(requested_by=person)


def may_download(job: Job, person: User, permissions: Iterable[Permission]) -> bool:
    """Tell whether a person who sees a job may take its lines away as a file.

    A file that this person uploaded, always: it says what it said, with outcomes. Any other, and the lines of a bulk
    change, are a list of people that someone else made: that takes the right to download the list of users (P3, R14).
    """
    is_own_file = job.kind != JobKind.CHANGE_USERS and job.requested_by_id == person.pk
    return is_own_file or Permission.EXPORT_USERS in frozenset(permissions)


def lines_of(job: Job, *, only_refused: bool = False) -> QuerySet[JobLine]:
    """Return the lines of a job that someone sees."""
    lines = JobLine.objects.filter(job=job)
    return lines.filter(outcome=LineOutcome.REFUSED) if only_refused else lines
