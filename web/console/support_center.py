"""Who may enter the Support Center: until the move its support managers (S2), after it nobody (S9)."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts.permissions import Permission
from support.schedule import has_moved
from web.guards import View, console_page, customer_at, declare
from web.requests import ConsoleRequest


def support_center_page(view: View) -> View:
    """Let in who may manage support partners; after the customer's move, lead on people with the support privilege.

    Strangers get 404 and other roles 403 before and after, as everywhere.
    """
    before = console_page(Permission.MANAGE_SUPPORT_PARTNERS)(view)
    after = console_page(Permission.VIEW_SUPPORT_CONTRACTS)(_lead_on)

    @wraps(view)
    def inner(request: HttpRequest, domain: str, **kwargs: Any) -> HttpResponseBase:
        if has_moved(customer_at(domain)):
            return after(request, domain=domain)
        return before(request, domain=domain, **kwargs)

    return declare(str(Permission.MANAGE_SUPPORT_PARTNERS), inner)


def _lead_on(request: ConsoleRequest) -> HttpResponse:
    return redirect("support_contracts", domain=request.customer.primary_domain)
