"""*Staff* › *Webhooks*: the URLs that are told of what a reseller's people do and what is open to it (X6)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Role
from web.guards import reseller_page
from web.requests import ResellerRequest
from web.webhooks import pages
from web.webhooks.area import Area


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_webhooks(request: ResellerRequest) -> HttpResponse:
    """List the endpoints of this reseller."""
    return pages.listed(request, Area.reseller(request))


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_webhook_new(request: ResellerRequest) -> HttpResponse:
    """Add an endpoint."""
    return pages.added(request, Area.reseller(request))


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_webhook_secret(request: ResellerRequest) -> HttpResponse:
    """Show the secret that was just made, once."""
    return pages.secret_shown(request, Area.reseller(request))


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_webhook_endpoint(request: ResellerRequest, endpoint_id: int) -> HttpResponse:
    """Show an endpoint and its messages."""
    return pages.detail(request, Area.reseller(request), endpoint_id)


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_webhook_message(request: ResellerRequest, endpoint_id: int, delivery_id: int) -> HttpResponse:
    """Show a message and what became of each try."""
    return pages.message(request, Area.reseller(request), endpoint_id, delivery_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_webhook_rotate(request: ResellerRequest, endpoint_id: int) -> HttpResponse:
    """Give an endpoint another secret."""
    return pages.rotated(request, Area.reseller(request), endpoint_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_webhook_test(request: ResellerRequest, endpoint_id: int) -> HttpResponse:
    """Send a test."""
    return pages.tested(request, Area.reseller(request), endpoint_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_webhook_replay(request: ResellerRequest, endpoint_id: int, delivery_id: int) -> HttpResponse:
    """Send a message again."""
    return pages.replayed(request, Area.reseller(request), endpoint_id, delivery_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_webhook_pause(request: ResellerRequest, endpoint_id: int) -> HttpResponse:
    """Pause an endpoint."""
    return pages.paused(request, Area.reseller(request), endpoint_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_webhook_resume(request: ResellerRequest, endpoint_id: int) -> HttpResponse:
    """Resume an endpoint."""
    return pages.resumed(request, Area.reseller(request), endpoint_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_webhook_remove(request: ResellerRequest, endpoint_id: int) -> HttpResponse:
    """Remove an endpoint."""
    return pages.removed(request, Area.reseller(request), endpoint_id)
