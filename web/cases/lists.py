"""Lists of cases and their export: whatever they show starts from the scope (S6, S7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo
from functools import partial

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import keyset
from accounts.models import User
from accounts.moments import export_text
from accounts.spreadsheets import csv_answer
from support.categories import find_category
from support.due import DUE_SQL
from support.models import Case
from web.cases.area import Area, rows_of
from web.cases.columns import cases_list
from web.cases.filters import BY_DUE_TIME, BY_PRIORITY, DUE_LAST, PRIORITY_LAST, CaseFilter
from web.lists.columns import Rows
from web.lists.filters import NEWEST, OLDEST
from web.lists.listing import Listing, counted
from web.lists.pages import page_of

# Cases read from the database at once while an export is on its way.
EXPORT_BATCH = 500


def list_page(request: HttpRequest, area: Area, form: CaseFilter, *, status: int = 200) -> HttpResponse:
    """Show the cases that match in the order that was chosen."""
    kind, order = cases_list(area, get_token(request)), form.chosen_order
    cases = form.filtered(area.cases())
    name, by = f"cases {area.prefix} {form.chosen_order}", _ORDERS[order]
    found = page_of(request, area.shown(cases), name, by=by, size=kind.size_for(request))
    rows = Rows(rows_of(area, found.rows), title=lambda row: row.case.title)
    listing = Listing(request, kind, form, rows, found.pager, counted(cases), order, path=area.list_url)
    if may_file := not area.is_vendor and area.may_file:
        listing.new_url, listing.new_label = area.new_url, _("New case")
    return render(request, "cases/cases.html", {"area": area, "list": listing, "may_file": may_file}, status=status)


def by_due_time(cases: QuerySet[Case], at: keyset.Place, *, descending: bool = False) -> keyset.Rows[Case]:
    """Return a page of cases, the one that is late the longest first; those of which no answer is due last (S13)."""

    def due(case: Case) -> str:
        return case.due_at.isoformat() if case.due_at else "infinity"

    return keyset.by_value(cases, at, sql=DUE_SQL, value=due, descending=descending)


_ORDERS: dict[str, str | Callable[[QuerySet[Case], keyset.Place], keyset.Rows[Case]]] = {
    NEWEST: "-pk",
    OLDEST: "pk",
    BY_DUE_TIME: by_due_time,
    DUE_LAST: partial(by_due_time, descending=True),
    BY_PRIORITY: partial(keyset.by_name, name="priority"),
    PRIORITY_LAST: partial(keyset.by_name, name="priority", descending=True),
}


def export(request: HttpRequest, area: Area, form: CaseFilter) -> HttpResponseBase:
    """Send the cases that match as CSV. Each batch asks again who may read what: removal ends an export, too (S7)."""
    if not form.is_valid():
        return list_page(request, area, form, status=400)
    lines = _lines(area, form, translation.get_language(), timezone.get_current_timezone())
    return csv_answer(f"cases-{timezone.localdate():%Y-%m-%d}.csv", lines)


def _with_people(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.select_related("customer", "filed_by", "filed_by_reseller", "assignee")


def _lines(area: Area, form: CaseFilter, language: str, zone: tzinfo) -> Iterator[list[str]]:
    """Read in batches by keyset; language and time zone are brought along, as the middleware has put them back."""
    with translation.override(language):
        titles = [
            _("Number"), _("Customer"), _("Service"), _("Category"), _("Title"), _("Priority"), _("Status"),
            _("Filed by"), _("Filed from"), _("Filed"), _("Answer due"), _("Last change"), pgettext("case", "Closed"),
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
    moments = (case.filed_at, case.due_at, case.updated_at, case.closed_at)
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
