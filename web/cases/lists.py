"""Lists of cases and their export: whatever they show starts from the scope (S6, S7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from accounts.moments import export_text
from accounts.spreadsheets import csv_answer
from support.categories import find_category
from support.models import Case
from web.cases.area import Area, rows_of
from web.cases.forms import CaseFilter
from web.lists.pages import page_of

# Cases read from the database at once while an export is on its way.
EXPORT_BATCH = 500


def list_page(request: HttpRequest, area: Area, form: CaseFilter, *, newest_first: bool = True) -> HttpResponse:
    """Show the cases that match, 50 a page."""
    by = "-pk" if newest_first else "pk"
    found = page_of(request, _with_people(form.filtered(area.cases())), f"cases {area.prefix}", by=by)
    context: dict[str, Any] = {
        "area": area,
        "form": form,
        "rows": rows_of(area, found.rows),
        "pager": found.pager,
        "export_query": request.GET.urlencode(),
    }
    return render(request, "cases/cases.html", context)


def export(request: HttpRequest, area: Area) -> HttpResponseBase:
    """Send the cases that match as CSV. Each batch asks again who may read what: removal ends an export, too (S7)."""
    form = CaseFilter(request.GET)
    if not form.is_valid():
        return render(request, "cases/cases.html", {"area": area, "form": form, "rows": [], "pager": None}, status=400)
    lines = _lines(area, form, translation.get_language(), timezone.get_current_timezone())
    return csv_answer(f"cases-{timezone.localdate():%Y-%m-%d}.csv", lines)


def _with_people(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.select_related("customer", "filed_by", "filed_by_reseller", "assignee")


def _lines(area: Area, form: CaseFilter, language: str, zone: tzinfo) -> Iterator[list[str]]:
    """Read in batches by keyset; language and time zone are brought along, as the middleware has put them back."""
    with translation.override(language):
        titles = [
            _("Number"), _("Customer"), _("Service"), _("Category"), _("Title"), _("Priority"), _("Status"),
            _("Filed by"), _("Filed from"), _("Filed"), _("Last change"), pgettext("case", "Closed"),
        ]  # fmt: skip
    yield titles
    last_id: int | None = None
    while True:
        person = User.objects.get(pk=area.person.pk)
        now = Area(area.prefix, area.base, person, area.customer)
        older = form.filtered(now.cases())
        older = older if last_id is None else older.filter(pk__lt=last_id)
        batch = list(_with_people(older).order_by("-pk")[:EXPORT_BATCH])
        with translation.override(language), timezone.override(zone):
            lines = [_line(case) for case in batch]
        yield from lines
        if len(batch) < EXPORT_BATCH:
            return
        last_id = batch[-1].pk


def _line(case: Case) -> list[str]:
    moments = (case.filed_at, case.updated_at, case.closed_at)
    return [
        str(case.pk),
        case.customer.name,
        case.get_service_display(),
        str(find_category(case.service, case.category) or case.category),
        case.title,
        case.priority,
        case.get_state_display(),
        case.filed_by.email,
        case.filed_by_reseller.name if case.filed_by_reseller else case.customer.name,
        *map(export_text, moments),
    ]
