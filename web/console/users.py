"""The users of a customer: the list, its download, and one person with all that belongs to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import keyset
from accounts.actor import Actor
from accounts.directory.deleting import UNDELETE_WITHIN
from accounts.directory.exporting import export_users
from accounts.directory.invitations import awaits_password, last_invitation
from accounts.directory.rules import may_change
from accounts.directory.scope import aliases_of, people_in_console, person_in_console, roles_held
from accounts.directory.tree import Tree, place, tree_of
from accounts.factors import has_factor
from accounts.models import User
from accounts.models.jobs import JobKind
from accounts.moments import export_text
from accounts.permissions import Permission
from accounts.roles import Role
from accounts.spreadsheets import csv_answer
from subscriptions.licence_scope import licences_in_console
from web.console.bulk import bar_of
from web.console.forms.users_filter import UsersFilter
from web.console.users_list import USERS, UserRow, all_users, menu_of, rows_of
from web.guards import console_page
from web.lists.columns import Box, Rows
from web.lists.listing import Listing, counted
from web.lists.pages import page_of
from web.requests import ConsoleRequest

# People read from the database at once while a download is on its way.
EXPORT_BATCH = 1000
# Groups and devices of one person shown on its page: more is a matter of their own lists.
SHOWN = 50


@require_safe
@console_page(Permission.VIEW_USERS)
def users(request: ConsoleRequest) -> HttpResponse:
    """List the people of the directory; agents see the same people, and no download (R14)."""
    tree, may = tree_of(request.customer), request.permissions
    form = filter_of(request, request.GET, tree)
    people = form.filtered(people_in_console(request.customer, may))
    found = page_of(request, people, f"users {form.chosen_order}", by=form.page, size=USERS.size_for(request))
    bulk = bar_of(request, JobKind.CHANGE_USERS, "users_bulk", all_users)
    rows = Rows(
        rows_of(found.rows, request.customer, tree, roles_held(found.rows)),
        title=lambda row: row.person.name,
        box=Box("person", lambda row: row.person.pk) if bulk else None,
        menu=menu_of(request.user, request.customer, may),
    )
    return _page(
        request,
        Listing(request, USERS, form, rows, found.pager, counted(people), form.chosen_order, bulk=bulk),
    )


def _page(request: ConsoleRequest, listing: Listing[UserRow], status: int = 200) -> HttpResponse:
    may = request.permissions
    if may_manage := Permission.MANAGE_USERS in may:
        listing.new_url = reverse("user_new", kwargs={"domain": request.customer.primary_domain})
        listing.new_label = _("Add user")
    context = {"list": listing, "may_manage": may_manage, "may_export": Permission.EXPORT_USERS in may}
    return render(request, "console/users.html", context, status=status)


@require_POST
@console_page(Permission.EXPORT_USERS)
def users_export(request: ConsoleRequest) -> HttpResponseBase:
    """Send the people that the filters in the address leave as CSV; a POST, because it is recorded."""
    tree = tree_of(request.customer)
    form = filter_of(request, request.GET, tree)
    if not form.is_valid():
        return _page(request, Listing(request, USERS, form, Rows([], title=lambda row: row.person.name), None), 422)
    asked = {name: request.GET[name] for name in form.fields if name != "order" and request.GET.get(name)}
    export_users(actor=Actor.of(request), customer=request.customer, filters=asked)
    people = form.filtered(people_in_console(request.customer, request.permissions))
    name = f"users-{request.customer.primary_domain}-{timezone.localdate():%Y-%m-%d}.csv"
    return csv_answer(name, _export_rows(people, tree, request.LANGUAGE_CODE, timezone.get_current_timezone()))


def filter_of(request: ConsoleRequest, data: QueryDict, tree: Tree) -> UsersFilter:
    """Return the filter of the list for this reader."""
    viewer, customer, permissions = request.user, request.customer, request.permissions
    return UsersFilter(data, viewer=viewer, customer=customer, permissions=permissions, tree=tree)


def _export_rows(people: QuerySet[User], tree: Tree, language: str, zone: tzinfo) -> Iterator[list[str]]:
    """The response is read after the middleware has put language and time zone back, so each batch brings its own."""
    with translation.override(language):
        yield [
            _("Name"),
            _("E-mail address"),
            _("Organisational unit"),
            _("Admin roles"),
            _("Status"),
            _("Last sign-in"),
        ]
    for batch in keyset.batches(people, EXPORT_BATCH, newest_first=False):
        roles = roles_held(batch)
        with translation.override(language), timezone.override(zone):
            rows = [_export_row(person, tree, roles[person.pk]) for person in batch]
        yield from rows


def _export_row(person: User, tree: Tree, roles: list[Role]) -> list[str]:
    return [
        person.name,
        person.email,
        tree.path(person.org_unit_id or tree.root.pk),
        ", ".join(str(role.label) for role in roles),
        str(_status(person)),
        export_text(person.last_login),
    ]


def _status(person: User) -> str:
    if person.deleted_at:
        return _("Deleted")
    return _("Active") if person.is_active else _("Suspended")


@require_safe
@console_page(Permission.VIEW_USERS)
def user(request: ConsoleRequest, user_id: int) -> HttpResponse:
    """Show one person: who it is, what it holds, and what this viewer may do about it."""
    person = person_in_console(request.customer, request.permissions, user_id)
    tree = tree_of(request.customer)
    context = {
        "person": person,
        "unit_id": person.org_unit_id or tree.root.pk,
        "unit_path": place(tree, person.org_unit_id, request.customer),
        "aliases": aliases_of(person),
        "held": list(person.role_assignments.order_by("role")),
        "memberships": list(person.group_memberships.select_related("group").order_by("group__sort_name")[:SHOWN]),
        "devices": list(person.devices.order_by("pk")[:SHOWN]),
        "kept_until": person.deleted_at + UNDELETE_WITHIN if person.deleted_at else None,
        "is_self": person.pk == request.user.pk,
        "awaits_password": awaits_password(person),
        "invitation": last_invitation(person) if awaits_password(person) else None,
        **_licences(request, person),
        **_rights(request, person),
    }
    return render(request, "console/user.html", context)


def _licences(request: ConsoleRequest, person: User) -> dict[str, object]:
    licences = licences_in_console(request.user, request.customer, request.permissions).filter(user=person)
    return {"licences": list(licences.select_related("subscription__sku").order_by("subscription__sku__name", "pk"))}


def _rights(request: ConsoleRequest, person: User) -> dict[str, bool]:
    """Return which actions to offer; the verbs ask again (P3, R14)."""
    free = may_change(request.user, person)
    may = request.permissions
    return {
        "may_manage": free and Permission.MANAGE_USERS in may,
        "may_reset": free and Permission.RESET_PASSWORDS in may and person.pk != request.user.pk,
        "is_protected": not free and bool(may & {Permission.MANAGE_USERS, Permission.RESET_PASSWORDS}),
        "may_assign_roles": Permission.ASSIGN_ROLES in may and person.deleted_at is None,
        # Two super admins together; others see no factor of anybody's.
        "may_reset_factor": Permission.ASSIGN_ROLES in may and person.pk != request.user.pk and has_factor(person),
        "may_view_licences": Permission.VIEW_LICENCES in may,
        "may_view_units": Permission.VIEW_ORG_UNITS in may,
        "may_view_groups": Permission.VIEW_GROUPS in may,
        "may_view_devices": Permission.VIEW_DEVICES in may,
    }
