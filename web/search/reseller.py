"""The search of a reseller's own pages: its customers, what it sold, cases, and people where an agent is inside."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.authorisation import permissions_on
from accounts.console_sessions.inside import inside_now
from accounts.domains import shown_email
from accounts.models import ConsoleSession
from accounts.permissions import Permission
from subscriptions.access.finding import CustomerFound, first_customers, first_sold
from subscriptions.access.scope import has_customer_pages
from subscriptions.models import Subscription
from support.finding import first_cases
from web.cases.area import Area
from web.guards import reseller_page
from web.navigation import reseller_navigation
from web.opened import NotNoted, note_search, unavailable
from web.requests import ResellerRequest
from web.search.answering import Finder, answered, asked_in
from web.search.cases import case_group
from web.search.console import people_group
from web.search.places import find_places, menu_places, personal_places
from web.search.results import Asked, Group, Result, group

# Consoles an agent is inside of at once whose people are searched.
CONSOLES = 5


@require_safe
@reseller_page()
def reseller_search(request: ResellerRequest) -> HttpResponse:
    """Find customers, sold subscriptions, cases and pages; people of the consoles that this browser is inside of."""
    finders: list[Finder] = []
    if has_customer_pages(request.user):
        finders += [partial(_customers, request), partial(_people, request)]
    finders += [partial(_cases, request), partial(_places, request)]
    try:
        return answered(request, "reseller/base.html", asked_in(request), finders)
    except NotNoted:
        return unavailable()


def _customers(request: ResellerRequest, asked: Asked) -> list[Group]:
    customers = first_customers(request.user, asked.text, asked.one_more)
    sold = first_sold(request.user, asked.text, asked.one_more, [found.customer_id for found in customers])
    url = reverse("reseller_customers")
    return [
        group(asked, "customers", _("Customers"), "building-2", customers, _customer, list_url=url),
        group(asked, "sold", _("Sold subscriptions"), "package", sold, _sold),
    ]


def _customer(found: CustomerFound) -> Result:
    return Result(found.name, reverse("reseller_customer", kwargs={"domain": found.domain}), shown_email(found.domain))


def _sold(found: Subscription) -> Result:
    kwargs = {"domain": found.customer.primary_domain, "subscription_id": found.pk}
    return Result(found.sku.name, reverse("reseller_subscription", kwargs=kwargs), found.customer.name)


def _people(request: ResellerRequest, asked: Asked) -> list[Group]:
    """Return the people of each console that this browser is inside of now, as its list shows them (R15)."""
    visits = inside_now(request.user, request.session.session_key, CONSOLES)
    return [found for visit in visits if (found := _people_inside(request, asked, visit))]


def _people_inside(request: ResellerRequest, asked: Asked, visit: ConsoleSession) -> Group | None:
    permissions = permissions_on(request.user, visit.customer)
    if not {Permission.VIEW_CONSOLE, Permission.VIEW_USERS} <= permissions:
        return None
    found = people_group(visit.customer, permissions, asked, of=visit.customer.name)
    # Before it is shown, like everything that an agent sees in a console (R23).
    note_search(request, visit, asked.text, rows=len(found.results))
    return found


def _cases(request: ResellerRequest, asked: Asked) -> list[Group]:
    area = Area.reseller(request)
    return [case_group(asked, area, first_cases(area.cases(), asked.text, asked.one_more))]


def _places(request: ResellerRequest, asked: Asked) -> list[Group]:
    places = menu_places(reseller_navigation(request, request.user))
    return find_places(asked, [*places, *personal_places()], request.user)
