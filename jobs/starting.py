"""The verbs that begin jobs: a file is uploaded, looked at by its uploader, and started."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.models import Customer, Job
from accounts.models.jobs import JobKind, JobStatus
from accounts.names import readable_file_name
from jobs import tasks
from jobs.kinds import KINDS
from jobs.stopping import locked, refuse_too_many
from jobs.titles import check_titles, without_passwords

FILE_NAME_MAX_LENGTH = 150
# Titles of columns that are kept to be named; the original's template has 30.
TITLES_AT_MOST = 50


@transaction.atomic
def upload_file(
    *, actor: Actor, customer: Customer, kind: JobKind, file_name: str, text: str, invite: bool = False
) -> Job:
    """Keep a file for a worker to check. Nothing is written into the directory before its uploader has seen that.

    text: as decode() returns it. invite: whether new people get a link to choose a password (P11).
    Raises Refused for titles that are wrong, PermissionDenied.
    """
    authorise(actor, KINDS[kind].permission, customer)
    titles = check_titles(text, KINDS[kind].columns)
    refuse_too_many(actor.user, customer, "file")
    file_name = readable_file_name(file_name, FILE_NAME_MAX_LENGTH)
    job = Job.objects.create(
        customer=customer,
        kind=kind,
        status=JobStatus.CHECKING,
        requested_by=actor.user,
        ip_address=actor.ip_address,
        console_session_id=actor.console_session_id,
        arguments={
            "file": file_name,
            "language": get_language(),
            "invite": invite,
            "ignored": titles.ignored[:TITLES_AT_MOST],
            "passwords": titles.passwords[:TITLES_AT_MOST],
        },
        upload=without_passwords(text, titles),
    )
    record_audit(EventName.BULK_UPLOAD, actor=actor, customer=customer, subject=file_name, new={"job_kind": kind})
    tasks.nudge_jobs_after_commit()
    return job


@transaction.atomic
def start_job(*, actor: Actor, job: Job) -> Job:
    """Let a worker do the good lines of a checked file; starting twice is starting once.

    Everything is done in its uploader's name, so nobody else starts it. Raises Refused, PermissionDenied.
    """
    job = locked(job)
    authorise(actor, KINDS[job.kind].permission, job.customer)
    if job.requested_by_id != actor.user.pk:
        raise Refused(_("Only the person who uploaded this file can start it. Upload it yourself instead."))
    if job.status in (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.DONE):
        return job
    if job.status != JobStatus.READY or job.settled == job.total:
        raise Refused(_("There is nothing to start here. Upload the file again."))
    job.status, job.next_attempt_at, job.ip_address = JobStatus.QUEUED, database_now(), actor.ip_address
    job.console_session_id = actor.console_session_id
    job.save(update_fields=["status", "next_attempt_at", "ip_address", "console_session_id"])
    record_audit(
        EventName.BULK_CHANGE,
        actor=actor,
        customer=job.customer,
        subject=job.arguments.get("file", ""),
        new={"job_kind": job.kind, "lines": job.total - job.settled},
    )
    tasks.nudge_jobs_after_commit()
    return job
