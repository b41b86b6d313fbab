"""Cases in a customer's console, for its own people and for anyone who works there for it (S6, S11)."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.guards import ConsoleRequest, console_page
from accounts.permissions import Permission
from support.forms_cases import CaseFilter
from support.views import case_lists, case_new, case_page
from support.views.case_area import Area


@require_safe
@console_page(Permission.VIEW_CASES)
@never_cache
def support_cases(request: ConsoleRequest) -> HttpResponse:
    """List the cases of this customer that the person may read."""
    return case_lists.list_page(request, Area.console(request), CaseFilter(request.GET))


@require_safe
@console_page(Permission.VIEW_CASES)
def support_cases_export(request: ConsoleRequest) -> HttpResponseBase:
    """Send the list as CSV."""
    return case_lists.export(request, Area.console(request))


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.FILE_CASES)
@never_cache
def support_case_new(request: ConsoleRequest) -> HttpResponse:
    """File a case."""
    return case_new.new_page(request, Area.console(request), request.customer)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.VIEW_CASES)
@never_cache
def support_case(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Show a case and work on it."""
    return case_page.case_page(request, Area.console(request), case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.VIEW_CASES)
@never_cache
def support_case_file(request: ConsoleRequest, case_id: int, file_id: uuid.UUID) -> HttpResponseBase:
    """Download a file of a case."""
    return case_page.case_file(request, Area.console(request), case_id, file_id)
