"""The first page of a customer's console: what matters now, as far as this person may see it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit_log import EVERYDAY, events_of_customer, latest
from accounts.figures import PeopleFigures, pending_devices, people_figures
from accounts.permissions import Permission
from subscriptions.access.requests import open_requests_to
from subscriptions.access.scope import subscriptions_in_console
from subscriptions.figures import SubscriptionFigures, subscription_figures
from support.models.case import State
from support.schedule import has_moved
from support.scope import cases_visible_to
from web import charts
from web.audit.lines import customer_line
from web.console.health import health_now, shown
from web.console.outsiders import PARTNER_PERMISSIONS, outside_of
from web.guards import console_page
from web.requests import ConsoleRequest

# Enough to see what happened today; the audit log has the rest.
RECENT_EVENTS = 6
# Of what is wrong with the access that was given; the page Health has them all.
SHOWN_FINDINGS = 5
# Of requests for access; each reseller has one at most (R17).
SHOWN_REQUESTS = 3


@require_safe
@console_page(Permission.VIEW_CONSOLE)
def console_home(request: ConsoleRequest) -> HttpResponse:
    """Show what needs a decision, who has access, seats, people and events, each to whom may see it (R14)."""
    held = request.permissions
    context: dict[str, Any] = {"may": {permission.name.lower(): True for permission in held}}
    if held & {*PARTNER_PERMISSIONS, Permission.VIEW_RESELLER_ACCESS}:
        context["outside"] = outside_of(request.customer, held)
        context["has_moved"] = has_moved(request.customer)
    if Permission.VIEW_RESELLER_ACCESS in held:
        context["access_requests"] = list(open_requests_to(request.customer)[:SHOWN_REQUESTS])
    if Permission.CHANGE_RESELLER_ACCESS in held and context["outside"].overview:
        findings = health_now(request.customer, context["outside"].overview).needs_a_look
        context["findings"] = [shown(request.customer, finding) for finding in findings[:SHOWN_FINDINGS]]
        context["number_of_findings"] = len(findings)
    if Permission.VIEW_SUBSCRIPTIONS in held:
        figures = subscription_figures(subscriptions_in_console(request.user, request.customer, held))
        context |= {"figures": figures, **_seat_meters(figures)}
    if Permission.VIEW_USERS in held:
        context["people"] = people = people_figures(request.customer)
        context["people_chart"] = _people_chart(people)
    if Permission.VIEW_DEVICES in held:
        context["pending_devices"] = pending_devices(request.customer)
    if Permission.VIEW_CASES in held:
        waiting = cases_visible_to(request.user).filter(customer=request.customer, state=State.ACTION_REQUIRED)
        context["waiting_cases"] = waiting.count()
    if Permission.VIEW_AUDIT_LOG in held:
        events = events_of_customer(request.customer).exclude(name__in=EVERYDAY)
        context["lines"] = [customer_line(event) for event in latest(events, RECENT_EVENTS)]
    return render(request, "console/home.html", context)


def _people_chart(people: PeopleFigures) -> charts.LineChart:
    """Draw how many people there were at the end of each month."""
    months = [month for month, _number in people.months]
    series = [charts.Series(_("People"), [number for _month, number in people.months])]
    return charts.by_month("people", _("People at the end of each month"), months, series)


def _seat_meters(figures: SubscriptionFigures) -> dict[str, Any]:
    """Draw how many seats are used: of all subscriptions, and of those with the fewest seats left."""
    title = _("Seats used, all subscriptions")
    return {
        "all_seats": charts.meter("seats-total", title, figures.used, figures.seats),
        "fullest": [
            (use.subscription, charts.meter(f"seats-{use.subscription.pk}", str(use.subscription), use.used, use.seats))
            for use in figures.fullest
        ],
    }
