"""*Account* › *Applications*: what people of a customer may allow to act for them (X7)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from web.applications import pages
from web.applications.area import Area
from web.guards import console_page
from web.requests import ConsoleRequest


@require_safe
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def applications(request: ConsoleRequest) -> HttpResponse:
    """List the applications of this customer."""
    return pages.listed(request, Area.console(request))


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def application_new(request: ConsoleRequest) -> HttpResponse:
    """Register an application."""
    return pages.registered(request, Area.console(request))


@require_safe
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def application(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """Show one application."""
    return pages.application_page(request, Area.console(request), account_id)


@require_safe
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def application_ready(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """Offer the file of the application that was just registered."""
    return pages.ready(request, Area.console(request), account_id)


@require_safe
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def application_file(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """Give the file of an application, once."""
    return pages.downloaded(request, Area.console(request), account_id)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def application_change(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """Change what an application may ask for, and where it leads people back to."""
    return pages.changed(request, Area.console(request), account_id)


@require_POST
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def application_secret(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """Give an application another secret."""
    return pages.secret_renewed(request, Area.console(request), account_id)


@require_POST
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def application_end(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """End an application."""
    return pages.ended(request, Area.console(request), account_id)


@require_POST
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def application_consent_end(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """End what a person allowed an application."""
    return pages.consent_ended(request, Area.console(request), account_id)
