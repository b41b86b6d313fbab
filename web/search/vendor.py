"""The search of the vendor's pages: organisations, cases and pages (P5)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.directory.finding import OrganisationFound, first_organisations
from accounts.domains import shown_email
from accounts.models import Customer, Reseller
from accounts.roles import Role
from support.finding import first_cases
from web.cases.area import Area
from web.guards import vendor_page
from web.navigation import vendor_navigation
from web.requests import SignedInRequest
from web.search.answering import answered, asked_in
from web.search.cases import case_group
from web.search.places import find_places, menu_places, personal_places
from web.search.results import Asked, Group, Result, group


@require_safe
@vendor_page(Role.VENDOR_OPERATOR, Role.VENDOR_SUPPORT)
def vendor_search(request: SignedInRequest) -> HttpResponse:
    """Find customers and resellers, cases and pages."""
    finders = [partial(find, request) for find in (_organisations, _cases, _places)]
    return answered(request, "vendor/base.html", asked_in(request), finders)


def _organisations(request: SignedInRequest, asked: Asked) -> list[Group]:
    """Return customers and resellers; each leads an operator to its page, and others to its cases."""
    menu, all_of_them = vendor_navigation(request, request.user), reverse("operations_organisations")
    is_operator = any(item.url == all_of_them for item in menu)
    list_url = all_of_them if is_operator else menu[0].url

    def leading(kind: str) -> Callable[[OrganisationFound], Result]:
        def line(found: OrganisationFound) -> Result:
            url = f"{list_url}?{urlencode({'q': found.domain})}"
            if is_operator:
                url = reverse("operations_organisation", args=[kind, found.pk])
            return Result(found.name, url, shown_email(found.domain))

        return line

    customers = first_organisations(request.user, Customer, asked.text, asked.one_more)
    resellers = first_organisations(request.user, Reseller, asked.text, asked.one_more)
    return [
        group(asked, "customers", _("Customers"), "building-2", customers, leading("customer"), list_url=list_url),
        group(asked, "resellers", _("Resellers"), "handshake", resellers, leading("reseller"), list_url=list_url),
    ]


def _cases(request: SignedInRequest, asked: Asked) -> list[Group]:
    area = Area.vendor(request)
    return [case_group(asked, area, first_cases(area.cases(), asked.text, asked.one_more))]


def _places(request: SignedInRequest, asked: Asked) -> list[Group]:
    places = menu_places(vendor_navigation(request, request.user))
    return find_places(asked, [*places, *personal_places()], request.user)
