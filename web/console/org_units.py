"""The tree of organisational units: seeing it, and changing it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.directory import org_units as verbs
from accounts.directory.tree import Node, Tree, numbers_inside, tree_of
from accounts.models import OrgUnit
from accounts.names import isolated, sort_key
from accounts.permissions import Permission
from subscriptions import leaving
from web.console.forms.org_units import CreateOrgUnitForm, EditOrgUnitForm, MoveOrgUnitForm, SearchUnitsForm
from web.guards import console_page
from web.refusals import shown_on, told
from web.requests import ConsoleRequest, note_rows


@dataclass(frozen=True, slots=True)
class Line:
    """A unit as the tree shows it, with how many people and devices stand in it, not below it."""

    node: Node
    people: int
    devices: int

    @property
    def indent(self) -> range:
        return range(self.node.depth)


@dataclass(frozen=True, slots=True)
class Difference:
    """A unit whose setting a move would change."""

    path: str
    before: bool
    after: bool


@require_safe
@console_page(Permission.VIEW_ORG_UNITS)
def org_units(request: ConsoleRequest) -> HttpResponse:
    """Show the whole tree, or the units with a name that was searched for."""
    form = SearchUnitsForm(request.GET)
    asked = sort_key(form.cleaned_data["q"]) if form.is_valid() else ""
    tree, numbers = tree_of(request.customer), numbers_inside(request.customer)
    lines = [Line(node, *numbers.get(node.unit.pk, (0, 0))) for node in tree if asked in node.unit.sort_name]
    context = {
        "form": form,
        "lines": lines,
        "may_change": Permission.MANAGE_ORG_UNITS in request.permissions,
    }
    note_rows(request, len(lines))
    return render(request, "console/org_units.html", context)


@require_safe
@console_page(Permission.VIEW_ORG_UNITS)
def org_unit(request: ConsoleRequest, unit_id: int) -> HttpResponse:
    """Show one unit: what is in it, and each setting with the unit that it comes from."""
    tree = tree_of(request.customer)
    unit = _unit_of(tree, unit_id)
    numbers, below = numbers_inside(request.customer), tree.below(unit.pk)
    own = numbers.get(unit.pk, (0, 0))
    source = tree.source(unit.pk)
    context = {
        "unit": unit,
        "path": tree.path(unit.pk),
        "above": tree.above(unit.pk)[:-1],
        "children": [Line(n, *numbers.get(n.unit.pk, (0, 0))) for n in tree if n.unit.parent_id == unit.pk],
        "people": own[0],
        "devices": own[1],
        "people_below": sum(numbers.get(pk, (0, 0))[0] for pk in below),
        "devices_below": sum(numbers.get(pk, (0, 0))[1] for pk in below),
        "approves": tree.approves_mobile_devices(unit.pk),
        "source": source,
        "source_path": tree.path(source.pk),
        "may_change": Permission.MANAGE_ORG_UNITS in request.permissions,
    }
    return render(request, "console/org_unit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_ORG_UNITS)
def org_unit_create(request: ConsoleRequest) -> HttpResponse:
    """Create a unit below another one."""
    tree = tree_of(request.customer)
    data = request.POST if request.method == "POST" else None
    form = CreateOrgUnitForm(data, tree=tree, initial={"parent": request.GET.get("below", tree.root.pk)})
    if form.is_valid():
        with shown_on(form):
            unit = verbs.create_org_unit(actor=Actor.of(request), customer=request.customer, **form.cleaned_data)
            messages.success(request, _("The unit %(unit)s was created.") % {"unit": isolated(unit.name)})
            return redirect("org_unit", domain=request.customer.primary_domain, unit_id=unit.pk)
    return render(request, "console/org_unit_create.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_ORG_UNITS)
def org_unit_edit(request: ConsoleRequest, unit_id: int) -> HttpResponse:
    """Change what a unit is called and its settings."""
    tree = tree_of(request.customer)
    unit = _unit_of(tree, unit_id)
    inherited = unit.parent_id is not None and tree.approves_mobile_devices(unit.parent_id)
    form = EditOrgUnitForm(request.POST if request.method == "POST" else None, unit=unit, inherited=inherited)
    if form.is_valid():
        with shown_on(form):
            verbs.edit_org_unit(actor=Actor.of(request), unit=unit, **{"name": "", **form.cleaned_data})
            messages.success(request, _("The unit was saved."))
            return redirect("org_unit", domain=request.customer.primary_domain, unit_id=unit.pk)
    context = {"form": form, "unit": unit, "path": tree.path(unit.pk)}
    return render(request, "console/org_unit_edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_ORG_UNITS)
def org_unit_move(request: ConsoleRequest, unit_id: int) -> HttpResponse:
    """Say what a move would change, and move. Without a place in the address: choose one first."""
    tree = tree_of(request.customer)
    unit = _unit_of(tree, unit_id)
    if unit.parent_id is None:
        raise Http404
    data = request.POST if request.method == "POST" else request.GET if "parent" in request.GET else None
    form = MoveOrgUnitForm(data, tree=tree, unit=unit, initial={"parent": unit.parent_id})
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            verbs.move_org_unit(actor=Actor.of(request), unit=unit, parent=form.cleaned_data["parent"])
            messages.success(request, _("The unit %(unit)s was moved.") % {"unit": isolated(unit.name)})
            return redirect("org_unit", domain=request.customer.primary_domain, unit_id=unit.pk)
    context = {"form": form, "unit": unit, "path": tree.path(unit.pk)} | _plan(tree, unit, form)
    return render(request, "console/org_unit_move.html", context, status=422 if form.errors else 200)


def _plan(tree: Tree, unit: OrgUnit, form: MoveOrgUnitForm) -> dict[str, object]:
    """Return what a move would change, once a place was chosen that is another one."""
    parent = form.cleaned_data["parent"] if form.is_bound and form.is_valid() else None
    if parent is None or parent.pk == unit.parent_id:
        return {"parent": None, "stays": parent is not None}
    after, below = tree.moved(unit.pk, parent.pk), tree.below(unit.pk)
    answers = [
        Difference(after.path(pk), tree.approves_mobile_devices(pk), after.approves_mobile_devices(pk))
        for pk in (node.unit.pk for node in tree if node.unit.pk in below)
    ]
    return {
        "parent": parent,
        "new_path": after.path(unit.pk),
        "below": len(below) - 1,
        "differences": [answer for answer in answers if answer.before != answer.after],
    }


@require_POST
@console_page(Permission.MANAGE_ORG_UNITS)
def org_unit_remove(request: ConsoleRequest, unit_id: int) -> HttpResponse:
    """Delete a unit with nothing inside."""
    unit = _unit_of(tree_of(request.customer), unit_id)
    domain = request.customer.primary_domain
    with told(request):
        leaving.remove_org_unit(actor=Actor.of(request), unit=unit)
        messages.success(request, _("The unit %(unit)s was deleted.") % {"unit": isolated(unit.name)})
        return redirect("org_units", domain=domain)
    return redirect("org_unit", domain=domain, unit_id=unit.pk)


def _unit_of(tree: Tree, unit_id: int) -> OrgUnit:
    """Return a unit of this customer's tree; 404 for any other."""
    unit = tree.get(unit_id)
    if unit is None:
        raise Http404
    return unit
