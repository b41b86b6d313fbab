"""A reseller's list of customers, and its download (P4, R5, R13)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from accounts import keyset
from accounts.actor import Actor
from accounts.clock import database_now
from accounts.founding import may_add_customers
from accounts.models import User
from accounts.moments import export_text
from accounts.roles import CUSTOMER_STAFF
from accounts.spreadsheets import csv_answer
from jobs.kinds.change_customers import actions_for
from subscriptions.access.customer_columns import NOTHING, CustomerColumns, columns_of
from subscriptions.access.customer_filter import CustomerFilter
from subscriptions.access.customers_page import CustomerRow, customers_after, customers_page, export_customers
from subscriptions.access.grouped import may_group
from subscriptions.access.levels import level_label
from web.guards import reseller_page
from web.lists.columns import Box, Rows
from web.lists.listing import Action, Bulk, Listing, Total
from web.requests import ResellerRequest
from web.reseller.customer_forms import DESCENDING, CustomersForm
from web.reseller.customer_rows import CUSTOMERS, Line, all_customers, lines_of

# Customers read from the database at once while a download is on its way.
EXPORT_BATCH = 500


@require_safe
@reseller_page(*CUSTOMER_STAFF)
def reseller_customers(request: ResellerRequest) -> HttpResponse:
    """Show the customers this agent works for; agents see only theirs (P4)."""
    form = CustomersForm(request.GET, agent=request.user)
    if not form.is_valid():
        return _page(request, form)
    order, size = form.chosen_order, CUSTOMERS.size_for(request)
    at = keyset.place(request.GET, f"customers {order}", size)
    page = customers_page(
        request.user,
        search=form.cleaned_data["q"],
        customer_filter=form.customer_filter,
        descending=order == DESCENDING,
        after=at.after,
        before=at.before,
        size=size,
    )
    columns = columns_of(request.user, [row.customer_id for row in page.rows])
    lines = lines_of(page.rows, columns, database_now())
    pager = keyset.pager(request, at, previous=page.previous, next=page.next)
    return _page(request, form, lines, pager, Total(page.total))


def _page(
    request: ResellerRequest,
    form: CustomersForm,
    lines: Sequence[Line] = (),
    pager: keyset.Pager | None = None,
    total: Total | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    bulk = _bulk(request)
    box = Box[Line]("customer", lambda line: line.row.domain) if bulk else None
    rows = Rows(lines, title=lambda line: line.row.name, box=box)
    listing = Listing(request, CUSTOMERS, form, rows, pager, total, form.chosen_order, bulk=bulk)
    context = {"list": listing, "may_add": may_add_customers(request.user), "may_group": may_group(request.user)}
    return render(request, "reseller/customers.html", context, status=status)


def _bulk(request: ResellerRequest) -> Bulk | None:
    actions = [Action(action.value, str(action.label)) for action in actions_for(request.user)]
    return Bulk(reverse("customers_bulk"), actions, all_customers) if actions else None


@require_POST
@reseller_page(*CUSTOMER_STAFF)
def reseller_customers_export(request: ResellerRequest) -> HttpResponseBase:
    """Send the customers that the filters in the address leave as CSV; a POST, because it is recorded."""
    form = CustomersForm(request.GET, agent=request.user)
    if not form.is_valid():
        return _page(request, form, status=422)
    export_customers(actor=Actor.of(request), filters=form.used)
    lines = _lines(
        request.user,
        form.cleaned_data["q"],
        form.customer_filter,
        request.LANGUAGE_CODE,
        timezone.get_current_timezone(),
    )
    return csv_answer(f"customers-{request.reseller.primary_domain}-{timezone.localdate():%Y-%m-%d}.csv", lines)


def _lines(
    agent: User, search: str, customer_filter: CustomerFilter, language: str, zone: tzinfo
) -> Iterator[list[str]]:
    """Read in batches by keyset, for the person as the database knows them then: a right that ended ends it (R11).

    Language and time zone are brought along, as the middleware has put them back when the answer is read.
    """
    with translation.override(language):
        titles = _titles()
    yield titles
    key: tuple[str, int] | None = None
    while True:
        now = User.objects.get(pk=agent.pk)
        rows = customers_after(now, key, EXPORT_BATCH, search=search, customer_filter=customer_filter)
        columns = columns_of(now, [row.customer_id for row in rows])
        with translation.override(language), timezone.override(zone):
            lines = [_line(row, columns.get(row.customer_id, NOTHING)) for row in rows]
        yield from lines
        if len(rows) < EXPORT_BATCH:
            return
        key = rows[-1].key


def _titles() -> list[str]:
    return [
        _("Customer"), _("Domain"), _("Access"), _("Level"), _("Access ends"), _("Closes at"), _("Subscriptions sold"),
        _("Products"), _("Seats"), _("Licences in use"), _("Next renewal or end"),
        pgettext("at the next date", "Renews"), _("Teams"), _("Tags"), _("Last visit"),
    ]  # fmt: skip


def _line(row: CustomerRow, columns: CustomerColumns) -> list[str]:
    return [
        row.name,
        row.domain,
        str(row.state.label),
        level_label(row.level) if row.level else "",
        export_text(row.ends_at),
        export_text(row.closes_at),
        str(row.sold),
        ", ".join(columns.products),
        "" if columns.seats is None else str(columns.seats),
        str(columns.used),
        export_text(columns.next_at),
        "" if columns.next_at is None else str(_("Yes") if columns.renews else _("No")),
        ", ".join(columns.teams),
        ", ".join(name for _pk, name in columns.tags),
        export_text(columns.last_visit),
    ]
