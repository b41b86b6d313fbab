"""*Account* › *Service accounts*: the machines of a customer, what they may do, and their keys (X2)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from web.guards import console_page
from web.requests import ConsoleRequest
from web.service_accounts import keys, pages
from web.service_accounts.area import Area


@require_safe
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def service_accounts(request: ConsoleRequest) -> HttpResponse:
    """List the service accounts of this customer."""
    return pages.listed(request, Area.console(request))


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def service_account_new(request: ConsoleRequest) -> HttpResponse:
    """Make a service account."""
    return pages.made(request, Area.console(request))


@require_safe
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def service_account(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """Show one service account with its keys."""
    return keys.account_page(request, Area.console(request), account_id)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def service_account_scopes(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """Change what a service account may do."""
    return pages.scoped(request, Area.console(request), account_id)


@require_POST
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def service_account_suspend(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """Suspend a service account."""
    return pages.suspended(request, Area.console(request), account_id)


@require_POST
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def service_account_restore(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """Let a suspended service account work again."""
    return pages.restored(request, Area.console(request), account_id)


@require_POST
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def service_account_delete(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """Delete a service account."""
    return pages.deleted(request, Area.console(request), account_id)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def service_account_key_new(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """Make a key."""
    return keys.made(request, Area.console(request), account_id)


@require_safe
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def service_account_key_ready(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """Offer the file of the key that was just made."""
    return keys.ready(request, Area.console(request), account_id)


@require_safe
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def service_account_key_file(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """Give the file of a key, once."""
    return keys.downloaded(request, Area.console(request), account_id)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def service_account_key_rotate(request: ConsoleRequest, account_id: int, key_id: int) -> HttpResponse:
    """Make a key in the place of another."""
    return keys.rotated(request, Area.console(request), account_id, key_id)


@require_POST
@console_page(Permission.MANAGE_SERVICE_ACCOUNTS)
def service_account_key_revoke(request: ConsoleRequest, account_id: int, key_id: int) -> HttpResponse:
    """Revoke a key."""
    return keys.revoked(request, Area.console(request), account_id, key_id)
