"""Cases of a reseller's customers: what assignments and console access open at this instant (S5, S6, S7)."""

from __future__ import annotations

import uuid

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.domains import stored_part, typed_domain
from accounts.names import sort_key, storable
from support.scope import customers_served_by
from web.cases import lists, new, page
from web.cases.area import Area
from web.cases.filters import DeskFilter
from web.guards import reseller_page
from web.requests import ResellerRequest

# Customers that one search shows; more is a reason to type more of the name.
CUSTOMERS_SHOWN = 20


@require_safe
@reseller_page()
@never_cache
def reseller_cases(request: ResellerRequest) -> HttpResponse:
    """List the cases of every customer this person serves."""
    return lists.list_page(request, Area.reseller(request), DeskFilter(request.GET, person=request.user))


@require_safe
@reseller_page()
def reseller_cases_export(request: ResellerRequest) -> HttpResponseBase:
    """Send the list as CSV."""
    return lists.export(request, Area.reseller(request), DeskFilter(request.GET, person=request.user))


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page()
@never_cache
def reseller_case_new(request: ResellerRequest) -> HttpResponse:
    """Choose the customer, then file a case on its behalf (S6)."""
    served = customers_served_by(request.user)
    chosen = request.POST if request.method == "POST" else request.GET
    domain = chosen.get("customer", "")
    if domain:
        customer = served.filter(primary_domain=typed_domain(domain)).first()
        if customer is None:
            raise Http404
        return new.new_page(request, Area.reseller(request), customer)
    q = storable(request.GET.get("q", ""))[:200]
    if q:
        served = served.filter(Q(sort_name__contains=sort_key(q)) | Q(primary_domain__contains=stored_part(q)))
    context = {"area": Area.reseller(request), "customers": served[:CUSTOMERS_SHOWN], "q": q}
    return render(request, "cases/case_customer.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page()
@never_cache
def reseller_case(request: ResellerRequest, case_id: int) -> HttpResponse:
    """Show a case of a customer and work on it."""
    return page.case_page(request, Area.reseller(request), case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page()
@never_cache
def reseller_case_file(request: ResellerRequest, case_id: int, file_id: uuid.UUID) -> HttpResponseBase:
    """Download a file of a case."""
    return page.case_file(request, Area.reseller(request), case_id, file_id)
