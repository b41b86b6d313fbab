"""The end of a job before its end: by a person, because its asker may not do it any more, or after too many tries."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, record
from accounts.guards import authorise
from accounts.models import Job
from accounts.models.jobs import UNSETTLED, JobStatus
from subscriptions.access.effective import database_now
from subscriptions.bulk.kinds import KINDS


@transaction.atomic
def stop_job(*, actor: Actor, job: Job) -> Job:
    """Stop a job; what is done stays done, and the other lines are left. Does nothing where it is over already.

    Waits for the batch that a worker is at, less than a second as a rule. Raises PermissionDenied.
    """
    job = locked(job)
    authorise(actor, KINDS[job.kind].permission, job.customer)
    if job.status in {*UNSETTLED, JobStatus.READY}:
        end(job, JobStatus.STOPPED, _("Stopped by %(person)s.") % {"person": actor.user.name}, by=actor)
    return job


def locked(job: Job) -> Job:
    """Lock a job: no worker is at it until this transaction ends."""
    found = Job.objects.select_for_update(of=("self",), no_key=True).select_related("customer")
    return found.get(pk=job.pk)


def end(job: Job, status: JobStatus, message: str, *, by: Actor | None = None) -> None:
    """End a locked job with a reason, and write that into the trail. by: None for the system."""
    job.status, job.message, job.upload, job.finished_at = status, message, "", database_now()
    job.save(update_fields=["status", "message", "upload", "finished_at"])
    record(
        EventName.BULK_STOPPED,
        actor=by,
        customer=job.customer_id,
        subject=job.arguments.get("file", ""),
        new={"job_kind": job.kind, "lines": job.total, "lines_settled": job.settled, "reason": message},
    )
