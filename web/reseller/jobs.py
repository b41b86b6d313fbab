"""Changes of several customers at once: how far each is, and what came out at which customer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.actor import Actor
from accounts.models import Job
from accounts.models.jobs import JobStatus
from accounts.roles import CUSTOMER_STAFF
from accounts.spreadsheets import csv_answer
from jobs.scope import jobs_of_reseller, lines_of_reseller
from jobs.starting import start_job
from jobs.stopping import stop_job
from web.guards import reseller_page
from web.job_lists import OF_CUSTOMERS, jobs_listing
from web.job_pages import JobRow, about_of, cells_of, columns_of, result_rows, state_of
from web.lists import cells
from web.lists.pages import page_of
from web.refusals import told
from web.requests import ResellerRequest


@require_safe
@reseller_page(*sorted(CUSTOMER_STAFF))
def reseller_jobs(request: ResellerRequest) -> HttpResponse:
    """List the bulk changes of customers: an admin sees those of everybody, others their own."""
    url, scope = cells.urls("reseller_job", "job_id"), jobs_of_reseller(request.user).select_related("requested_by")
    listing = jobs_listing(request, OF_CUSTOMERS, scope, lambda job: JobRow(job, url(job.pk), about_of(job)))
    listing.new_url, listing.new_label = reverse("reseller_customers"), _("Show the customers")
    return render(request, "reseller/jobs.html", {"list": listing})


@require_safe
@reseller_page(*sorted(CUSTOMER_STAFF))
@never_cache
def reseller_job(request: ResellerRequest, job_id: int) -> HttpResponse:
    """Show one: how far it is, and every customer with what came out there."""
    found = _found(request, job_id)
    lines = page_of(request, lines_of_reseller(found, request.user), "reseller_job_lines", by="number")
    context = {
        **state_of(found),
        **_urls(found),
        "about": about_of(found),
        "columns": columns_of(found),
        "lines": [{"line": line, "cells": cells_of(found, line)} for line in lines.rows],
        "pager": lines.pager,
        "is_mine": found.requested_by_id == request.user.pk,
    }
    return render(request, "reseller/job.html", context)


@require_safe
@reseller_page(*sorted(CUSTOMER_STAFF))
@never_cache
def reseller_job_state(request: ResellerRequest, job_id: int) -> HttpResponse:
    """Answer the page that follows a job: its progress, or that the page as a whole says something else now."""
    found = _found(request, job_id)
    if not request.htmx:
        return redirect("reseller_job", job_id=found.pk)
    if request.GET.get("seen") != found.status:
        return HttpResponseClientRefresh()
    return render(request, "console/job_state.html", state_of(found) | _urls(found))


@require_POST
@reseller_page(*sorted(CUSTOMER_STAFF))
def reseller_job_start(request: ResellerRequest, job_id: int) -> HttpResponse:
    """Let a stopped job go on with the customers that are left."""
    found = _found(request, job_id)
    with told(request):
        start_job(actor=Actor.of(request), job=found)
    return redirect("reseller_job", job_id=found.pk)


@require_POST
@reseller_page(*sorted(CUSTOMER_STAFF))
def reseller_job_stop(request: ResellerRequest, job_id: int) -> HttpResponse:
    """Stop a job; what is done stays done."""
    found = stop_job(actor=Actor.of(request), job=_found(request, job_id))
    if found.status == JobStatus.STOPPED:
        messages.success(request, _("Stopped. What was done until then stays."))
    return redirect("reseller_job", job_id=found.pk)


@require_safe
@reseller_page(*sorted(CUSTOMER_STAFF))
def reseller_job_lines(request: ResellerRequest, job_id: int) -> HttpResponseBase:
    """Send every customer with what came out there as CSV."""
    found = _found(request, job_id)
    lines = lines_of_reseller(found, request.user)
    return csv_answer(f"job-{found.pk}.csv", result_rows(found, lines, request.LANGUAGE_CODE))


def _found(request: ResellerRequest, job_id: int) -> Job:
    return get_object_or_404(jobs_of_reseller(request.user).select_related("requested_by"), pk=job_id)


def _urls(job: Job) -> dict[str, str]:
    place = {"job_id": job.pk}
    return {
        "job_url": reverse("reseller_job", kwargs=place),
        "state_url": reverse("reseller_job_state", kwargs=place),
    }
