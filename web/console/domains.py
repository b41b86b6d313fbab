"""*Account* › *Domains*: at which domains a customer's people and groups have addresses (P9)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from web.domains import pages
from web.domains.area import Area
from web.guards import console_page
from web.requests import ConsoleRequest


@require_safe
@console_page(Permission.VIEW_DOMAINS)
def domains(request: ConsoleRequest) -> HttpResponse:
    """List the domains of this customer."""
    return pages.listed(request, Area.console(request))


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_DOMAINS)
def domain_add(request: ConsoleRequest) -> HttpResponse:
    """Add a domain."""
    return pages.added(request, Area.console(request))


@require_safe
@console_page(Permission.VIEW_DOMAINS)
@never_cache
def own_domain(request: ConsoleRequest, domain_id: int) -> HttpResponse:
    """Show one domain."""
    return pages.shown(request, Area.console(request), domain_id)


@require_POST
@console_page(Permission.MANAGE_DOMAINS)
def domain_check(request: ConsoleRequest, domain_id: int) -> HttpResponse:
    """Look for the TXT record of a domain."""
    return pages.checked(request, Area.console(request), domain_id)


@require_POST
@console_page(Permission.MANAGE_DOMAINS)
def domain_remove(request: ConsoleRequest, domain_id: int) -> HttpResponse:
    """Remove a domain."""
    return pages.removed(request, Area.console(request), domain_id)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_DOMAINS)
def domain_primary(request: ConsoleRequest, domain_id: int) -> HttpResponse:
    """Make a domain the primary one."""
    return pages.made_primary(request, Area.console(request), domain_id)
