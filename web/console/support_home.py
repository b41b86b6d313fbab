"""The first page of support in a console: which of its pages this person may open."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from support.schedule import has_moved
from web.guards import console_page
from web.requests import ConsoleRequest


@require_safe
@console_page(Permission.VIEW_CASES)
def support_home(request: ConsoleRequest) -> HttpResponse:
    """Show the ways on, each to whom may go it."""
    context = {
        "has_moved": has_moved(request.customer),
        "may_manage": Permission.MANAGE_SUPPORT_PARTNERS in request.permissions,
        "may_view_contracts": Permission.VIEW_SUPPORT_CONTRACTS in request.permissions,
    }
    return render(request, "console/support_home.html", context)
