"""*Account* › *Webhooks*: the URLs that are told of what happens in a customer's console (X6)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from web.guards import console_page
from web.requests import ConsoleRequest
from web.webhooks import pages
from web.webhooks.area import Area


@require_safe
@console_page(Permission.MANAGE_WEBHOOKS)
def webhooks(request: ConsoleRequest) -> HttpResponse:
    """List the endpoints of this customer."""
    return pages.listed(request, Area.console(request))


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_WEBHOOKS)
def webhook_new(request: ConsoleRequest) -> HttpResponse:
    """Add an endpoint."""
    return pages.added(request, Area.console(request))


@require_safe
@console_page(Permission.MANAGE_WEBHOOKS)
def webhook_secret(request: ConsoleRequest) -> HttpResponse:
    """Show the secret that was just made, once."""
    return pages.secret_shown(request, Area.console(request))


@require_safe
@console_page(Permission.MANAGE_WEBHOOKS)
def webhook_endpoint(request: ConsoleRequest, endpoint_id: int) -> HttpResponse:
    """Show an endpoint and its messages."""
    return pages.detail(request, Area.console(request), endpoint_id)


@require_safe
@console_page(Permission.MANAGE_WEBHOOKS)
def webhook_message(request: ConsoleRequest, endpoint_id: int, delivery_id: int) -> HttpResponse:
    """Show a message and what became of each try."""
    return pages.message(request, Area.console(request), endpoint_id, delivery_id)


@require_POST
@console_page(Permission.MANAGE_WEBHOOKS)
def webhook_rotate(request: ConsoleRequest, endpoint_id: int) -> HttpResponse:
    """Give an endpoint another secret."""
    return pages.rotated(request, Area.console(request), endpoint_id)


@require_POST
@console_page(Permission.MANAGE_WEBHOOKS)
def webhook_test(request: ConsoleRequest, endpoint_id: int) -> HttpResponse:
    """Send a test."""
    return pages.tested(request, Area.console(request), endpoint_id)


@require_POST
@console_page(Permission.MANAGE_WEBHOOKS)
def webhook_replay(request: ConsoleRequest, endpoint_id: int, delivery_id: int) -> HttpResponse:
    """Send a message again."""
    return pages.replayed(request, Area.console(request), endpoint_id, delivery_id)


@require_POST
@console_page(Permission.MANAGE_WEBHOOKS)
def webhook_pause(request: ConsoleRequest, endpoint_id: int) -> HttpResponse:
    """Pause an endpoint."""
    return pages.paused(request, Area.console(request), endpoint_id)


@require_POST
@console_page(Permission.MANAGE_WEBHOOKS)
def webhook_resume(request: ConsoleRequest, endpoint_id: int) -> HttpResponse:
    """Resume an endpoint."""
    return pages.resumed(request, Area.console(request), endpoint_id)


@require_POST
@console_page(Permission.MANAGE_WEBHOOKS)
def webhook_remove(request: ConsoleRequest, endpoint_id: int) -> HttpResponse:
    """Remove an endpoint."""
    return pages.removed(request, Area.console(request), endpoint_id)
