"""The columns of the history of a customer's subscriptions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Customer
from subscriptions.models import Order
from subscriptions.models.order import OrderKind
from web.audit.cells import changes
from web.audit.words import Difference, differences
from web.lists import cells
from web.lists.columns import Column
from web.lists.filters import NEWEST, OLDEST
from web.lists.listing import Kind, Words


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A line of the history as the list shows it. url: of its subscription."""

    order: Order
    url: str

    @property
    def title(self) -> str:
        return str(OrderKind(self.order.kind).label)


def differences_of(order: Order) -> list[Difference]:
    """Return what a line changed, in words."""
    return differences(order.old_value, order.new_value)


def _seats(row: OrderRow) -> cells.Html:
    return cells.NOTHING if row.order.seats is None else cells.number(row.order.seats)


def _source(row: OrderRow) -> cells.Html:
    return cells.name(row.order.reseller.name if row.order.reseller else settings.VENDOR_NAME)


def _actor(row: OrderRow) -> cells.Html:
    order = row.order
    if not order.actor_email:
        return _("System")
    return cells.with_sub(cells.email(order.actor_email), order.actor_organisation)


_COLUMNS = (
    Column[OrderRow](
        "time", gettext_lazy("Time"), lambda row: cells.exact_moment(row.order.at), up=OLDEST, down=NEWEST
    ),
    Column[OrderRow]("kind", gettext_lazy("What happened"), lambda row: row.title),
    Column[OrderRow](
        "subscription",
        gettext_lazy("Subscription"),
        lambda row: cells.link(row.url, row.order.subscription.sku.name),
        is_long=True,
    ),
    Column[OrderRow]("change", gettext_lazy("Change"), lambda row: changes(differences_of(row.order)), is_long=True),
    Column[OrderRow]("seats", gettext_lazy("Seats"), _seats, is_number=True),
    Column[OrderRow]("source", gettext_lazy("Bought from"), _source, is_text=True),
    Column[OrderRow]("actor", gettext_lazy("By whom"), _actor, is_text=True),
)


def _counted(number: int) -> str:
    return ngettext("%(number)s event", "%(number)s events", number) % {"number": cells.number(number)}


BILLING = Kind(
    "billing",
    Words(
        name=gettext_lazy("Subscription history"),
        search=gettext_lazy("Search the history"),
        counted=_counted,
        none_found=gettext_lazy("Nothing in the history matches this search"),
        none_found_text=gettext_lazy("Choose a longer period, or clear the search."),
        none=gettext_lazy("Nothing has happened yet"),
        none_text=gettext_lazy(
            "Each order and each change of a subscription will be listed here, no matter who sold it."
        ),
        icon="receipt-text",
    ),
    _COLUMNS,
)


def rows_of(orders: Iterable[Order], customer: Customer) -> list[OrderRow]:
    """Return the rows of a page."""
    url = cells.urls("subscription", "subscription_id", domain=customer.primary_domain)
    return [OrderRow(order, url(order.subscription_id)) for order in orders]
