"""*Staff* › *Service accounts*: the machines of a reseller, what they may do, and their keys (X2)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Role
from web.guards import reseller_page
from web.requests import ResellerRequest
from web.service_accounts import keys, pages
from web.service_accounts.area import Area


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_service_accounts(request: ResellerRequest) -> HttpResponse:
    """List the service accounts of this reseller."""
    return pages.listed(request, Area.reseller(request))


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_service_account_new(request: ResellerRequest) -> HttpResponse:
    """Make a service account."""
    return pages.made(request, Area.reseller(request))


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_service_account(request: ResellerRequest, account_id: int) -> HttpResponse:
    """Show one service account with its keys."""
    return keys.account_page(request, Area.reseller(request), account_id)


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_service_account_scopes(request: ResellerRequest, account_id: int) -> HttpResponse:
    """Change what a service account may do."""
    return pages.scoped(request, Area.reseller(request), account_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_service_account_suspend(request: ResellerRequest, account_id: int) -> HttpResponse:
    """Suspend a service account."""
    return pages.suspended(request, Area.reseller(request), account_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_service_account_restore(request: ResellerRequest, account_id: int) -> HttpResponse:
    """Let a suspended service account work again."""
    return pages.restored(request, Area.reseller(request), account_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_service_account_delete(request: ResellerRequest, account_id: int) -> HttpResponse:
    """Delete a service account."""
    return pages.deleted(request, Area.reseller(request), account_id)


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_service_account_key_new(request: ResellerRequest, account_id: int) -> HttpResponse:
    """Make a key."""
    return keys.made(request, Area.reseller(request), account_id)


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_service_account_key_ready(request: ResellerRequest, account_id: int) -> HttpResponse:
    """Offer the file of the key that was just made."""
    return keys.ready(request, Area.reseller(request), account_id)


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_service_account_key_file(request: ResellerRequest, account_id: int) -> HttpResponse:
    """Give the file of a key, once."""
    return keys.downloaded(request, Area.reseller(request), account_id)


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_service_account_key_rotate(request: ResellerRequest, account_id: int, key_id: int) -> HttpResponse:
    """Make a key in the place of another."""
    return keys.rotated(request, Area.reseller(request), account_id, key_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_service_account_key_revoke(request: ResellerRequest, account_id: int, key_id: int) -> HttpResponse:
    """Revoke a key."""
    return keys.revoked(request, Area.reseller(request), account_id, key_id)
