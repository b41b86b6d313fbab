"""*Staff* › *Single sign-on*: with which provider of its own a reseller signs its people in (P15)."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.roles import Role
from web.guards import reseller_page
from web.requests import ResellerRequest
from web.single_sign_on import pages
from web.single_sign_on.area import Area


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
@never_cache
def reseller_single_sign_on(request: ResellerRequest) -> HttpResponseBase:
    """Show the reseller's own sign-in, or save its provider."""
    return pages.shown(request, Area.reseller(request))


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_single_sign_on_test(request: ResellerRequest) -> HttpResponseBase:
    """Test the sign-in."""
    return pages.tested(request, Area.reseller(request))


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_single_sign_on_on(request: ResellerRequest) -> HttpResponse:
    """Switch single sign-on on."""
    return pages.switched_on(request, Area.reseller(request))


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_single_sign_on_off(request: ResellerRequest) -> HttpResponse:
    """Switch single sign-on off."""
    return pages.switched_off(request, Area.reseller(request))


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_single_sign_on_remove(request: ResellerRequest) -> HttpResponse:
    """Remove the provider."""
    return pages.removed(request, Area.reseller(request))


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_single_sign_on_unlink(request: ResellerRequest) -> HttpResponse:
    """End the link of a person with the provider."""
    return pages.unlinked(request, Area.reseller(request))
