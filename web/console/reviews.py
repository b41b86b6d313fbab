"""*Reseller access* › *Reviews*: what resellers may do here is looked at again, line by line (R22)."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from web.guards import console_page
from web.requests import ConsoleRequest
from web.reviews import pages
from web.reviews.area import Area


@require_safe
@console_page(Permission.VIEW_RESELLER_ACCESS)
@never_cache
def access_reviews(request: ConsoleRequest) -> HttpResponse:
    """List the reviews, and say when the next one begins."""
    return pages.listed(request, Area.console(request))


@require_POST
@console_page(Permission.CHANGE_RESELLER_ACCESS)
def access_review_begin(request: ConsoleRequest) -> HttpResponse:
    """Begin a review now."""
    return pages.begun(request, Area.console(request))


@require_POST
@console_page(Permission.CHANGE_RESELLER_ACCESS)
def access_review_schedule(request: ConsoleRequest) -> HttpResponse:
    """Save how often a review begins by itself."""
    return pages.scheduled(request, Area.console(request))


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.VIEW_RESELLER_ACCESS)
@never_cache
def access_review(request: ConsoleRequest, review_id: int) -> HttpResponse:
    """Show a review; POST saves what was decided about some of its lines."""
    return pages.shown(request, Area.console(request), review_id)


@require_POST
@console_page(Permission.CHANGE_RESELLER_ACCESS)
def access_review_finish(request: ConsoleRequest, review_id: int) -> HttpResponse:
    """Finish a review."""
    return pages.finished(request, Area.console(request), review_id)


@require_safe
@console_page(Permission.VIEW_RESELLER_ACCESS)
def access_review_export(request: ConsoleRequest, review_id: int) -> HttpResponseBase:
    """Send a review as CSV."""
    return pages.exported(request, Area.console(request), review_id)
