"""What keeps jobs few, and how one ends before its end: by a person, or because it may or can go on no longer."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import holds
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.models import Customer, Job, Reseller, User
from accounts.models.jobs import UNSETTLED, JobStatus
from accounts.names import isolated
from accounts.roles import Role
from jobs.kinds import authorise_job

# Jobs of one person that wait or run: enough for everybody, and no way to fill the disk or to keep the workers busy.
WAITING_AT_MOST = 20


@transaction.atomic
def stop_job(*, actor: Actor, job: Job) -> Job:
    """Stop a job; what is done stays done, and the other lines are left. Does nothing where it is over already.

    A vendor's operator stops any: one that keeps the workers from everybody else's.

    Waits for the batch that a worker is at, less than a second as a rule. Raises PermissionDenied.
    """
    job = locked(job)
    if not holds(actor, Role.VENDOR_OPERATOR):
        authorise_job(actor, job)
    if job.status in {*UNSETTLED, JobStatus.READY}:
        end(job, JobStatus.STOPPED, _("Stopped by %(person)s.") % {"person": isolated(actor.user.name)}, by=actor)
    return job


def locked(job: Job) -> Job:
    """Lock a job: no worker is at it until this transaction ends."""
    found = Job.objects.select_for_update(of=("self",), no_key=True).select_related("customer", "reseller")
    return found.get(pk=job.pk)


def end(job: Job, status: JobStatus, message: str, *, by: Actor | None = None) -> None:
    """End a locked job with a reason, and write that into the audit log. by: None for the system."""
    job.status, job.message, job.upload, job.finished_at = status, message, "", database_now()
    job.save(update_fields=["status", "message", "upload", "finished_at"])
    record_audit(
        EventName.BULK_STOPPED,
        actor=by,
        customer=job.customer_id,
        seen_by=job.reseller,
        subject=job.arguments.get("file", ""),
        target=job,
        new={"job_kind": job.kind, "lines": job.total, "lines_settled": job.settled, "reason": message},
    )


def refuse_too_many(
    person: User, customer: Customer | None = None, field: str = "", *, reseller: Reseller | None = None
) -> None:
    """Refuse another job while many of the same person wait or run: all customers share the workers. Raises Refused."""
    waiting = Job.objects.filter(
        customer=customer, reseller=reseller, requested_by=person, status__in=(*UNSETTLED, JobStatus.READY)
    ).count()
    if waiting >= WAITING_AT_MOST:
        text = _("%(number)s of your files and bulk changes wait or run already. Let some of them end, or stop them.")
        raise Refused(text % {"number": waiting}, field)
