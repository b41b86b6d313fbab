"""The record of one visit from outside: who and why, every change, and what was opened (R23)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.audit_log import page_of_events
from accounts.console_sessions.inside import lasting, sessions_in
from accounts.console_sessions.opened import changes_during, events_about, jobs_during, opened_during, totals_of
from accounts.models import ConsoleSession
from accounts.permissions import Permission
from accounts.spreadsheets import csv_answer
from subscriptions.access.box import Box
from subscriptions.access.overview import overview_of
from support.visit_reports import end_reported_visit, report_of
from web.audit.lines import customer_line
from web.console.page_words import opened_line
from web.console.visit_export import rows_of
from web.guards import console_page
from web.lists.pages import page_of
from web.requests import ConsoleRequest


@require_safe
@console_page(Permission.VIEW_CONSOLE_SESSIONS)
def outside_visit(request: ConsoleRequest, session_id: int) -> HttpResponse:
    """Show one visit."""
    visit = _visit(request, session_id)
    changes = page_of(request, changes_during(visit), f"changes {visit.pk}", by=page_of_events)
    opened = page_of(request, opened_during(visit), f"opened {visit.pk}")
    jobs = page_of(request, jobs_during(visit), f"jobs {visit.pk}")
    context = {
        "visit": visit,
        "is_inside": visit in lasting(request.customer),
        "totals": totals_of(visit),
        "changes": [customer_line(event) for event in changes.rows],
        "changes_pager": changes.pager,
        "opened": [opened_line(row) for row in opened.rows],
        "opened_pager": opened.pager,
        "jobs": jobs.rows,
        "jobs_pager": jobs.pager,
        "ended_by": events_about(visit).filter(name=EventName.END_CONSOLE_SESSION).first(),
        **_report(request, visit),
    }
    return render(request, "console/visit.html", context)


def _report(request: ConsoleRequest, visit: ConsoleSession) -> dict[str, Any]:
    """Return what the page says about a report, and what it offers to do about the visit."""
    report, may = report_of(visit), request.permissions
    return {
        "report": report,
        "case_id": (report.new_value or {}).get("case") if report and Permission.VIEW_CASES in may else None,
        "may_end": Permission.END_CONSOLE_SESSIONS in may,
        "may_report": report is None and Permission.END_CONSOLE_SESSIONS in may,
        "may_view_log": Permission.VIEW_AUDIT_LOG in may,
        "may_view_jobs": Permission.VIEW_USERS in may,
        "box": _box(request, visit) if report else None,
        "can_change": Permission.CHANGE_RESELLER_ACCESS in may,
    }


def _box(request: ConsoleRequest, visit: ConsoleSession) -> Box | None:
    """Return the box of the reseller on *Reseller access*, with its button *Remove now*."""
    if Permission.VIEW_RESELLER_ACCESS not in request.permissions:
        return None
    return overview_of(request.customer).boxes.get((visit.reseller_id, None))


@require_safe
@console_page(Permission.VIEW_CONSOLE_SESSIONS)
def outside_visit_export(request: ConsoleRequest, session_id: int) -> HttpResponseBase:
    """Send one visit as CSV, in the order of time, in the reader's language and time zone."""
    visit = _visit(request, session_id)
    rows = rows_of(visit, request.LANGUAGE_CODE, timezone.get_current_timezone())
    return csv_answer(f"visit-{request.customer.primary_domain}-{visit.pk}.csv", rows)


@require_POST
@console_page(Permission.END_CONSOLE_SESSIONS)
def outside_visit_report(request: ConsoleRequest, session_id: int) -> HttpResponse:
    """Say that nobody here recognises this visit."""
    _visit(request, session_id)
    case = end_reported_visit(actor=Actor.of(request), customer=request.customer, session_id=session_id)
    if case is None:
        messages.info(request, _("Nothing was changed: this visit was reported already."))
    else:
        text = _("Reported. The visit is over, and case %(number)s is filed with what is known of it.")
        messages.success(request, text % {"number": case.pk})
    return redirect("outside_visit", domain=request.customer.primary_domain, session_id=session_id)


def _visit(request: ConsoleRequest, session_id: int) -> ConsoleSession:
    visit = sessions_in(request.customer).filter(pk=session_id).first()
    if visit is None:
        raise Http404
    return visit
