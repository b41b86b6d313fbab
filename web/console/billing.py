"""Billing: payment accounts, masked, and the history of all subscriptions. For the customer's own people (R14)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import keyset
from accounts.models import Customer
from accounts.moments import day_text, export_text
from accounts.permissions import Permission
from accounts.spreadsheets import csv_answer
from subscriptions.billing import expiry_of, masked, payment_accounts_of, subscriptions_of
from subscriptions.models import Order, Subscription
from subscriptions.models.order import OrderKind
from web.console.billing_list import BILLING, differences_of, rows_of
from web.guards import console_page
from web.lists.columns import Rows
from web.lists.filters import ByAge
from web.lists.listing import Listing, counted
from web.lists.pages import page_of
from web.lists.periods import PeriodFilter
from web.orders.lines import orders_of_customer
from web.requests import ConsoleRequest

# Lines read from the database at once while an export is on its way.
EXPORT_BATCH = 1000


class OrdersFilter(ByAge, PeriodFilter):
    """Filters the history by subscription, by what happened, and by period."""

    subscription = forms.ChoiceField(label=gettext_lazy("Subscription"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=[("", gettext_lazy("Anything")), *OrderKind.choices],
        required=False,
    )
    field_order = ("subscription", "kind", "since", "until", "order")

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = subscriptions_of(customer).select_related("sku").order_by("sku__name", "pk")
        subscription = self.fields["subscription"]
        assert isinstance(subscription, forms.ChoiceField)
        subscription.choices = [("", _("All subscriptions")), *((str(each.pk), _name(each)) for each in own)]

    def filtered(self, orders: QuerySet[Order]) -> QuerySet[Order]:
        """Return the lines that were asked for; nothing while a field has an error."""
        if not self.is_valid():
            return orders.none()
        asked = self.cleaned_data
        if asked["subscription"]:
            orders = orders.filter(subscription=int(asked["subscription"]))
        if asked["kind"]:
            orders = orders.filter(kind=asked["kind"])
        return self.within_period(orders)


def _name(subscription: Subscription) -> str:
    """Tell apart several subscriptions of one product."""
    words = {"name": subscription.sku.name, "day": day_text(subscription.ordered_at)}
    return _("%(name)s, ordered %(day)s") % words


@require_safe
@console_page(Permission.VIEW_BILLING)
def billing(request: ConsoleRequest) -> HttpResponse:
    """Show how the customer pays the vendor, and what became of its subscriptions, newest first."""
    return _page(request, OrdersFilter(request.GET, customer=request.customer))


def _page(request: ConsoleRequest, form: OrdersFilter, *, status: int = 200) -> HttpResponse:
    orders = form.filtered(orders_of_customer(request.customer)).select_related("subscription__sku", "reseller")
    order = form.chosen_order
    found = page_of(request, orders, f"billing {order}", by=form.by, size=BILLING.size_for(request))
    rows = Rows(rows_of(found.rows, request.customer), title=lambda row: row.title)
    url = reverse("billing", kwargs={"domain": request.customer.primary_domain})
    listing = Listing(request, BILLING, form, rows, found.pager, counted(orders), order, path=url, has_heading=True)
    today = timezone.localdate()
    context = {
        "list": listing,
        "accounts": [
            (account, masked(account), str(expiry_of(account, today)))
            for account in payment_accounts_of(request.customer)
        ],
    }
    return render(request, "console/billing.html", context, status=status)


@require_safe
@console_page(Permission.VIEW_BILLING)
def billing_export(request: ConsoleRequest) -> HttpResponseBase:
    """Send the filtered history as CSV, line by line, in the reader's language and time zone."""
    form = OrdersFilter(request.GET, customer=request.customer)
    if not form.is_valid():
        return _page(request, form, status=400)
    orders = form.filtered(orders_of_customer(request.customer)).select_related("subscription__sku", "reseller")
    rows = _export_rows(orders, request.LANGUAGE_CODE, timezone.get_current_timezone())
    name = f"subscriptions-{request.customer.primary_domain}-{timezone.localdate():%Y-%m-%d}.csv"
    return csv_answer(name, rows)


def _export_rows(orders: QuerySet[Order], language: str, zone: tzinfo) -> Iterator[list[str]]:
    """Each batch brings its language and time zone, which the middleware has put back by then."""
    with translation.override(language):
        yield [
            _("Time"),
            _("Subscription"),
            _("What happened"),
            _("Change"),
            _("Seats"),
            _("Bought from"),
            _("Actor"),
            _("Organisation"),
        ]
    for batch in keyset.batches(orders, EXPORT_BATCH):
        with translation.override(language), timezone.override(zone):
            rows = [_export_row(order) for order in batch]
        yield from rows


def _export_row(order: Order) -> list[str]:
    return [
        export_text(order.at),
        order.subscription.sku.name,
        order.get_kind_display(),
        "; ".join(str(difference) for difference in differences_of(order)),
        "" if order.seats is None else str(order.seats),
        order.reseller.name if order.reseller else settings.VENDOR_NAME,
        order.actor_email or _("System"),
        order.actor_organisation,
    ]
