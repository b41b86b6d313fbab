"""The account settings of a customer's console, and the way to *Account management*."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from web.guards import console_page
from web.requests import ConsoleRequest


@require_safe
@console_page(Permission.VIEW_ACCOUNT)
def account_settings(request: ConsoleRequest) -> HttpResponse:
    """Show what the account is, and the settings that this person may see."""
    context = {
        "may_manage_profile": Permission.MANAGE_PROFILE in request.permissions,
        "may_view_domains": Permission.VIEW_DOMAINS in request.permissions,
        "may_view_reseller_access": Permission.VIEW_RESELLER_ACCESS in request.permissions,
        "may_change_reseller_access": Permission.CHANGE_RESELLER_ACCESS in request.permissions,
        "may_view_console_sessions": Permission.VIEW_CONSOLE_SESSIONS in request.permissions,
    }
    return render(request, "console/account_settings.html", context)
