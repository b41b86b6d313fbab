"""Cases in a customer's console, for its own people and for anyone who works there for it (S6, S11)."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from web.cases import lists, new, page
from web.cases.area import Area
from web.cases.filters import CaseFilter
from web.guards import console_page
from web.requests import ConsoleRequest


@require_safe
@console_page(Permission.VIEW_CASES)
@never_cache
def support_cases(request: ConsoleRequest) -> HttpResponse:
    """List the cases of this customer that the person may read."""
    return lists.list_page(request, Area.console(request), CaseFilter(request.GET))


@require_safe
@console_page(Permission.VIEW_CASES)
def support_cases_export(request: ConsoleRequest) -> HttpResponseBase:
    """Send the list as CSV."""
    return lists.export(request, Area.console(request), CaseFilter(request.GET))


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.FILE_CASES)
@never_cache
def support_case_new(request: ConsoleRequest) -> HttpResponse:
    """File a case."""
    return new.new_page(request, Area.console(request), request.customer)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.VIEW_CASES)
@never_cache
def support_case(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Show a case and work on it."""
    return page.case_page(request, Area.console(request), case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.VIEW_CASES)
@never_cache
def support_case_file(request: ConsoleRequest, case_id: int, file_id: uuid.UUID) -> HttpResponseBase:
    """Download a file of a case."""
    return page.case_file(request, Area.console(request), case_id, file_id)
