"""Work on many rows at once, as its pages show it: the preview of a file, the progress, the result."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.actor import Actor
from accounts.models import Job, JobLine
from accounts.models.jobs import JobKind, JobStatus, LineOutcome
from accounts.permissions import Permission
from accounts.spreadsheets import csv_answer
from jobs.kinds import needed_for
from jobs.scope import jobs_in_console, lines_of, may_download
from jobs.starting import start_job
from jobs.stopping import stop_job
from jobs.titles import quoted
from web.guards import console_page
from web.job_lists import IN_CONSOLE, jobs_listing
from web.job_pages import JobRow, about_of, cells_of, columns_of, result_rows, state_of
from web.lists.pages import page_of
from web.refusals import told
from web.requests import ConsoleRequest

# The value of `show` for the list of what will be done.
PLANNED = "planned"
# Under which page of the menu a job stands, and leads back to, where that is not the list of users.
_LISTS = {JobKind.IMPORT_DEVICES: "devices", JobKind.CHANGE_DEVICES: "devices", JobKind.CHANGE_GROUPS: "groups"}


@require_safe
@console_page(Permission.VIEW_USERS)
def jobs(request: ConsoleRequest) -> HttpResponse:
    """List the files and bulk changes of this console that this person sees, newest first."""
    scope = jobs_in_console(request.user, request.customer, request.permissions)
    scope = scope.select_related("requested_by__reseller").defer("upload")
    context = {
        "list": jobs_listing(request, IN_CONSOLE, scope, lambda job: _row(request, job)),
        "may_import_users": Permission.MANAGE_USERS in request.permissions,
        "may_import_devices": Permission.MANAGE_DEVICES in request.permissions,
    }
    return render(request, "console/jobs.html", context)


def _row(request: ConsoleRequest, job: Job) -> JobRow:
    url = reverse("job", kwargs={"domain": request.customer.primary_domain, "job_id": job.pk})
    return JobRow(job, url, job.get_kind_display(), about_of(job), job.requested_by.reseller)


@require_safe
@console_page(Permission.VIEW_USERS)
@never_cache
def job(request: ConsoleRequest, job_id: int) -> HttpResponse:
    """Show a job: what would happen, how far it is, what came out, and every line that was refused."""
    found = _found(request, job_id)
    stands_in = _LISTS.get(JobKind(found.kind), "users")
    if stands_in != "users":
        request.stands_under = reverse(stands_in, kwargs={"domain": request.customer.primary_domain})
    context = {
        **state_of(found),
        **_urls(found),
        **_lists(request, found),
        "about": about_of(found),
        "columns": columns_of(found),
        "ignored": quoted(found.arguments.get("ignored", ())),
        "passwords": quoted(found.arguments.get("passwords", ())),
        "warnings": found.arguments.get("warnings", ()),
        "list": stands_in,
        "may_change": needed_for(found) in request.permissions,
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
    return render(request, "console/job_state.html", state_of(found) | _urls(found))


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
    lines = lines_of(found, only_refused=request.GET.get("only") == "refused")
    rows = result_rows(found, lines, request.LANGUAGE_CODE)
    return csv_answer(f"job-{found.pk}.csv", rows)


def _lists(request: ConsoleRequest, job: Job) -> dict[str, Any]:
    """Return the two lists of a page: what was refused, and before it is confirmed, by name, what will be done.

    Each begins on the page of the job, and has pages of its own behind it (`?show=planned` those of the second).
    """
    shows_plan, is_ready = request.GET.get("show") == PLANNED, job.status == JobStatus.READY
    context: dict[str, Any] = {"shows_plan": shows_plan}
    if not shows_plan:
        lines = page_of(request, lines_of(job, only_refused=True), "job_lines", by="number")
        context["lines"] = [{"line": line, "cells": cells_of(job, line)} for line in lines.rows]
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
    new = dict(cells_of(job, line)) | {name: line.data[name] for name in cleaned if line.data.get(name)}
    return [(name, new[name], was.get(name, "")) for name in columns_of(job)]


def _found(request: ConsoleRequest, job_id: int) -> Job:
    scope = jobs_in_console(request.user, request.customer, request.permissions)
    return get_object_or_404(scope.select_related("customer", "requested_by__reseller").defer("upload"), pk=job_id)


def _urls(job: Job) -> dict[str, str]:
    """Return where the page of a job is, and what it asks how far that is."""
    place = {"domain": job.console.primary_domain, "job_id": job.pk}
    return {"job_url": reverse("job", kwargs=place), "state_url": reverse("job_state", kwargs=place)}
