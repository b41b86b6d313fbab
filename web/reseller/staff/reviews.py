"""*Staff* › *Reviews*: who works for whom is looked at again, line by line (P4, R22)."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Role
from web.guards import reseller_page
from web.requests import ResellerRequest
from web.reviews import pages
from web.reviews.area import Area


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
@never_cache
def staffing_reviews(request: ResellerRequest) -> HttpResponse:
    """List the reviews, and say when the next one begins."""
    return pages.listed(request, Area.reseller(request))


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def staffing_review_begin(request: ResellerRequest) -> HttpResponse:
    """Begin a review now."""
    return pages.begun(request, Area.reseller(request))


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def staffing_review_schedule(request: ResellerRequest) -> HttpResponse:
    """Save how often a review begins by itself."""
    return pages.scheduled(request, Area.reseller(request))


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
@never_cache
def staffing_review(request: ResellerRequest, review_id: int) -> HttpResponse:
    """Show a review; POST saves what was decided about some of its lines."""
    return pages.shown(request, Area.reseller(request), review_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def staffing_review_finish(request: ResellerRequest, review_id: int) -> HttpResponse:
    """Finish a review."""
    return pages.finished(request, Area.reseller(request), review_id)


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def staffing_review_export(request: ResellerRequest, review_id: int) -> HttpResponseBase:
    """Send a review as CSV."""
    return pages.exported(request, Area.reseller(request), review_id)
