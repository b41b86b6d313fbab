"""Works on jobs: checks files, and does what was confirmed in batches. Any number of workers may run it at once.

A batch claims the job, not a message: `FOR UPDATE SKIP LOCKED`, so that its worker owns its lines. What the
lines change, their outcomes, the progress and the audit events are written in one transaction: a worker killed at any
instruction loses nothing and doubles nothing (A1). The order of locks is the job, then its customer.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.console_sessions.inside import entry_in_force
from accounts.database.time_limits import sweep_transaction
from accounts.errors import Refused
from accounts.locking import is_kept
from accounts.models import Job, JobLine
from accounts.models.jobs import UNSETTLED, JobStatus, LineOutcome
from jobs.checking import check_file
from jobs.kinds import KINDS, authorise_job
from jobs.kinds.trying import tries_of
from jobs.stopping import end

logger = logging.getLogger(__name__)

# Lines that one transaction does. It holds the customer's lock, so an admin who saves something waits as long.
BATCH = 500
# Seconds before the second try of a batch that failed, doubled with each further one; how often it is tried.
FIRST_PAUSE, MAX_ATTEMPTS = 5, 6


def batches() -> Iterator[int]:
    """Work on what waits, oldest turn first, one batch after the other; yields 1 for each."""
    while _do_batch():
        yield 1


def _do_batch() -> bool:
    """Do one batch of the job that has waited longest; tell whether there was one."""
    job = None
    try:
        with sweep_transaction():
            job = _claim()
            if job is None:
                return False
            with translation.override(job.arguments.get("language")):
                _advance(job)
    except Exception as error:
        if job is None:
            raise
        logger.exception("a batch of job %s failed", job.pk)
        _postpone(job.pk, error)
    return True


def _claim() -> Job | None:
    due = Job.objects.filter(status__in=UNSETTLED, next_attempt_at__lte=Now()).select_related(
        "customer", "reseller", "requested_by__customer", "requested_by__reseller"
    )
    return due.select_for_update(of=("self",), skip_locked=True, no_key=True).order_by("next_attempt_at").first()


def _advance(job: Job) -> None:
    try:
        # Again in each transaction: who may not do it any more is stopped here, whatever was confirmed (P8, R13).
        actor = _actor_of(job)
        authorise_job(actor, job)
    except PermissionDenied:
        end(
            job,
            JobStatus.STOPPED,
            _("The person who asked for it may not do this any more. The other lines were not done."),
        )
        return
    if job.status == JobStatus.CHECKING:
        _check(job)
    else:
        _run_batch(actor, job)


def _actor_of(job: Job) -> Actor:
    """Return in whose name a job acts. A person from outside needs their entry as on a page (R15).

    It may be idle by now, or left: what was started inside is carried out. Raises PermissionDenied where the customer
    has ended it, where access was closed since, and where there never was one.
    """
    actor = Actor(job.requested_by, job.ip_address)
    if job.customer is None or job.requested_by.customer_id == job.customer_id:
        return actor
    entry = entry_in_force(job.requested_by, job.customer, Q(pk=job.console_session_id))
    if entry is None:
        raise PermissionDenied
    # A support partner's agent is marked as one here too, as the guard does it for a page (A4, S9).
    return replace(
        actor,
        is_support_partner=entry.as_support_partner,
        console_session_id=entry.pk,
        activation_id=entry.activation_id,
    )


def _check(job: Job) -> None:
    try:
        check_file(job)
    except Refused as refused:
        end(job, JobStatus.FAILED, refused.message)


def _run_batch(actor: Actor, job: Job) -> None:
    lines = list(job.lines.filter(outcome=LineOutcome.WAITING).order_by("number")[:BATCH])
    # Those that another transaction kept come behind the others.
    turn = min(map(tries_of, lines), default=0)
    lines = [line for line in lines if tries_of(line) == turn]
    if lines:
        KINDS[job.kind].apply(actor, job, lines)
    settled = [line for line in lines if line.outcome != LineOutcome.WAITING]
    kept = [line for line in lines if line.outcome == LineOutcome.WAITING and tries_of(line) > turn]
    _write_outcomes(settled)
    JobLine.objects.bulk_update(kept, ["data"])
    job.settled += len(settled)
    outcomes = Counter(job.arguments.get("outcomes", {})) + Counter(line.outcome for line in settled)
    job.arguments["outcomes"] = dict(outcomes)
    job.status, job.attempts, job.error = JobStatus.RUNNING, 0, ""
    # Behind the other jobs: they take turns. Where nothing is left but what others keep, that is left to them a while.
    pause = FIRST_PAUSE if kept and len(kept) == len(lines) else 0
    job.next_attempt_at = database_now() + timedelta(seconds=pause)
    if job.settled >= job.total:
        job.status, job.finished_at = JobStatus.DONE, database_now()
    fields = ["settled", "arguments", "status", "attempts", "error", "next_attempt_at", "finished_at"]
    job.save(update_fields=fields)


def _write_outcomes(lines: list[JobLine]) -> None:
    """Most lines of a batch are simply done: one statement for those, and one for the rest."""
    done = [line.pk for line in lines if line.outcome == LineOutcome.DONE]
    JobLine.objects.filter(pk__in=done).update(outcome=LineOutcome.DONE)
    others = [line for line in lines if line.outcome != LineOutcome.DONE]
    JobLine.objects.bulk_update(others, ["outcome", "message"])


def _postpone(job_id: int, error: Exception) -> None:
    """Try a batch again later; several times in a row, and an operator has to look, unless it was only busy."""
    with transaction.atomic():
        # The job alone: it may be its customer that another transaction keeps.
        jobs = Job.objects.select_for_update(of=("self",), no_key=True)
        job = jobs.select_related("requested_by", "customer", "reseller").get(pk=job_id)
        if job.status not in UNSETTLED:
            return
        job.attempts += 0 if is_kept(error) else 1
        job.error = str(error)
        job.next_attempt_at = database_now() + timedelta(seconds=FIRST_PAUSE * 2 ** max(job.attempts - 1, 0))
        job.save(update_fields=["attempts", "error", "next_attempt_at"])
        if job.attempts >= MAX_ATTEMPTS:
            with translation.override(job.arguments.get("language")):
                end(job, JobStatus.FAILED, _("Our system tried several times without success. Start it again later."))
