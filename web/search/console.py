"""The search of a customer's console: what its lists show this person, and the pages they may open (P3, P4, B1)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.directory.device_scope import devices_of
from accounts.directory.finding import PersonFound, first_devices, first_groups, first_people, first_units
from accounts.directory.group_members import groups_of
from accounts.directory.tree import Node
from accounts.domains import shown_email
from accounts.models import Customer, Device, DirectoryGroup, Reseller
from accounts.permissions import Permission
from subscriptions.access.finding import of_product
from subscriptions.access.overview import first_resellers
from subscriptions.access.scope import subscriptions_in_console
from subscriptions.models import Subscription
from support.finding import first_cases
from web.cases.area import Area
from web.guards import console_page
from web.requests import ConsoleRequest
from web.search.answering import answered, asked_in
from web.search.cases import case_group
from web.search.places import console_places, find_places, personal_places
from web.search.results import Asked, Group, Result, group


@require_safe
@console_page(Permission.VIEW_CONSOLE)
def console_search(request: ConsoleRequest) -> HttpResponse:
    """Find people, groups, units, devices, subscriptions, resellers, cases, pages and help texts."""
    kinds = [partial(kind, request) for permission, kind in KINDS if permission in request.permissions]
    return answered(request, "console/base.html", asked_in(request), [*kinds, partial(_places, request)])


def people_group(customer: Customer, permissions: frozenset[Permission], asked: Asked, *, of: str = "") -> Group:
    """Return the people of a console, but for the deleted. of: whose they are, where that is not clear."""
    rows, url = first_people(customer, permissions, asked.text, asked.one_more), _url(customer, "users")
    return group(asked, "people", _("Users"), "users", rows, partial(_person, customer), list_url=url, of=of)


def _person(customer: Customer, person: PersonFound) -> Result:
    return Result(person.name, _url(customer, "user", user_id=person.pk), shown_email(person.email))


def _people(request: ConsoleRequest, asked: Asked) -> list[Group]:
    return [people_group(request.customer, request.permissions, asked)]


def _groups(request: ConsoleRequest, asked: Asked) -> list[Group]:
    customer = request.customer

    def line(found: DirectoryGroup) -> Result:
        return Result(found.name, _url(customer, "group", group_id=found.pk), shown_email(found.email))

    rows = first_groups(groups_of(customer), asked.text, asked.one_more)
    return [group(asked, "groups", _("Groups"), "users-round", rows, line, list_url=_url(customer, "groups"))]


def _units(request: ConsoleRequest, asked: Asked) -> list[Group]:
    customer = request.customer

    def line(found: Node) -> Result:
        return Result(found.unit.name, _url(customer, "org_unit", unit_id=found.unit.pk), found.path)

    rows, url = first_units(customer, asked.text, asked.one_more), _url(customer, "org_units")
    return [group(asked, "units", _("Organisational units"), "network", rows, line, list_url=url)]


def _devices(request: ConsoleRequest, asked: Asked) -> list[Group]:
    customer = request.customer

    def line(found: Device) -> Result:
        used_by = found.user.name if found.user else ""
        detail = " · ".join(filter(None, [found.model, used_by]))
        return Result(found.serial_number, _url(customer, "device", device_id=found.pk), detail)

    rows, url = first_devices(devices_of(customer), asked.text, asked.one_more), _url(customer, "devices")
    return [group(asked, "devices", _("Devices"), "monitor-smartphone", rows, line, list_url=url)]


def _subscriptions(request: ConsoleRequest, asked: Asked) -> list[Group]:
    customer = request.customer

    def line(found: Subscription) -> Result:
        seller = found.reseller.name if found.reseller else ""
        detail = " · ".join(filter(None, [str(found.get_status_display()), seller]))
        return Result(found.sku.name, _url(customer, "subscription", subscription_id=found.pk), detail)

    scope = subscriptions_in_console(request.user, customer, request.permissions).select_related("sku", "reseller")
    rows = list(scope.filter(of_product(asked.text)).order_by("-pk")[: asked.one_more])
    url = _url(customer, "subscriptions")
    return [group(asked, "subscriptions", _("Subscriptions"), "package", rows, line, list_url=url)]


def _resellers(request: ConsoleRequest, asked: Asked) -> list[Group]:
    customer = request.customer
    url = _url(customer, "reseller_access")

    def line(found: Reseller) -> Result:
        return Result(found.name, f"{url}#reseller-{found.pk}", shown_email(found.primary_domain))

    rows = first_resellers(customer, asked.text, asked.one_more)
    return [group(asked, "resellers", _("Resellers"), "handshake", rows, line)]


def _cases(request: ConsoleRequest, asked: Asked) -> list[Group]:
    area = Area.console(request)
    return [case_group(asked, area, first_cases(area.cases(), asked.text, asked.one_more))]


def _places(request: ConsoleRequest, asked: Asked) -> list[Group]:
    places = console_places(request, request.customer, request.permissions)
    return find_places(asked, [*places, *personal_places()], request.user)


def _url(customer: Customer, name: str, **kwargs: int) -> str:
    return reverse(name, kwargs={"domain": customer.primary_domain, **kwargs})


Kind = Callable[[ConsoleRequest, Asked], list[Group]]
# What is searched, with the permission of its list.
KINDS: Final[tuple[tuple[Permission, Kind], ...]] = (
    (Permission.VIEW_USERS, _people),
    (Permission.VIEW_GROUPS, _groups),
    (Permission.VIEW_ORG_UNITS, _units),
    (Permission.VIEW_DEVICES, _devices),
    (Permission.VIEW_SUBSCRIPTIONS, _subscriptions),
    (Permission.VIEW_RESELLER_ACCESS, _resellers),
    (Permission.VIEW_CASES, _cases),
)
