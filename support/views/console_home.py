"""The first page of a customer's console: what matters now, as far as this person may see it."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.guards import ConsoleRequest, console_page
from accounts.permissions import Permission
from accounts.trail import customer_line, trail_of_customer
from subscriptions.access.overview import overview_of
from subscriptions.access.scope import subscriptions_in_console
from subscriptions.models.subscription import Status

# Enough to see what happened today; the audit log has the rest.
RECENT_EVENTS = 5


@require_GET
@console_page(Permission.VIEW_CONSOLE)
def console_home(request: ConsoleRequest) -> HttpResponse:
    """Show who has access right now, the subscriptions and the latest events, each to whom may see it (R14)."""
    permissions = request.permissions
    context: dict[str, Any] = {
        "may_view_account": Permission.VIEW_ACCOUNT in permissions,
        "may_view_subscriptions": Permission.VIEW_SUBSCRIPTIONS in permissions,
        "may_view_reseller_access": Permission.VIEW_RESELLER_ACCESS in permissions,
        "may_view_audit_log": Permission.VIEW_AUDIT_LOG in permissions,
    }
    if Permission.VIEW_RESELLER_ACCESS in permissions:
        context["sections"] = overview_of(request.customer).sections
    if Permission.VIEW_SUBSCRIPTIONS in permissions:
        context["counts"] = _counts(request)
    if Permission.VIEW_AUDIT_LOG in permissions:
        latest = trail_of_customer(request.customer).order_by("-pk")[:RECENT_EVENTS]
        context["lines"] = [customer_line(event) for event in latest]
    return render(request, "console/home.html", context)


def _counts(request: ConsoleRequest) -> dict[str, int]:
    live = subscriptions_in_console(request.user, request.customer).exclude(status=Status.CANCELLED)
    return live.aggregate(
        total=Count("pk"),
        from_resellers=Count("pk", filter=Q(reseller__isnull=False)),
        from_vendor=Count("pk", filter=Q(reseller=None)),
        suspended=Count("pk", filter=Q(status=Status.SUSPENDED)),
    )
