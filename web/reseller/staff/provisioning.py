"""*Staff* › *Provisioning*: the tokens with which a reseller's identity provider keeps its people (P15)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Role
from web.guards import reseller_page
from web.provisioning import pages
from web.provisioning.area import Area
from web.requests import ResellerRequest


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_provisioning(request: ResellerRequest) -> HttpResponse:
    """List the tokens of this reseller."""
    return pages.listed(request, Area.reseller(request))


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_provisioning_new(request: ResellerRequest) -> HttpResponse:
    """Make a token."""
    return pages.made(request, Area.reseller(request))


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_provisioning_token(request: ResellerRequest) -> HttpResponse:
    """Show the token that was just made, once."""
    return pages.shown(request, Area.reseller(request))


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_provisioning_replace(request: ResellerRequest, scim_token_id: int) -> HttpResponse:
    """Replace a token by a new one."""
    return pages.replaced(request, Area.reseller(request), scim_token_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_provisioning_revoke(request: ResellerRequest, scim_token_id: int) -> HttpResponse:
    """Revoke a token."""
    return pages.revoked(request, Area.reseller(request), scim_token_id)
