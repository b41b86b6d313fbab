"""The kinds of jobs: a file for each, and which is which."""

from __future__ import annotations

from accounts.actor import Actor
from accounts.authorisation import authorise, authorise_reseller
from accounts.models import Job
from accounts.models.jobs import BulkAction, JobKind
from accounts.permissions import Permission
from jobs.kinds import change_customers, change_devices, change_groups, change_users, import_devices, import_users
from jobs.kinds.kind import Kind

KINDS: dict[str, Kind] = {
    JobKind.IMPORT_USERS: import_users.KIND,
    JobKind.CHANGE_USERS: change_users.KIND,
    JobKind.IMPORT_DEVICES: import_devices.KIND,
    JobKind.CHANGE_DEVICES: change_devices.KIND,
    JobKind.CHANGE_GROUPS: change_groups.KIND,
    JobKind.CHANGE_CUSTOMERS: change_customers.KIND,
}


def needed_for(job: Job) -> Permission:
    """Return what a job in a console takes."""
    return KINDS[job.kind].needs(job)


def authorise_job(actor: Actor, job: Job) -> None:
    """Ask whether a person may ask for a job, stop it, or have its next batch done, at this instant (P8, R13).

    Raises PermissionDenied.
    """
    if job.customer is not None:
        authorise(actor, needed_for(job), job.customer)
    else:
        roles = change_customers.CHANGES[BulkAction(job.arguments["action"])].roles
        authorise_reseller(actor, roles, job.reseller_id or 0)  # 0: a job of no reseller
