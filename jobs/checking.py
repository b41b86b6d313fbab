"""Checks a file against the directory, before anything is written there: its lines, and what would become of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from django.utils.translation import gettext as _

from accounts.clock import database_now
from accounts.errors import Refused
from accounts.models import Job, JobLine
from accounts.models.jobs import JobStatus, LineOutcome
from jobs.kinds import KINDS
from jobs.reading import rows

# Lines that one statement stores.
CHUNK = 5_000
# Warnings that the preview shows on top; each stands beside its line as well.
WARNINGS_AT_MOST = 5


def check_file(job: Job) -> None:
    """Store the lines of a job's file with what is wrong with them, and let it wait for a person; the job is locked.

    Raises Refused for a file in which there is nothing to do.
    """
    kind = KINDS[job.kind]
    assert kind.check is not None
    lines = kind.check(job.console, rows(job.upload, kind.columns))
    if not lines:
        raise Refused(_("There is no line below the titles of the columns."), "file")
    for line in lines:
        line.job = job
    JobLine.objects.bulk_create(lines, batch_size=CHUNK)
    outcomes = Counter(line.outcome for line in lines if line.outcome != LineOutcome.WAITING)
    plan = Counter(line.data["does"] for line in lines if line.outcome == LineOutcome.WAITING)
    job.arguments |= {"outcomes": dict(outcomes), "plan": dict(plan), "warnings": _warnings(lines)}
    job.total, job.settled = len(lines), outcomes.total()
    job.upload, job.status, job.attempts = "", JobStatus.READY, 0
    job.next_attempt_at = database_now()
    fields = ["arguments", "total", "settled", "upload", "status", "attempts", "next_attempt_at"]
    job.save(update_fields=fields)


def _warnings(lines: Sequence[JobLine]) -> list[str]:
    """Return what to look at before it is imported, the first ones of many, with the numbers of their lines."""
    warned = (line for line in lines if line.outcome == LineOutcome.WAITING and line.data.get("warning"))
    text = _("Line %(line)s: %(warning)s")
    return [text % {"line": line.number, "warning": line.data["warning"]} for line in islice(warned, WARNINGS_AT_MOST)]
