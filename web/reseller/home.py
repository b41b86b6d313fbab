"""The first page of a reseller: which customers and which subscriptions need attention now (P4, B3, R5)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit_log import EVERYDAY, events_of_reseller, latest
from accounts.clock import database_now
from accounts.roles import CUSTOMER_STAFF
from subscriptions.access.customer_filter import AccessFilter
from subscriptions.reseller_figures import SHOWN, AccessFigures, CustomerLine, SoldFigures, access_figures, sold_figures
from web import charts
from web.audit.lines import reseller_lines
from web.guards import reseller_page
from web.requests import ResellerRequest

RECENT_EVENTS = 6


@require_safe
@reseller_page(*CUSTOMER_STAFF)
def reseller_home(request: ResellerRequest) -> HttpResponse:
    """Show whose console opens, closes or is closed, what ends soon, and what agents did (A4)."""
    access, sold = access_figures(request.user), sold_figures(request.user)
    events = events_of_reseller(request.user).exclude(name__in=EVERYDAY)
    context = {
        "access": access,
        "access_chart": _access_chart(access),
        "moving": _moving(access),
        "closed": access.lists[AccessFilter.CLOSED],
        "numbers": {state.value: number for state, number in access.numbers.items()},
        "sold": sold,
        "seats_chart": _seats_chart(sold),
        "lines": reseller_lines(latest(events, RECENT_EVENTS)),
        "now": database_now(),
    }
    return render(request, "reseller/home.html", context)


def _moving(access: AccessFigures) -> list[tuple[AccessFilter, CustomerLine]]:
    """Return whose console closes or opens soon, the next one first."""
    states = (AccessFilter.CLOSING, AccessFilter.OPENING)
    lines = [(state, line) for state in states for line in access.lists[state]]
    return sorted(lines, key=lambda line: (line[1].at is None, line[1].at))[:SHOWN]


def _access_chart(access: AccessFigures) -> charts.BarChart:
    states = [state for state in AccessFilter if state is not AccessFilter.NEVER_USED]
    values = [(str(state.label), access.numbers[state]) for state in states]
    return charts.bars("access", _("Customers by access to their consoles"), values)


def _seats_chart(sold: SoldFigures) -> charts.LineChart:
    months = [month for month, _seats in sold.months]
    series = [charts.Series(_("Seats"), [seats for _month, seats in sold.months])]
    return charts.by_month("seats", _("Seats at the end of each month"), months, series)
