"""The columns of the list of subscriptions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Customer
from subscriptions.models import Subscription
from subscriptions.models.subscription import Plan, Status
from web.lists import cells
from web.lists.columns import Column
from web.lists.listing import Kind, Words

_NO_END = gettext_lazy("no end")
_CHIPS = {Status.ACTIVE: "open", Status.SUSPENDED: "failed", Status.CANCELLED: "closed"}


@dataclass(frozen=True, slots=True)
class Row:
    """A subscription as the list shows it: `with_names`, and with `used` where the reader may know it.

    url: of its page.
    """

    subscription: Any
    url: str
    plan: str
    status: cells.Html


def _product(row: Row) -> cells.Html:
    sku, product = row.subscription.sku_name, row.subscription.product_name
    return cells.with_sub(cells.link(row.url, sku), product if product != sku else "")


def _source(row: Row) -> cells.Html:
    return cells.name(row.subscription.reseller_name or settings.VENDOR_NAME)


def _seats(row: Row) -> cells.Html:
    seats = row.subscription.seats
    return _("unlimited") if seats is None else cells.number(seats)


def _used(row: Row) -> cells.Html:
    return cells.number(row.subscription.used)


_USED = Column[Row]("used", gettext_lazy("Used"), _used, is_number=True)
_COLUMNS = (
    Column[Row]("product", gettext_lazy("Product"), _product),
    Column[Row]("source", gettext_lazy("Bought from"), _source, is_text=True),
    Column[Row]("plan", gettext_lazy("Plan"), lambda row: row.plan, is_text=True),
    Column[Row]("seats", gettext_lazy("Seats"), _seats, is_number=True),
    _USED,
    Column[Row]("ends", gettext_lazy("Ends or renews"), lambda row: cells.day(row.subscription.ends_at, _NO_END)),
    Column[Row]("status", gettext_lazy("Status"), lambda row: row.status),
)


def _counted(number: int) -> str:
    return ngettext("%(number)s subscription", "%(number)s subscriptions", number) % {"number": cells.number(number)}


def _words(none_text: Promise) -> Words:
    return Words(
        name=gettext_lazy("Subscriptions"),
        search=gettext_lazy("Search subscriptions"),
        counted=_counted,
        none_found=gettext_lazy("No subscription matches this search"),
        none_found_text=gettext_lazy("Search for a part of the product's name, or clear the search."),
        none=gettext_lazy("No subscriptions"),
        none_text=none_text,
        icon="package",
    )


_OWN = _words(gettext_lazy("What your organisation buys, from a reseller or directly, will be listed here."))
_OF_AN_AGENT = _words(
    gettext_lazy("Your organisation has sold nothing here that is still live, and nothing else was opened to it.")
)


def subscriptions_list(*, of_agent: bool, shows_use: bool) -> Kind[Row]:
    """Return the list as this reader sees it. shows_use: whether they may know how many seats are used."""
    columns = [column for column in _COLUMNS if shows_use or column is not _USED]
    return Kind("subscriptions", _OF_AN_AGENT if of_agent else _OWN, columns)


def with_names(subscriptions: QuerySet[Subscription]) -> QuerySet[Any]:
    """Add what the rows show of SKU, product and reseller: three objects more for each row were a tenth of the page."""
    return subscriptions.annotate(
        sku_name=F("sku__name"), product_name=F("sku__product__name"), reseller_name=F("reseller__name")
    )


def rows_of(subscriptions: list[Subscription], customer: Customer) -> list[Row]:
    """Return the rows of a page."""
    url = cells.urls("subscription", "subscription_id", domain=customer.primary_domain)
    plans, chips = cells.labels(Plan), cells.chips(_CHIPS)
    return [
        Row(subscription, url(subscription.pk), plans[Plan(subscription.plan)], chips[Status(subscription.status)])
        for subscription in subscriptions
    ]
