"""*Staff* › *Domains*: at which domains a reseller's people have addresses (P9)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Role
from web.domains import pages
from web.domains.area import Area
from web.guards import reseller_page
from web.requests import ResellerRequest


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_domains(request: ResellerRequest) -> HttpResponse:
    """List the domains of this reseller."""
    return pages.listed(request, Area.reseller(request))


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_domain_add(request: ResellerRequest) -> HttpResponse:
    """Add a domain."""
    return pages.added(request, Area.reseller(request))


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
@never_cache
def reseller_own_domain(request: ResellerRequest, domain_id: int) -> HttpResponse:
    """Show one domain."""
    return pages.shown(request, Area.reseller(request), domain_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_domain_check(request: ResellerRequest, domain_id: int) -> HttpResponse:
    """Look for the TXT record of a domain."""
    return pages.checked(request, Area.reseller(request), domain_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_domain_remove(request: ResellerRequest, domain_id: int) -> HttpResponse:
    """Remove a domain."""
    return pages.removed(request, Area.reseller(request), domain_id)


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_domain_primary(request: ResellerRequest, domain_id: int) -> HttpResponse:
    """Make a domain the primary one."""
    return pages.made_primary(request, Area.reseller(request), domain_id)
