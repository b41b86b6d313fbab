"""The lists whose rows can be changed several at once: users, people with and without a licence, devices, groups."""

from __future__ import annotations

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.directory.device_scope import devices_of
from accounts.directory.group_members import groups_of
from accounts.directory.scope import people_in_console
from accounts.directory.tree import tree_of
from accounts.ids import ids_in
from accounts.models import Device, DirectoryGroup, User
from accounts.models.devices import DeviceKind
from accounts.models.jobs import BulkAction, JobKind
from accounts.permissions import Permission
from subscriptions import licence_scope
from subscriptions.models.subscription import Status
from web.console.bulk import List, bulk_page
from web.console.forms.bulk import fields_of
from web.console.forms.devices import DevicesFilter, ReasonField
from web.console.forms.groups import GroupsFilter
from web.console.forms.licences import PeopleSearchForm
from web.console.licences import subscription_of
from web.console.users import filter_of
from web.guards import console_page
from web.requests import ConsoleRequest


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.VIEW_USERS)
def users_bulk(request: ConsoleRequest) -> HttpResponse:
    """Change several users; each action asks for the right that it takes."""
    tree, scope = tree_of(request.customer), people_in_console(request.customer, request.permissions)
    listed = List(
        kind=JobKind.CHANGE_USERS,
        url="users",
        title=_("Users"),
        ids="person",
        none=_("Choose at least one user."),
        scope=scope,
        found=lambda asked: filter_of(request, asked, tree).filtered(scope),
        order="sort_name",
        label=_person,
        fields=_fields(request),
        list_kwargs={"domain": request.customer.primary_domain},
    )
    return bulk_page(request, listed)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.VIEW_LICENCES)
def licences_bulk(request: ConsoleRequest, subscription_id: int) -> HttpResponse:
    """Assign or unassign several licences of one subscription: from the list of who has one, or of who has none."""
    subscription = subscription_of(request, subscription_id)
    people = licence_scope.people_of(request.customer, request.permissions)
    lacking = request.POST.get("action") == BulkAction.ASSIGN_LICENCES

    def found(asked: QueryDict) -> QuerySet[User]:
        search = PeopleSearchForm(asked)
        scope = licence_scope.licensable(request.user, request.customer, request.permissions)
        if lacking:
            return search.filtered(licence_scope.lacking(people, subscription, scope))
        return search.filtered(licence_scope.holders(people, subscription))

    listed = List(
        kind=JobKind.CHANGE_USERS,
        url="licences_assign" if lacking else "subscription_licences",
        title=_("Licences"),
        ids="person",
        none=_("Choose at least one user."),
        scope=people,
        found=found,
        order="sort_name",
        label=_person,
        fields=_fields(request),
        list_kwargs={"domain": request.customer.primary_domain, "subscription_id": subscription.pk},
        actions=(BulkAction.ASSIGN_LICENCES, BulkAction.UNASSIGN_LICENCES),
        decided={"subscription": str(subscription.pk)},
    )
    return bulk_page(request, listed)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.VIEW_DEVICES)
def devices_bulk(request: ConsoleRequest) -> HttpResponse:
    """Change several devices."""
    tree, scope, fields = tree_of(request.customer), devices_of(request.customer), _fields(request)

    def found(asked: QueryDict) -> QuerySet[Device]:
        return DevicesFilter(asked, tree=tree).filtered(scope)

    if request.POST.get("action") == BulkAction.REMOVE:
        everybody = "everybody" in request.POST
        ids = ids_in(request.POST.getlist("device"))
        chosen = found(QueryDict(request.POST.get("filter", ""))) if everybody else scope.filter(pk__in=ids)
        if chosen.filter(kind=DeviceKind.CHROMEOS).exists():
            fields["reason"] = ReasonField(required=False)
    listed = List(
        kind=JobKind.CHANGE_DEVICES,
        url="devices",
        title=_("Devices"),
        ids="device",
        none=_("Choose at least one device."),
        scope=scope,
        found=found,
        order="serial_number",
        label=_device,
        fields=fields,
        list_kwargs={"domain": request.customer.primary_domain},
    )
    return bulk_page(request, listed)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.VIEW_GROUPS)
def groups_bulk(request: ConsoleRequest) -> HttpResponse:
    """Change several groups."""
    scope = groups_of(request.customer)
    listed = List(
        kind=JobKind.CHANGE_GROUPS,
        url="groups",
        title=_("Groups"),
        ids="group",
        none=_("Choose at least one group."),
        scope=scope,
        found=lambda asked: GroupsFilter(asked).filtered(scope),
        order="sort_name",
        label=_group,
        fields=_fields(request),
        list_kwargs={"domain": request.customer.primary_domain},
    )
    return bulk_page(request, listed)


def _fields(request: ConsoleRequest) -> dict[str, forms.Field]:
    licensable = licence_scope.licensable(request.user, request.customer, request.permissions)
    subscriptions = licensable.exclude(status=Status.CANCELLED).order_by("sku__name", "pk")
    return fields_of(request.customer, tree_of(request.customer), subscriptions)


def _person(person: User) -> tuple[str, str]:
    return person.name, person.email


def _device(device: Device) -> tuple[str, str]:
    return device.serial_number, device.model


def _group(group: DirectoryGroup) -> tuple[str, str]:
    return group.name, group.email
