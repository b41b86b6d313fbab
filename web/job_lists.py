"""The columns of the lists of jobs, in a console and at a reseller."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Job
from accounts.models.jobs import JobStatus
from web.job_pages import JobRow
from web.lists import cells
from web.lists.columns import Column, Rows
from web.lists.filters import NEWEST, OLDEST, ByAge
from web.lists.listing import Kind, Listing, Words, counted
from web.lists.pages import page_of

_CHIPS = {JobStatus.DONE: "open", JobStatus.FAILED: "failed", JobStatus.STOPPED: "closed"}


class JobsFilter(ByAge):
    """Filters jobs by their status."""

    status = forms.ChoiceField(
        label=gettext_lazy("Status"), choices=[("", gettext_lazy("All")), *JobStatus.choices], required=False
    )
    field_order = ("status", "order")

    def filtered(self, jobs: QuerySet[Job]) -> QuerySet[Job]:
        """Return the jobs that were asked for; none while a field has an error."""
        if not self.is_valid():
            return jobs.none()
        return jobs.filter(status=self.cleaned_data["status"]) if self.cleaned_data["status"] else jobs


def _what(row: JobRow) -> cells.Html:
    return cells.with_sub(cells.link(row.url, row.title), cells.name(row.about) if row.about else "")


def _by(row: JobRow) -> cells.Html:
    organisation = cells.name(row.organisation.name) if row.organisation else ""
    return cells.with_sub(cells.name(row.job.requested_by.name), organisation)


def _settled(row: JobRow) -> cells.Html:
    job = row.job
    if not job.total:
        return ""
    return _("%(settled)s of %(total)s") % {"settled": cells.number(job.settled), "total": cells.number(job.total)}


def _status(row: JobRow) -> cells.Html:
    status = JobStatus(row.job.status)
    return cells.chip(_CHIPS.get(status, "pending"), status.label)


def _columns(counted: Promise) -> tuple[Column[JobRow], ...]:
    """Return the columns. counted: what a job has many of."""
    return (
        Column("what", gettext_lazy("What"), _what),
        Column(
            "asked", gettext_lazy("Asked for"), lambda row: cells.moment(row.job.requested_at), up=OLDEST, down=NEWEST
        ),
        Column("by", gettext_lazy("By"), _by, is_text=True),
        Column("settled", counted, _settled),
        Column("status", gettext_lazy("Status"), _status),
    )


def _counted(number: int) -> str:
    return ngettext("%(number)s bulk change", "%(number)s bulk changes", number) % {"number": cells.number(number)}


def _words(name: Promise, none_text: Promise) -> Words:
    return Words(
        name=name,
        search=gettext_lazy("Filter the bulk changes"),
        counted=_counted,
        none_found=gettext_lazy("Nothing has this status"),
        none_found_text=gettext_lazy("Choose another status, or clear the search."),
        none=gettext_lazy("Nothing yet"),
        none_text=none_text,
        icon="files",
    )


IN_CONSOLE = Kind(
    "jobs",
    _words(
        gettext_lazy("Files and bulk changes"),
        gettext_lazy(
            "Files that you upload and changes of several users at once will be listed here, with what came out of"
            " each."
        ),
    ),
    _columns(gettext_lazy("Lines")),
)
OF_CUSTOMERS = Kind(
    "customer_jobs",
    _words(
        gettext_lazy("Bulk changes"),
        gettext_lazy(
            "Changes of several customers at once will be listed here, with what came out of each. Choose customers in"
            " their list."
        ),
    ),
    _columns(gettext_lazy("Customers")),
)


def jobs_listing(
    request: HttpRequest, kind: Kind[JobRow], scope: QuerySet[Job], row_of: Callable[[Job], JobRow]
) -> Listing[JobRow]:
    """Return a page of the jobs that a person sees. scope: all of them, with who asked for each."""
    form = JobsFilter(request.GET)
    jobs = form.filtered(scope)
    name = f"{kind.name} {form.chosen_order}"
    found = page_of(request, jobs, name, by=form.by, size=kind.size_for(request))
    rows = Rows([row_of(job) for job in found.rows], title=lambda row: row.title)
    return Listing(request, kind, form, rows, found.pager, counted(jobs), form.chosen_order)
