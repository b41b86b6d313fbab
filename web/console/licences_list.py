"""The columns of the list of licences by subscription, and of the people who have one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts.models import Customer
from accounts.permissions import Permission
from subscriptions.models import Subscription
from subscriptions.models.subscription import Status
from web import charts
from web.lists import cells
from web.lists.columns import Column
from web.lists.listing import Kind, Words
from web.lists.people import NAME_DOWN, NAME_UP, count_of_people, person_status

_CHIPS = {Status.ACTIVE: "open", Status.SUSPENDED: "failed", Status.CANCELLED: "closed"}


@dataclass(frozen=True, slots=True)
class LicenceRow:
    """A subscription as the list shows it. free: None where seats are not limited; waiting: people without a seat."""

    subscription: Subscription
    url: str
    meter: charts.Meter
    free: int | None
    waiting: int


@dataclass(frozen=True, slots=True)
class HolderRow:
    """A person with a licence; `licensed_at` says since when. url: empty where the reader may not open people."""

    person: Any
    url: str


def _product(row: LicenceRow) -> cells.Html:
    sku = row.subscription.sku
    return cells.with_sub(cells.link(row.url, sku.name), sku.product.name if sku.product.name != sku.name else "")


def _source(row: LicenceRow) -> cells.Html:
    reseller = row.subscription.reseller
    return cells.name(reseller.name if reseller else settings.VENDOR_NAME)


def _meter(row: LicenceRow) -> cells.Html:
    return render_to_string("components/chart_meter.html", {"chart": row.meter})


def _status(row: LicenceRow) -> cells.Html:
    status = Status(row.subscription.status)
    return cells.chip(_CHIPS[status], status.label)


def _person(row: HolderRow) -> cells.Html:
    name = cells.name(row.person.name)
    return cells.link(row.url, name) if row.url else name


def _counted(number: int) -> str:
    return ngettext("%(number)s subscription", "%(number)s subscriptions", number) % {"number": cells.number(number)}


_COLUMNS = (
    Column[LicenceRow]("product", gettext_lazy("Subscription"), _product),
    Column[LicenceRow]("source", gettext_lazy("Bought from"), _source, is_text=True),
    Column[LicenceRow]("used", gettext_lazy("Seats used"), _meter),
    Column[LicenceRow](
        "free",
        pgettext_lazy("seats", "Free"),
        lambda row: _("unlimited") if row.free is None else cells.number(row.free),
        is_number=True,
    ),
    Column[LicenceRow](
        "waiting", gettext_lazy("Waiting for a seat"), lambda row: cells.number(row.waiting), is_number=True
    ),
    Column[LicenceRow]("status", gettext_lazy("Status"), _status),
)


def licences_list(*, of_agent: bool) -> Kind[LicenceRow]:
    """Return the list as this reader sees it."""
    own = gettext_lazy("Each subscription that your organisation buys brings licences, and they will be listed here.")
    sold = gettext_lazy(
        "Your organisation has sold nothing here that is still live, and nothing else was opened to it."
    )
    words = Words(
        name=gettext_lazy("Licences"),
        search=gettext_lazy("Search subscriptions"),
        counted=_counted,
        none_found=gettext_lazy("No licences"),
        none_found_text=own,
        none=gettext_lazy("No licences"),
        none_text=sold if of_agent else own,
        icon="ticket-check",
    )
    return Kind("licences", words, _COLUMNS)


HOLDERS = Kind(
    "licence_holders",
    Words(
        name=gettext_lazy("Who has a licence"),
        search=gettext_lazy("Search people"),
        counted=count_of_people,
        none_found=gettext_lazy("Nobody with a licence matches"),
        none_found_text=gettext_lazy("Search for a part of the name or of the address."),
        none=gettext_lazy("Nobody has a licence yet"),
        none_text=gettext_lazy(
            "The people who get one will be listed here. Assign licences one by one, by organisational unit, or"
            " automatically."
        ),
        icon="ticket-check",
    ),
    (
        Column[HolderRow]("name", gettext_lazy("Name"), _person, up=NAME_UP, down=NAME_DOWN),
        Column[HolderRow](
            "email", gettext_lazy("E-mail address"), lambda row: cells.email(row.person.email), is_text=True
        ),
        Column[HolderRow]("status", gettext_lazy("Status"), lambda row: person_status(row.person)),
        Column[HolderRow]("assigned", gettext_lazy("Assigned"), lambda row: cells.day(row.person.licensed_at)),
    ),
)


def holder_rows(people: Iterable[Any], customer: Customer, may: frozenset[Permission]) -> list[HolderRow]:
    """Return the rows of a page of people with a licence."""
    url, opens_people = cells.urls("user", "user_id", domain=customer.primary_domain), Permission.VIEW_USERS in may
    return [HolderRow(person, url(person.pk) if opens_people else "") for person in people]
