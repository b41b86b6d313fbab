"""The audit log on pages: a customer's audit log, and its export (A2, A4)."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.audit_log import CUSTOMER_EVENTS, events_of_customer, page_of_events
from accounts.permissions import Permission
from accounts.spreadsheets import csv_answer
from web.audit.filter import CustomerEventFilter
from web.audit.lines import customer_lines
from web.audit.targets import Reader
from web.console.audit_export import export_rows, may_still_read
from web.console.audit_list import audit_list, menu_of
from web.guards import console_page
from web.lists.columns import Rows
from web.lists.listing import Listing
from web.lists.pages import page_of
from web.requests import ConsoleRequest


@require_safe
@console_page(Permission.VIEW_AUDIT_LOG)
def audit_log(request: ConsoleRequest) -> HttpResponse:
    """Show what was done in this console, newest first; resellers never see it (R14)."""
    return _page(request, _form(request))


def _page(request: ConsoleRequest, form: CustomerEventFilter, status: int = 200) -> HttpResponse:
    kind = audit_list(request.customer, may_open_visits=Permission.VIEW_CONSOLE_SESSIONS in request.permissions)
    events = form.filtered(events_of_customer(request.customer))
    found = page_of(request, events, "audit_log", by=page_of_events, size=kind.size_for(request))
    lines = customer_lines(found.rows, Reader(request.user, request.customer, request.permissions))
    rows = Rows(lines, title=lambda line: line.event, menu=menu_of(request.customer))
    context = {"list": Listing(request, kind, form, rows, found.pager), "form": form}
    return render(request, "console/audit_log.html", context, status=status)


@require_safe
@console_page(Permission.VIEW_AUDIT_LOG)
def audit_log_export(request: ConsoleRequest) -> HttpResponseBase:
    """Send the filtered events as CSV, line by line, in the reader's language and time zone."""
    form = _form(request)
    if not form.is_valid():
        return _page(request, form, status=400)
    events = form.filtered(events_of_customer(request.customer))
    rows = export_rows(events, request.LANGUAGE_CODE, timezone.get_current_timezone(), may_still_read(request))
    name = f"audit-log-{request.customer.primary_domain}-{timezone.localdate():%Y-%m-%d}.csv"
    return csv_answer(name, rows)


def _form(request: ConsoleRequest) -> CustomerEventFilter:
    return CustomerEventFilter(request.GET, events=CUSTOMER_EVENTS, customer=request.customer)
