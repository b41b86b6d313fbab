from __future__ import annotations

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import loader
from django.views.decorators.http import require_GET

from accounts.guards import SignedInRequest, signed_in
from accounts.models import Reseller
from accounts.permissions import Permission
from accounts.roles import CUSTOMER_STAFF, SUPPORT_ROLES, Role

logger = logging.getLogger(__name__)


@require_GET
@signed_in
def home(request: SignedInRequest) -> HttpResponse:
    """Send each person to the first page that its roles open, or say that none does (P2, P4, P5)."""
    person = request.user
    if person.customer is not None:
        if person.has_perm(Permission.VIEW_CONSOLE, person.customer):
            return redirect("console_home", domain=person.customer.primary_domain)
        return _nothing_here(request, "customer")
    if person.reseller is not None:
        return _reseller_home(request, person.reseller)
    if Role.VENDOR_OPERATOR in person.roles:
        return redirect("operations_access_changes")
    if Role.VENDOR_SUPPORT in person.roles:
        return redirect("vendor_cases")
    return _nothing_here(request, "vendor")


def _reseller_home(request: SignedInRequest, reseller: Reseller) -> HttpResponse:
    if reseller.suspended_at is not None:
        return _nothing_here(request, "suspended")
    if request.user.roles & CUSTOMER_STAFF:
        return redirect("reseller_home")
    if request.user.roles & SUPPORT_ROLES:
        return redirect("reseller_support")
    return _nothing_here(request, "reseller")


def _nothing_here(request: SignedInRequest, kind: str) -> HttpResponse:
    return render(request, "nothing_here.html", {"kind": kind})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form is from another session; what was typed can be got back with the back button."""
    return render(request, "403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 while PostgreSQL is away and 500 otherwise, with pages that need no query."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    if away:
        logger.error("the database is away")
    status, template = (503, "503.html") if away else (500, "500.html")
    headers = {"Retry-After": "10"} if away else {}
    return HttpResponse(loader.render_to_string(template), status=status, headers=headers)
