"""*Account* › *Provisioning*: the tokens with which a customer's identity provider keeps its people (P15)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from web.guards import console_page
from web.provisioning import pages
from web.provisioning.area import Area
from web.requests import ConsoleRequest


@require_safe
@console_page(Permission.MANAGE_PROVISIONING)
def provisioning(request: ConsoleRequest) -> HttpResponse:
    """List the tokens of this customer."""
    return pages.listed(request, Area.console(request))


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_PROVISIONING)
def provisioning_new(request: ConsoleRequest) -> HttpResponse:
    """Make a token."""
    return pages.made(request, Area.console(request))


@require_safe
@console_page(Permission.MANAGE_PROVISIONING)
def provisioning_token(request: ConsoleRequest) -> HttpResponse:
    """Show the token that was just made, once."""
    return pages.shown(request, Area.console(request))


@require_POST
@console_page(Permission.MANAGE_PROVISIONING)
def provisioning_replace(request: ConsoleRequest, scim_token_id: int) -> HttpResponse:
    """Replace a token by a new one."""
    return pages.replaced(request, Area.console(request), scim_token_id)


@require_POST
@console_page(Permission.MANAGE_PROVISIONING)
def provisioning_revoke(request: ConsoleRequest, scim_token_id: int) -> HttpResponse:
    """Revoke a token."""
    return pages.revoked(request, Area.console(request), scim_token_id)
