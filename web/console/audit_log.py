"""The audit log on pages: a customer's audit log with its export, and a reseller's own activity (A2, A4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import keyset
from accounts.audit_log import CUSTOMER_EVENTS, events_of_customer
from accounts.models import AuditEvent
from accounts.moments import export_text
from accounts.permissions import Permission
from accounts.spreadsheets import csv_answer
from web.audit.filter import EventFilter
from web.audit.lines import Line, customer_line
from web.guards import console_page
from web.lists.pages import page_of
from web.requests import ConsoleRequest

# Events read from the database at once while an export is on its way.
EXPORT_BATCH = 1000


@require_safe
@console_page(Permission.VIEW_AUDIT_LOG)
def audit_log(request: ConsoleRequest) -> HttpResponse:
    """Show what was done in this console, newest first; resellers never see it (R14)."""
    form = EventFilter(request.GET, events=CUSTOMER_EVENTS)
    found = page_of(request, form.filtered(events_of_customer(request.customer)), "audit_log")
    return render(
        request,
        "console/audit_log.html",
        {
            "form": form,
            "lines": [customer_line(event) for event in found.rows],
            "pager": found.pager,
            "export_query": request.GET.urlencode(),
        },
    )


@require_safe
@console_page(Permission.VIEW_AUDIT_LOG)
def audit_log_export(request: ConsoleRequest) -> HttpResponseBase:
    """Send the filtered events as CSV, line by line, in the reader's language and time zone."""
    form = EventFilter(request.GET, events=CUSTOMER_EVENTS)
    if not form.is_valid():
        context = {"form": form, "lines": [], "pager": None, "export_query": ""}
        return render(request, "console/audit_log.html", context, status=400)
    events = form.filtered(events_of_customer(request.customer))
    rows = _export_rows(events, request.LANGUAGE_CODE, timezone.get_current_timezone())
    name = f"audit-log-{request.customer.primary_domain}-{timezone.localdate():%Y-%m-%d}.csv"
    return csv_answer(name, rows)


def _export_rows(events: QuerySet[AuditEvent], language: str, zone: tzinfo) -> Iterator[list[str]]:
    """The response is read after the middleware has put language and time zone back, so each batch brings its own."""
    with translation.override(language):
        titles = _export_titles()
    yield titles
    for batch in keyset.batches(events, EXPORT_BATCH):
        with translation.override(language), timezone.override(zone):
            rows = [_export_row(customer_line(event)) for event in batch]
        yield from rows


def _export_titles() -> list[str]:
    return [
        _("Time"),
        _("Event"),
        _("Event name"),
        _("Actor"),
        _("Organisation"),
        _("From outside"),
        _("On behalf of"),
        _("About"),
        _("Change"),
        _("IP address"),
    ]


def _export_row(line: Line) -> list[str]:
    return [
        export_text(line.at),
        line.code,
        line.event,
        line.actor,
        line.organisation,
        line.outside,
        line.on_behalf_of,
        line.subject,
        "; ".join(str(difference) for difference in line.differences),
        line.ip_address,
    ]
