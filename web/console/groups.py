"""Groups: the list, one group with its members, and what is changed about them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.directory import groups as verbs
from accounts.directory.group_aliases import add_group_alias, aliases_of_group, remove_group_alias
from accounts.directory.group_members import around_of, email_of, groups_of, members_of, read_addresses, with_numbers
from accounts.keyset import Pager
from accounts.models import DirectoryGroup, GroupMember
from accounts.models.jobs import JobKind
from accounts.names import isolated
from accounts.permissions import Permission
from web.console.bulk import bar_of
from web.console.forms.groups import (
    AddMembersForm,
    GroupAccessForm,
    GroupForm,
    GroupsFilter,
    MemberRoleForm,
    MembersFilter,
)
from web.console.forms.people import AliasForm
from web.console.groups_list import GROUPS, all_groups, rows_of
from web.console.members_list import members_list
from web.console.members_list import rows_of as member_rows
from web.guards import console_page
from web.lists.columns import Box, Rows
from web.lists.listing import Listing, Total, counted
from web.lists.pages import page_of
from web.refusals import shown_on, told
from web.requests import ConsoleRequest
from web.unsaved import comes_back, is_shown_again


@require_safe
@console_page(Permission.VIEW_GROUPS)
def groups(request: ConsoleRequest) -> HttpResponse:
    """List the groups of this customer."""
    form = GroupsFilter(request.GET)
    filtered = form.filtered(groups_of(request.customer))
    page = page_of(request, with_numbers(filtered), "groups", by="sort_name", size=GROUPS.size_for(request))
    bulk = bar_of(request, JobKind.CHANGE_GROUPS, "groups_bulk", all_groups)
    rows = Rows(
        rows_of(page.rows, request.customer),
        title=lambda row: row[0].name,
        box=Box("group", lambda row: row[0].pk) if bulk else None,
    )
    listing = Listing(request, GROUPS, form, rows, page.pager, counted(filtered), bulk=bulk)
    context = {"list": listing, "may_change": Permission.MANAGE_GROUPS in request.permissions}
    return render(request, "console/groups.html", context)


@require_safe
@console_page(Permission.VIEW_GROUPS)
def group(request: ConsoleRequest, group_id: int) -> HttpResponse:
    """Show one group: its members, and the groups that it is in."""
    found = _group_of(request, group_id)
    form, kind = MembersFilter(request.GET), members_list(may_change=_may_change(request))
    members = form.filtered(members_of(found))
    name = f"members of {found.pk} {form.chosen_order}"
    page = page_of(request, members, name, by=form.by, size=kind.size_for(request))
    total = counted(members) if form.is_used else None
    return _group_page(request, found, form, page.rows, page.pager, total)


def _group_page(
    request: ConsoleRequest,
    group: DirectoryGroup,
    form: MembersFilter,
    members: list[GroupMember],
    pager: Pager | None = None,
    total: Total | None = None,
) -> HttpResponse:
    """Return the page of a group. total: how many members the filter finds; all of them where that is None."""
    may_change, number = _may_change(request), members_of(group).count()
    place = {"domain": request.customer.primary_domain, "group_id": group.pk}
    listing = Listing(
        request,
        members_list(may_change=may_change),
        form,
        Rows(
            member_rows(members, group, request.customer, request.permissions, get_token(request)),
            title=lambda row: row.name,
        ),
        pager,
        total or Total(number),
        form.chosen_order,
        path=reverse("group", kwargs=place),
        has_heading=True,
    )
    if may_change:
        listing.new_url, listing.new_label = reverse("group_members_add", kwargs=place), _("Add members")
    context = {
        "group": group,
        "aliases": aliases_of_group(group),
        "list": listing,
        "total": number,
        "around": around_of(group),
        "may_change": may_change,
        "may_change_access": Permission.CHANGE_GROUP_ACCESS in request.permissions,
    }
    return render(request, "console/group.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_GROUPS)
def group_create(request: ConsoleRequest) -> HttpResponse:
    """Create a group without members."""
    form = GroupForm(request.POST if request.method == "POST" else None, customer=request.customer)
    if form.is_valid():
        with shown_on(form):
            made = verbs.create_group(actor=Actor.of(request), customer=request.customer, **form.cleaned_data)
            messages.success(
                request, _("The group %(group)s was created. Add its members.") % {"group": isolated(made.name)}
            )
            return redirect("group", domain=request.customer.primary_domain, group_id=made.pk)
    return render(request, "console/group_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_GROUPS)
def group_edit(request: ConsoleRequest, group_id: int) -> HttpResponse:
    """Change what a group is called."""
    found = _group_of(request, group_id)
    initial = {"name": found.name, "email": found.email, "description": found.description}
    data = request.POST if request.method == "POST" else None
    form = GroupForm(data, customer=request.customer, initial=initial)
    if form.is_valid():
        with shown_on(form):
            verbs.change_group(actor=Actor.of(request), group=found, **form.cleaned_data)
            messages.success(request, _("The group was saved."))
            return redirect("group", domain=request.customer.primary_domain, group_id=group_id)
    context = {"form": form, "group": found}
    return render(request, "console/group_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.CHANGE_GROUP_ACCESS)
def group_access(request: ConsoleRequest, group_id: int) -> HttpResponse:
    """Change who may join a group, write to it and see its members: never for a reseller's agents (R14)."""
    found = _group_of(request, group_id)
    initial = {name: getattr(found, name) for name in GroupAccessForm.base_fields}
    form = GroupAccessForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        with shown_on(form):
            verbs.change_group_access(actor=Actor.of(request), group=found, **form.cleaned_data)
            messages.success(request, _("The access to the group was saved."))
            return redirect("group", domain=request.customer.primary_domain, group_id=group_id)
    context = {"form": form, "group": found}
    return render(request, "console/group_access.html", context, status=422 if form.errors else 200)


@require_POST
@console_page(Permission.MANAGE_GROUPS)
def group_delete(request: ConsoleRequest, group_id: int) -> HttpResponse:
    """Delete a group; the people in it stay."""
    found = _group_of(request, group_id)
    with told(request):
        verbs.delete_group(actor=Actor.of(request), group=found)
        messages.success(request, _("The group %(group)s was deleted.") % {"group": isolated(found.name)})
    return redirect("groups", domain=request.customer.primary_domain)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_GROUPS)
def group_add_alias(request: ConsoleRequest, group_id: int) -> HttpResponse:
    """Give a group one more address."""
    found = _group_of(request, group_id)
    form = AliasForm(request.POST if request.method == "POST" else None, customer=request.customer)
    if form.is_valid():
        with shown_on(form):
            alias = add_group_alias(actor=Actor.of(request), group=found, email=form.cleaned_data["email"])
            messages.success(request, _("%(alias)s was added.") % {"alias": alias})
            return redirect("group", domain=request.customer.primary_domain, group_id=group_id)
    context = {"form": form, "group": found}
    return render(request, "console/group_alias.html", context, status=422 if form.errors else 200)


@require_POST
@console_page(Permission.MANAGE_GROUPS)
def group_remove_alias(request: ConsoleRequest, group_id: int) -> HttpResponse:
    """Take an alias from a group."""
    found = _group_of(request, group_id)
    with told(request):
        remove_group_alias(actor=Actor.of(request), group=found, email=request.POST.get("alias", ""))
        messages.success(request, _("The alias was removed. Another person or group can have the address now."))
    return redirect("group", domain=request.customer.primary_domain, group_id=group_id)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_GROUPS)
def group_members_add(request: ConsoleRequest, group_id: int) -> HttpResponse:
    """Add people and groups by their addresses, all or none: each line that is wrong is named."""
    group = _group_of(request, group_id)
    form = AddMembersForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (done := _add(request, group, form)):
        messages.success(request, done)
        return redirect("group", domain=request.customer.primary_domain, group_id=group_id)
    context = {"form": form, "group": group}
    return render(request, "console/group_members_add.html", context, status=422 if form.errors else 200)


def _add(request: ConsoleRequest, group: DirectoryGroup, form: AddMembersForm) -> str:
    """Add whom the lines name and say how many that were; where a line is wrong: tell the form, and add nobody."""
    found = read_addresses(form.cleaned_data["members"], group)
    for line in found.bad:
        form.add_error("members", line)
    if found.bad:
        return ""
    role = form.cleaned_data["role"]
    with shown_on(form):
        added = verbs.add_members(
            actor=Actor.of(request), group=group, people=found.people, subgroups=found.subgroups, role=role
        )
        already = len(found.people) + len(found.subgroups) - added
        text = ngettext("%(number)s member was added.", "%(number)s members were added.", added) % {"number": added}
        were = ngettext("%(number)s was in the group already.", "%(number)s were in the group already.", already)
        return f"{text} {were % {'number': already}}" if already else text
    return ""


@comes_back
@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_GROUPS)
def group_member_role(request: ConsoleRequest, group_id: int, member_id: int) -> HttpResponse:
    """Make a person in a group its owner, manager or plain member."""
    member, form = _member_of(request, group_id, member_id), MemberRoleForm(request.POST)
    if request.method != "POST":
        return redirect("group", domain=request.customer.primary_domain, group_id=group_id)
    if is_shown_again(request) and form.is_valid():
        member.role = form.cleaned_data["role"]
        # The list as after a search for this member: it may stand on any page.
        return _group_page(request, member.group, MembersFilter({"q": email_of(member)}), [member])
    if form.is_valid():
        with told(request):
            verbs.change_member_role(actor=Actor.of(request), member=member, role=form.cleaned_data["role"])
            messages.success(request, _("The role in the group was saved."))
    else:
        messages.error(request, _("This role does not exist. Nothing was changed."))
    return redirect("group", domain=request.customer.primary_domain, group_id=group_id)


@require_POST
@console_page(Permission.MANAGE_GROUPS)
def group_member_remove(request: ConsoleRequest, group_id: int, member_id: int) -> HttpResponse:
    """Take a person or a group out of a group."""
    member = _member_of(request, group_id, member_id)
    done = _("%(member)s is not in the group any more.") % {"member": email_of(member)}
    with told(request):
        verbs.remove_member(actor=Actor.of(request), member=member)
        messages.success(request, done)
    return redirect("group", domain=request.customer.primary_domain, group_id=group_id)


def _may_change(request: ConsoleRequest) -> bool:
    return Permission.MANAGE_GROUPS in request.permissions


def _group_of(request: ConsoleRequest, group_id: int) -> DirectoryGroup:
    """Return a group of this customer; 404 for any other."""
    return get_object_or_404(groups_of(request.customer), pk=group_id)


def _member_of(request: ConsoleRequest, group_id: int, member_id: int) -> GroupMember:
    """Return a member of a group of this customer; 404 for any other."""
    return get_object_or_404(members_of(_group_of(request, group_id)), pk=member_id)
