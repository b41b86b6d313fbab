"""*Account* › *Single sign-on*: with which provider of its own a customer signs its people in (P15)."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Permission
from web.guards import console_page
from web.requests import ConsoleRequest
from web.single_sign_on import pages
from web.single_sign_on.area import Area


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_SINGLE_SIGN_ON)
@never_cache
def single_sign_on(request: ConsoleRequest) -> HttpResponseBase:
    """Show the customer's own sign-in, or save its provider."""
    return pages.shown(request, Area.console(request))


@require_POST
@console_page(Permission.MANAGE_SINGLE_SIGN_ON)
def single_sign_on_test(request: ConsoleRequest) -> HttpResponseBase:
    """Test the sign-in."""
    return pages.tested(request, Area.console(request))


@require_POST
@console_page(Permission.MANAGE_SINGLE_SIGN_ON)
def single_sign_on_on(request: ConsoleRequest) -> HttpResponse:
    """Switch single sign-on on."""
    return pages.switched_on(request, Area.console(request))


@require_POST
@console_page(Permission.MANAGE_SINGLE_SIGN_ON)
def single_sign_on_off(request: ConsoleRequest) -> HttpResponse:
    """Switch single sign-on off."""
    return pages.switched_off(request, Area.console(request))


@require_POST
@console_page(Permission.MANAGE_SINGLE_SIGN_ON)
def single_sign_on_remove(request: ConsoleRequest) -> HttpResponse:
    """Remove the provider."""
    return pages.removed(request, Area.console(request))


@require_POST
@console_page(Permission.MANAGE_SINGLE_SIGN_ON)
def single_sign_on_unlink(request: ConsoleRequest) -> HttpResponse:
    """End the link of a person with the provider."""
    return pages.unlinked(request, Area.console(request))
