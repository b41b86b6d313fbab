"""Vendor support's desk: the queue of cases, answers and assignment (S11)."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import Role
from web.cases import lists, page
from web.cases.area import Area
from web.cases.filters import OPEN, QueueFilter
from web.guards import vendor_page
from web.requests import SignedInRequest


@require_safe
@vendor_page(Role.VENDOR_SUPPORT)
@never_cache
def vendor_cases(request: SignedInRequest) -> HttpResponse:
    """List the cases, what is late first; without a filter those that are open."""
    filters = request.GET.copy()
    filters.setdefault("state", OPEN)
    form = QueueFilter(filters, person=request.user)
    return lists.list_page(request, Area.vendor(request), form)


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_page(Role.VENDOR_SUPPORT)
@never_cache
def vendor_case(request: SignedInRequest, case_id: int) -> HttpResponse:
    """Show a case, take it, answer it, assign it, write a note."""
    return page.case_page(request, Area.vendor(request), case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_page(Role.VENDOR_SUPPORT)
@never_cache
def vendor_case_file(request: SignedInRequest, case_id: int, file_id: uuid.UUID) -> HttpResponseBase:
    """Download a file of a case."""
    return page.case_file(request, Area.vendor(request), case_id, file_id)
