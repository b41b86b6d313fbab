"""Work on many rows at once, as its pages show it: the preview of a file, the progress, the result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.actor import Actor
from accounts.models import Job, JobLine
from accounts.models.jobs import UNSETTLED, BulkAction, JobKind, JobStatus, LineOutcome
from accounts.permissions import Permission
from accounts.spreadsheets import csv_answer
from accounts.wording import labelled
from jobs.kinds import KINDS
from jobs.scope import jobs_in_console, lines_of, may_download
from jobs.starting import start_job
from jobs.stopping import stop_job
from jobs.titles import RESULT_COLUMNS, quoted
from web.guards import console_page
from web.lists.pages import page_of
from web.refusals import told
from web.requests import ConsoleRequest

# Seconds between two looks of a page that follows a job.
PACE = 2
# Lines read from the database at once while a file is on its way.
DOWNLOAD_BATCH = 2000
# The value of `show` for the list of what will be done.
PLANNED = "planned"
# What a line of a bulk change says about its user.
PEOPLE_COLUMNS = ("name", "email")


@require_safe
@console_page(Permission.VIEW_USERS)
def jobs(request: ConsoleRequest) -> HttpResponse:
    """List the files and bulk changes of this console that this person sees, newest first."""
    scope = jobs_in_console(request.user, request.customer, request.permissions)
    found = page_of(request, scope.select_related("requested_by__reseller").defer("upload"), "jobs")
    context = {
        "jobs": [{"job": job, "about": _about(job)} for job in found.rows],
        "pager": found.pager,
        "may_import_users": Permission.MANAGE_USERS in request.permissions,
        "may_import_devices": Permission.MANAGE_DEVICES in request.permissions,
    }
    return render(request, "console/jobs.html", context)


@require_safe
@console_page(Permission.VIEW_USERS)
@never_cache
def job(request: ConsoleRequest, job_id: int) -> HttpResponse:
    """Show a job: what would happen, how far it is, what came out, and every line that was refused."""
    found = _found(request, job_id)
    if found.kind == JobKind.IMPORT_DEVICES:
        request.stands_under = reverse("devices", kwargs={"domain": request.customer.primary_domain})
    context = {
        **_state(found),
        **_lists(request, found),
        "about": _about(found),
        "columns": _columns(found),
        "ignored": quoted(found.arguments.get("ignored", ())),
        "passwords": quoted(found.arguments.get("passwords", ())),
        "warnings": found.arguments.get("warnings", ()),
        "may_change": KINDS[found.kind].permission in request.permissions,
        "is_mine": found.requested_by_id == request.user.pk,
        "may_download": may_download(found, request.user, request.permissions),
    }
    return render(request, "console/job.html", context)


@require_safe
@console_page(Permission.VIEW_USERS)
@never_cache
def job_state(request: ConsoleRequest, job_id: int) -> HttpResponse:
    """Answer the page that follows a job: its progress, or that the page as a whole says something else now."""
    found = _found(request, job_id)
    if not request.htmx:
        return redirect("job", domain=request.customer.primary_domain, job_id=found.pk)
    if request.GET.get("seen") != found.status:
        return HttpResponseClientRefresh()
    return render(request, "console/job_state.html", _state(found))


@require_POST
@console_page(Permission.VIEW_USERS)
def job_start(request: ConsoleRequest, job_id: int) -> HttpResponse:
    """Let a worker do the good lines of a file."""
    found = _found(request, job_id)
    with told(request):
        start_job(actor=Actor.of(request), job=found)
    return redirect("job", domain=request.customer.primary_domain, job_id=found.pk)


@require_POST
@console_page(Permission.VIEW_USERS)
def job_stop(request: ConsoleRequest, job_id: int) -> HttpResponse:
    """Stop a job; what is done stays done."""
    found = stop_job(actor=Actor.of(request), job=_found(request, job_id))
    if found.status == JobStatus.STOPPED:
        messages.success(request, _("Stopped. What was done until then stays."))
    return redirect("job", domain=request.customer.primary_domain, job_id=found.pk)


@require_safe
@console_page(Permission.VIEW_USERS)
def job_lines(request: ConsoleRequest, job_id: int) -> HttpResponseBase:
    """Send the lines of a job with their outcomes as CSV, or the refused ones only (`?only=refused`)."""
    found = _found(request, job_id)
    if not may_download(found, request.user, request.permissions):
        raise PermissionDenied(_("Your role has no access to this page."))
    rows = _rows(found, request.LANGUAGE_CODE, only_refused=request.GET.get("only") == "refused")
    return csv_answer(f"job-{found.pk}.csv", rows)


def _lists(request: ConsoleRequest, job: Job) -> dict[str, Any]:
    """Return the two lists of a page: what was refused, and before it is confirmed, by name, what will be done.

    Each begins on the page of the job, and has pages of its own behind it (`?show=planned` those of the second).
    """
    shows_plan, is_ready = request.GET.get("show") == PLANNED, job.status == JobStatus.READY
    context: dict[str, Any] = {"shows_plan": shows_plan}
    if not shows_plan:
        lines = page_of(request, lines_of(job, only_refused=True), "job_lines", by="number")
        context["lines"] = [{"line": line, "cells": _cells(job, line)} for line in lines.rows]
        context["pager"] = lines.pager
    if is_ready:
        lines = page_of(request, lines_of(job).filter(outcome=LineOutcome.WAITING), "job_plan", by="number")
        context["planned"] = [{"line": line, "cells": _planned(job, line)} for line in lines.rows]
        context["more_planned"] = not shows_plan and lines.pager.next_url is not None
        context["plan_pager"] = lines.pager
    return context


def _planned(job: Job, line: JobLine) -> list[tuple[str, str, str]]:
    """Return for each column its name, what will stand there, and what stands there now where that changes."""
    was, cleaned = line.data.get("was", {}), ("name", "email", "serial_number")
    new = dict(_cells(job, line)) | {name: line.data[name] for name in cleaned if line.data.get(name)}
    return [(name, new[name], was.get(name, "")) for name in _columns(job)]


def _found(request: ConsoleRequest, job_id: int) -> Job:
    scope = jobs_in_console(request.user, request.customer, request.permissions)
    return get_object_or_404(scope.select_related("requested_by__reseller").defer("upload"), pk=job_id)


def _about(job: Job) -> str:
    """Say what a job is about: the name of the file, or what is done to several users."""
    if "action" in job.arguments:
        return str(BulkAction(job.arguments["action"]).label)
    return str(job.arguments.get("file", ""))


def _state(job: Job) -> dict[str, Any]:
    outcomes, plan = job.arguments.get("outcomes", {}), job.arguments.get("plan", {})
    return {
        "job": job,
        "pace": PACE if job.status in UNSETTLED else None,
        "is_ready": job.status == JobStatus.READY,
        "may_stop": job.status in (JobStatus.READY, JobStatus.QUEUED, JobStatus.RUNNING),
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


def _columns(job: Job) -> list[str]:
    return [column.name for column in KINDS[job.kind].columns] or list(PEOPLE_COLUMNS)


def _cells(job: Job, line: JobLine) -> list[tuple[str, str]]:
    return [(name, line.data["cells"].get(name, "")) for name in _columns(job)]


def _rows(job: Job, language: str, *, only_refused: bool) -> Iterator[list[str]]:
    """Read in batches by keyset: no cursor stays open however slowly someone reads."""
    number_column, *result_columns = RESULT_COLUMNS
    yield [number_column, *_columns(job), *result_columns]
    last = 0
    while batch := list(
        lines_of(job, only_refused=only_refused).filter(number__gt=last).order_by("number")[:DOWNLOAD_BATCH]
    ):
        with translation.override(language):
            labels = {outcome: str(LineOutcome(outcome).label) for outcome in LineOutcome}
            labels[LineOutcome.WAITING] = _("Not done")
        for line in batch:
            cells = [value for _name, value in _cells(job, line)]
            column = line.data.get("column", "")
            with translation.override(language):
                reason = labelled(column, line.message) if column else line.message
            yield [str(line.number), *cells, labels[LineOutcome(line.outcome)], reason]
        last = batch[-1].number
