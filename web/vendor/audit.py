"""The audit log over all organisations: what happened where, sign-ins, and who of the vendor did what (A4, P14)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.audit import EventName
from accounts.audit_log import events_for_operator, page_of_events
from accounts.names import isolated
from accounts.roles import Role
from accounts.sign_in.events import failures_at_unknown_addresses
from web.audit.cells import changes
from web.audit.filter import OperatorEventFilter
from web.audit.lines import Line, operator_lines
from web.guards import vendor_page
from web.lists import cells
from web.lists.columns import Column, Rows
from web.lists.listing import Kind, Listing, Words
from web.lists.pages import page_of
from web.requests import SignedInRequest


def _counted(number: int) -> str:
    """The log is not counted: it has millions of events."""
    return ""


def _actor(line: Line) -> cells.Html:
    """Say who did it; of whom the reader may not know, nothing but their organisation."""
    if not line.actor:
        return cells.sub(_("A person of %(organisation)s") % {"organisation": isolated(line.organisation)})
    return cells.with_sub(cells.name(line.actor), cells.name(line.organisation) if line.organisation else "")


def _where(line: Line) -> cells.Html:
    return cells.link(line.where_url, cells.name(line.where)) if line.where_url else cells.name(line.where)


OPERATIONS_LOG: Kind[Line] = Kind(
    "operations_log",
    Words(
        name=gettext_lazy("Events"),
        search=gettext_lazy("Search events"),
        counted=_counted,
        none_found=gettext_lazy("No event matches this search"),
        none_found_text=gettext_lazy("Choose a longer period, or clear the search."),
        none=gettext_lazy("Nothing has happened yet"),
        none_text=gettext_lazy("What happens at customers, at resellers and at the vendor will be listed here."),
        icon="scroll-text",
    ),
    (
        Column[Line]("time", gettext_lazy("Time"), lambda line: cells.exact_moment(line.at)),
        Column[Line]("event", gettext_lazy("Event"), lambda line: line.event, is_long=True),
        Column[Line]("where", gettext_lazy("Organisation"), _where, is_text=True),
        Column[Line]("actor", gettext_lazy("Actor"), _actor, is_long=True),
        Column[Line]("about", gettext_lazy("About"), lambda line: cells.name(line.subject), is_long=True),
        Column[Line]("change", gettext_lazy("Change"), lambda line: changes(line.differences), is_long=True),
        Column[Line]("ip", gettext_lazy("IP address"), lambda line: line.ip_address or cells.NOTHING, is_shown=False),
    ),
)


@require_safe
@vendor_page(Role.VENDOR_OPERATOR)
def operations_audit(request: SignedInRequest) -> HttpResponse:
    """Show what happened at all organisations, newest first, as far as operators may know it."""
    form = OperatorEventFilter(request.GET, events=tuple(EventName))
    events = form.filtered(events_for_operator(request.user))
    found = page_of(request, events, "operations_log", by=page_of_events, size=OPERATIONS_LOG.size_for(request))
    rows = Rows(operator_lines(found.rows, form.named), title=lambda line: line.event)
    listing = Listing(request, OPERATIONS_LOG, form, rows, found.pager)
    context = {"list": listing, "unknown_sign_ins": failures_at_unknown_addresses()}
    return render(request, "vendor/audit.html", context)
