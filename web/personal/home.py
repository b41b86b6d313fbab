from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import Reseller
from accounts.permissions import Permission
from accounts.roles import CUSTOMER_STAFF, SUPPORT_ROLES, Role
from web.guards import signed_in
from web.requests import SignedInRequest


@require_safe
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
        return redirect("operations_home")
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
    return render(request, "personal/nothing_here.html", {"kind": kind})
