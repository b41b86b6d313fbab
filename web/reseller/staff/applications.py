"""*Staff* › *Applications*: what people of a reseller may allow to act for them (X7)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Role
from web.applications import pages
from web.applications.area import Area
from web.guards import reseller_page
from web.requests import ResellerRequest


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_applications(request: ResellerRequest) -> HttpResponse:
    """List the applications of this reseller."""
    return pages.listed(request, Area.reseller(request))


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_application_new(request: ResellerRequest) -> HttpResponse:
    """Register an application."""
    return pages.registered(request, Area.reseller(request))


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_application(request: ResellerRequest, account_id: int) -> HttpResponse:
    """Show one application."""
    return pages.application_page(request, Area.reseller(request), account_id)


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_application_ready(request: ResellerRequest, account_id: int) -> HttpResponse:
    """Offer the file of the application that was just registered."""
    return pages.ready(request, Area.reseller(request), account_id)


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_application_file(request: ResellerRequest, account_id: int) -> HttpResponse:
    """Give the file of an application, once."""
    return pages.downloaded(request, Area.reseller(request), account_id)


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_application_change(request: ResellerRequest, account_id: int) -> HttpResponse:
    """Change what an application may ask for, and where it leads people back to."""
    return pages.changed(request, Area.reseller(request), account_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_application_secret(request: ResellerRequest, account_id: int) -> HttpResponse:
    """Give an application another secret."""
    return pages.secret_renewed(request, Area.reseller(request), account_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_application_end(request: ResellerRequest, account_id: int) -> HttpResponse:
    """End an application."""
    return pages.ended(request, Area.reseller(request), account_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_application_consent_end(request: ResellerRequest, account_id: int) -> HttpResponse:
    """End what a person allowed an application."""
    return pages.consent_ended(request, Area.reseller(request), account_id)
