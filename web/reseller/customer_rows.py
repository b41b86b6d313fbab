"""The columns of a reseller's list of customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from accounts.moments import moment_text
from accounts.names import isolated
from subscriptions.access.customer_columns import NOTHING, CustomerColumns
from subscriptions.access.customers_page import CustomerRow
from subscriptions.access.effective import AccessState
from subscriptions.access.levels import level_label
from web.lists import cells
from web.lists.columns import Column
from web.lists.listing import Kind, Words
from web.reseller.customer_forms import ASCENDING, DESCENDING


@dataclass(frozen=True, slots=True)
class Line:
    """A customer as the list shows them. urls: of their page, of the way into the console, and of an activation."""

    row: CustomerRow
    columns: CustomerColumns
    url: str
    enter_url: str
    activate_url: str
    now: datetime


def _name(line: Line) -> cells.Html:
    support_only = _("Support only") if line.row.is_support_only else ""
    return cells.with_sub(cells.link(line.url, cells.name(line.row.name)), support_only)


def _access(line: Line) -> cells.Html:
    return cells.chip(line.row.state.value, line.row.state.label)


def _until(line: Line) -> cells.Html:
    """Say what becomes of the access, and when."""
    row = line.row
    if row.closes_at:
        return _("closes %(time)s") % {"time": moment_text(row.closes_at, sentence=True)}
    if row.opens_at and row.opens_at > line.now:
        return _("opens by about %(time)s") % {"time": moment_text(row.opens_at, sentence=True)}
    if row.opens_at:
        return _("opens any moment now")
    return _("ends %(time)s") % {"time": moment_text(row.ends_at, sentence=True)} if row.ends_at else cells.NOTHING


def _seats(line: Line) -> cells.Html:
    columns = line.columns
    if not columns.products:
        return cells.NOTHING
    used = cells.number(columns.used)
    if columns.seats is None:
        return used
    return _("%(used)s of %(seats)s") % {"used": used, "seats": cells.number(columns.seats)}


def _next(line: Line) -> cells.Html:
    columns = line.columns
    if columns.next_at is None:
        return cells.NOTHING
    word = pgettext("at the next date", "renews") if columns.renews else pgettext("at the next date", "ends")
    return cells.with_sub(cells.day(columns.next_at), word)


def _way_in(line: Line) -> cells.Html:
    """Link to the console, or to what opens it."""
    name = isolated(line.row.name)
    if line.row.can_be_entered:
        label = _("Open the console of %(name)s") % {"name": name}
        return cells.link(line.enter_url, pgettext("a console", "Open"), label=label)
    if line.row.state is AccessState.ON_REQUEST:
        return cells.link(line.activate_url, _("Activate"), label=_("Activate access to %(name)s") % {"name": name})
    return ""


def _tags(line: Line) -> cells.Html:
    return cells.lines(cells.link(f"?tag={pk}", cells.name(name)) for pk, name in line.columns.tags)


# Those that are shown without having been chosen leave room for whole names on a screen of 1280 pixels.
_COLUMNS = (
    Column[Line]("customer", gettext_lazy("Customer"), _name, up=ASCENDING, down=DESCENDING),
    Column[Line]("domain", gettext_lazy("Domain"), lambda line: cells.domain(line.row.domain), is_text=True),
    Column[Line]("access", gettext_lazy("Access"), _access),
    Column[Line]("until", pgettext_lazy("of access", "Until"), _until, is_long=True),
    Column[Line](
        "level",
        gettext_lazy("Level"),
        lambda line: level_label(line.row.level) if line.row.level else cells.NOTHING,
        is_text=True,
        is_shown=False,
    ),
    Column[Line](
        "products",
        gettext_lazy("Products sold"),
        lambda line: cells.listed(line.columns.products),
        is_text=True,
    ),
    Column[Line]("seats", gettext_lazy("Seats used"), _seats, is_number=True, is_shown=False),
    Column[Line]("next", gettext_lazy("Ends or renews"), _next, is_shown=False),
    Column[Line](
        "teams",
        gettext_lazy("Teams"),
        lambda line: cells.listed(map(isolated, line.columns.teams)),
        is_text=True,
        is_shown=False,
    ),
    Column[Line]("tags", gettext_lazy("Tags"), _tags, is_text=True, is_shown=False),
    Column[Line](
        "last_visit",
        gettext_lazy("Last visit"),
        lambda line: cells.day(line.columns.last_visit, gettext_lazy("never")),
        is_shown=False,
    ),
    Column[Line]("console", pgettext_lazy("the header of a column", "Console"), _way_in),
)


def _counted(number: int) -> str:
    return ngettext("%(number)s customer", "%(number)s customers", number) % {"number": cells.number(number)}


def all_customers(number: str) -> str:
    """Return the words for all that the filter finds."""
    return _("Select all %(number)s customers") % {"number": number}


_WORDS = Words(
    name=gettext_lazy("Customers"),
    search=gettext_lazy("Search customers"),
    counted=_counted,
    none_found=gettext_lazy("No customer matches this search"),
    none_found_text=gettext_lazy("Search for a part of the name or of the domain, or choose other filters."),
    none=gettext_lazy("No customers yet"),
    none_text=gettext_lazy(
        "Customers appear here when your organisation has sold them a subscription, or has a support contract with"
        " them, and you work for them. A reseller admin assigns customers to agents and teams."
    ),
    icon="building-2",
)

CUSTOMERS = Kind("customers", _WORDS, _COLUMNS)


def lines_of(rows: list[CustomerRow], columns: dict[int, CustomerColumns], now: datetime) -> list[Line]:
    """Return the lines of a page. columns: of its customers, read with one query."""
    page, enter, activate = (
        cells.urls_by_domain(name) for name in ("reseller_customer", "enter_console", "reseller_activate")
    )
    return [
        Line(
            row,
            columns.get(row.customer_id, NOTHING),
            page(row.domain),
            enter(row.domain),
            activate(row.domain),
            now,
        )
        for row in rows
    ]
