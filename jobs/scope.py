"""Which jobs a person sees: by default none."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from accounts.models import Customer, Job, JobLine, User
from accounts.models.jobs import JobKind, LineOutcome
from accounts.permissions import Permission
from accounts.roles import ALL_CUSTOMERS_ROLES, Role
from subscriptions.access.scope import relations_of

# What it takes to see a job of each kind, with the rows that it names.
_SEEN_WITH = {
    JobKind.IMPORT_USERS: Permission.VIEW_USERS,
    JobKind.CHANGE_USERS: Permission.VIEW_USERS,
    JobKind.IMPORT_DEVICES: Permission.VIEW_DEVICES,
    JobKind.CHANGE_DEVICES: Permission.VIEW_DEVICES,
    JobKind.CHANGE_GROUPS: Permission.VIEW_GROUPS,
}


def jobs_in_console(person: User, customer: Customer, permissions: Iterable[Permission]) -> QuerySet[Job]:
    """Return the jobs of one customer that someone in its console sees.

    The customer's own admins see all of them, also those of resellers (R15). A reseller's agent sees their own only:
    the files of others hold lists of people that it may not download (R14).
    """
    held = frozenset(permissions)
    jobs = Job.objects.filter(customer=customer, kind__in=[kind for kind, seen in _SEEN_WITH.items() if seen in held])
    return jobs if person.customer_id == customer.pk else jobs.filter(requested_by=person)


def jobs_of_reseller(person: User) -> QuerySet[Job]:
    """Return the jobs on a reseller's own pages that one of its people sees: admins all of them, others their own."""
    jobs = Job.objects.filter(reseller__isnull=False, reseller=person.reseller_id)
    return jobs if Role.RESELLER_ADMIN in person.roles else jobs.filter(requested_by=person)


def lines_of_reseller(job: Job, person: User, *, only_refused: bool = False) -> QuerySet[JobLine]:
    """Return the lines of such a job: of the customers that its reader works for at this instant (P4)."""
    lines = lines_of(job, only_refused=only_refused)
    if person.roles & ALL_CUSTOMERS_ROLES:
        return lines
    return lines.filter(data__customer__in=list(relations_of(person).values_list("customer", flat=True)))


def may_download(job: Job, person: User, permissions: Iterable[Permission]) -> bool:
    """Tell whether a person who sees a job may take its lines away as a file.

    A file that this person uploaded, always: it says what it said, with outcomes. Any other, and the lines of a bulk
    change, are a list of people that someone else made: that takes the right to download the list of users (P3, R14).
    """
    is_own_file = job.kind in {JobKind.IMPORT_USERS, JobKind.IMPORT_DEVICES} and job.requested_by_id == person.pk
    return is_own_file or Permission.EXPORT_USERS in frozenset(permissions)


def lines_of(job: Job, *, only_refused: bool = False) -> QuerySet[JobLine]:
    """Return the lines of a job that someone sees."""
    lines = JobLine.objects.filter(job=job)
    return lines.filter(outcome=LineOutcome.REFUSED) if only_refused else lines
