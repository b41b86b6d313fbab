"""The columns of the audit log."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Customer
from web.audit.cells import changes_of_page, machine, named
from web.audit.lines import Line
from web.lists import cells
from web.lists.columns import Column, Menu
from web.lists.listing import Kind, Words


def _about(line: Line) -> cells.Html:
    """Link to the object, or to the events about it where it has no page for this reader."""
    name = cells.name(line.subject or named(line.about))
    if name == cells.NOTHING:
        return name
    url = line.url or (f"?about={quote(line.about, safe='')}" if line.about else "")
    return cells.link(url, name) if url else name


def columns_of(customer: Customer, *, may_open_visits: bool) -> list[Column[Line]]:
    """Return the columns; visits are links for those who may open them."""
    visit_url = cells.urls("outside_visit", "session_id", domain=customer.primary_domain)

    def visit(line: Line) -> cells.Html:
        if line.visit is None:
            return cells.NOTHING
        number = _("Visit %(number)s") % {"number": line.visit}
        return cells.link(visit_url(line.visit), number) if may_open_visits else number

    def activation(line: Line) -> cells.Html:
        if line.activation is None:
            return cells.NOTHING
        number = _("Activation %(number)s") % {"number": line.activation}
        return cells.link(f"?activation={line.activation}", number)

    written = changes_of_page()

    def actor(line: Line) -> cells.Html:
        parts = [cells.name(line.actor)]
        if line.outside:
            parts += [cells.sub(cells.name(line.organisation)), cells.chip("plain", line.outside)]
        if line.machine:
            parts.append(machine(line))
        parts += [
            cells.sub(each(line)) for each, number in ((visit, line.visit), (activation, line.activation)) if number
        ]
        return cells.lines(parts)

    return [
        Column("time", gettext_lazy("Time"), lambda line: cells.exact_moment(line.at)),
        Column("event", gettext_lazy("Event"), lambda line: line.event, is_long=True),
        Column("about", gettext_lazy("About"), _about, is_long=True),
        Column("actor", gettext_lazy("Actor"), actor, is_long=True),
        Column("change", gettext_lazy("Change"), lambda line: written(line.differences), is_long=True),
        Column("ip", gettext_lazy("IP address"), lambda line: line.ip_address or cells.NOTHING),
    ]


def _counted(number: int) -> str:
    """The log is not counted: it has millions of events."""
    return ""


def menu_of(customer: Customer) -> Callable[[Line], tuple[int, Menu]]:
    """Return what makes the menu of a row: the proof that the event is in the sealed log (A5)."""
    url = cells.pattern("audit_event_proof", "event_id", domain=customer.primary_domain)
    menu = ((url, _("Download the proof")),)
    return lambda line: (line.number, menu)


WORDS = Words(
    name=gettext_lazy("Events"),
    search=gettext_lazy("Search events"),
    counted=_counted,
    none_found=gettext_lazy("No event matches this search"),
    none_found_text=gettext_lazy("Choose a longer period, or clear the search."),
    none=gettext_lazy("Nothing has happened yet"),
    none_text=gettext_lazy(
        "Everything that is done in this console will be listed here, no matter who does it: your admins, your"
        " resellers and the vendor."
    ),
    icon="scroll-text",
)


def audit_list(customer: Customer, *, may_open_visits: bool) -> Kind[Line]:
    """Return the list as this reader sees it."""
    return Kind("audit_log", WORDS, columns_of(customer, may_open_visits=may_open_visits))
