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
from jobs.kinds import KINDS, authorise_job
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
    record_audit(
        EventName.BULK_UPLOAD, actor=actor, customer=customer, subject=file_name, target=job, new={"job_kind": kind}
    )
    tasks.nudge_jobs_after_commit()
    return job


@transaction.atomic
def start_job(*, actor: Actor, job: Job) -> Job:
    """Let a worker do the good lines of a checked file, or those that a stop has left; starting twice is once.

    Everything is done in its uploader's name, so nobody else starts it. Raises Refused, PermissionDenied.
    """
    job = locked(job)
    authorise_job(actor, job)
    if job.requested_by_id != actor.user.pk:
        raise Refused(_("Only the person who uploaded this file can start it. Upload it yourself instead."))
    if job.status in (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.DONE):
        return job
    if not may_go_on(job) and (job.status != JobStatus.READY or job.settled == job.total):
        raise Refused(_("There is nothing to start here. Upload the file again."))
    job.status, job.next_attempt_at, job.ip_address = JobStatus.QUEUED, database_now(), actor.ip_address
    job.console_session_id = actor.console_session_id
    job.message, job.finished_at, job.attempts = "", None, 0
    job.arguments["started"] = True
    fields = ["status", "next_attempt_at", "ip_address", "console_session_id", "message", "finished_at", "attempts"]
    job.save(update_fields=[*fields, "arguments"])
    record_audit(
        EventName.BULK_CHANGE,
        actor=actor,
        customer=job.customer,
        subject=job.arguments.get("file", ""),
        target=job,
        new={"job_kind": job.kind, "lines": job.total - job.settled}
        | ({"bulk_action": job.arguments["action"]} if "action" in job.arguments else {}),
    )
    tasks.nudge_jobs_after_commit()
    return job


def may_go_on(job: Job) -> bool:
    """Tell whether a job was stopped, or failed, with lines left that it can still do; a discarded file has begun none.

    Its outcomes say what is done: nothing is done twice.
    """
    is_over = job.status in (JobStatus.STOPPED, JobStatus.FAILED)
    return is_over and job.settled < job.total and ("action" in job.arguments or "started" in job.arguments)
