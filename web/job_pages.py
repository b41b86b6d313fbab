"""What the pages of jobs have in common, in a console and at a reseller: how far one is, and its result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Job, JobLine, Reseller
from accounts.models.jobs import UNSETTLED, BulkAction, JobKind, JobStatus, LineOutcome
from accounts.wording import labelled
from jobs.kinds import KINDS
from jobs.starting import may_go_on
from jobs.titles import RESULT_COLUMNS

# Seconds between two looks of a page that follows a job.
PACE = 2
# Lines read from the database at once while a file is on its way.
DOWNLOAD_BATCH = 2000
# What a line of a bulk change says about its row.
_COLUMNS = {JobKind.CHANGE_DEVICES: ("serial_number", "model"), JobKind.CHANGE_CUSTOMERS: ("name", "domain")}
_PEOPLE_COLUMNS = ("name", "email")


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job in a list. about: what stands below its title; organisation: of who asked for it, where that is another."""

    job: Job
    url: str
    title: str
    about: str = ""
    organisation: Reseller | None = None


def about_of(job: Job) -> str:
    """Say what a job is about: the name of the file, or what is done to several users."""
    if "action" in job.arguments:
        return str(BulkAction(job.arguments["action"]).label)
    return str(job.arguments.get("file", ""))


def state_of(job: Job) -> dict[str, Any]:
    """Return what a page says of how far a job is."""
    outcomes, plan = job.arguments.get("outcomes", {}), job.arguments.get("plan", {})
    return {
        "job": job,
        "pace": PACE if job.status in UNSETTLED else None,
        "is_ready": job.status == JobStatus.READY,
        "may_stop": job.status in (JobStatus.READY, JobStatus.QUEUED, JobStatus.RUNNING),
        "may_go_on": may_go_on(job),
        "has_begun": job.status not in (JobStatus.CHECKING, JobStatus.READY),
        "left": job.total - job.settled,
        "to_create": plan.get("create", 0),
        "to_change": plan.get("change", 0),
        "done": outcomes.get(LineOutcome.DONE, 0),
        "unchanged": outcomes.get(LineOutcome.UNCHANGED, 0),
        "refused": outcomes.get(LineOutcome.REFUSED, 0),
        "invites": job.arguments.get("invite", False),
        "not_invited": job.arguments.get("not_invited", 0),
    }


def columns_of(job: Job) -> list[str]:
    """Return what each of its lines says, beside its outcome."""
    named = [column.name for column in KINDS[job.kind].columns]
    return named or list(_COLUMNS.get(JobKind(job.kind), _PEOPLE_COLUMNS))


def cells_of(job: Job, line: JobLine) -> list[tuple[str, str]]:
    """Return what one line says, with the names of the columns."""
    return [(name, line.data["cells"].get(name, "")) for name in columns_of(job)]


def result_rows(job: Job, lines: QuerySet[JobLine], language: str) -> Iterator[list[str]]:
    """Return the lines of a result file, read in batches by keyset: no cursor stays open however slowly one reads."""
    number_column, *result_columns = RESULT_COLUMNS
    yield [number_column, *columns_of(job), *result_columns]
    last = 0
    while batch := list(lines.filter(number__gt=last).order_by("number")[:DOWNLOAD_BATCH]):
        with translation.override(language):
            labels = {outcome: str(LineOutcome(outcome).label) for outcome in LineOutcome}
            labels[LineOutcome.WAITING] = _("Not done")
        for line in batch:
            cells = [value for _name, value in cells_of(job, line)]
            column = line.data.get("column", "")
            with translation.override(language):
                reason = labelled(column, line.message) if column else line.message
            yield [str(line.number), *cells, labels[LineOutcome(line.outcome)], reason]
        last = batch[-1].number
