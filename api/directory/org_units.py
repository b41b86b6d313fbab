"""Organisational units (Directory v1), by their path or by `id:` and their public id."""

from __future__ import annotations

from typing import Any

from accounts.directory.org_units import create_org_unit, edit_org_unit, move_org_unit
from accounts.directory.tree import Tree, tree_of
from accounts.models import Customer, OrgUnit
from accounts.permissions import Permission
from api.core.call import Call
from api.core.errors import ApiError, Invalid
from api.core.methods import serves
from api.door.consoles import console
from subscriptions.leaving import remove_org_unit

_ID = "id:"


@serves("directory.orgunits.list")
def list_units(call: Call) -> dict[str, Any]:
    """Return the units below one: its children, everything, or everything with itself. A tree is one page.

    https://developers.google.com/workspace/admin/directory/v1/guides/manage-org-units
    """
    tree = tree_of(console(call, call.params["customerId"], Permission.VIEW_ORG_UNITS))
    above = unit_at(tree, call.params.get("orgUnitPath", ""))
    kind = call.params.get("type", "children")
    if kind == "children":
        units = [node.unit for node in tree if node.unit.parent_id == above.pk]
    else:
        below = tree.below(above.pk) - (set() if kind == "allIncludingParent" else {above.pk})
        units = [node.unit for node in tree if node.unit.pk in below]
    return {"kind": "admin#directory#orgUnits", "organizationUnits": [_shown(tree, unit) for unit in units]}


@serves("directory.orgunits.get")
def get(call: Call) -> dict[str, Any]:
    """Return one unit."""
    tree = tree_of(console(call, call.params["customerId"], Permission.VIEW_ORG_UNITS))
    return _shown(tree, unit_at(tree, call.params["orgUnitPath"]))


@serves("directory.orgunits.insert")
def insert(call: Call) -> dict[str, Any]:
    """Create a unit below another one."""
    customer = console(call, call.params["customerId"], Permission.MANAGE_ORG_UNITS)
    parent = _sent_parent(call, tree_of(customer))
    if parent is None:
        raise Invalid("parentOrgUnitPath", "Invalid Parent Orgunit Id")
    name, description = call.body.get("name") or "", call.body.get("description") or ""
    unit = create_org_unit(actor=call.actor, customer=customer, parent=parent, name=name, description=description)
    return _as_it_is(customer, unit)


@serves("directory.orgunits.patch", "directory.orgunits.update")
def change(call: Call) -> dict[str, Any]:
    """Change what a unit is called, or hang it under another one. What is not sent stays, in a PUT too."""
    customer = console(call, call.params["customerId"], Permission.MANAGE_ORG_UNITS)
    tree = tree_of(customer)
    unit = unit_at(tree, call.params["orgUnitPath"])
    if unit.parent_id is None and call.body.get("name"):
        raise Invalid("name", "Invalid Ou Name: the top of the tree has no name of its own.")
    if (parent := _sent_parent(call, tree)) is not None:
        unit = move_org_unit(actor=call.actor, unit=unit, parent=parent)
    unit = edit_org_unit(
        actor=call.actor,
        unit=unit,
        name=call.body.get("name", unit.name) or "",
        description=call.body.get("description", unit.description) or "",
        approves_mobile_devices=unit.approves_mobile_devices,
    )
    return _as_it_is(customer, unit)


@serves("directory.orgunits.delete")
def delete(call: Call) -> None:
    """Delete a unit that has nothing in it."""
    customer = console(call, call.params["customerId"], Permission.MANAGE_ORG_UNITS)
    remove_org_unit(actor=call.actor, unit=unit_at(tree_of(customer), call.params["orgUnitPath"]))


def unit_at(tree: Tree, key: str) -> OrgUnit:
    """Return the unit of a tree at a path, with a slash in front or none, or with an id. Raises ApiError for none."""
    unit = _unit(tree, key)
    if unit is None:
        raise ApiError(404, "notFound", "Org unit not found", "orgUnitPath")
    return unit


def _unit(tree: Tree, key: str) -> OrgUnit | None:
    if key.startswith(_ID):
        return next((node.unit for node in tree if node.unit.public_id == key.removeprefix(_ID)), None)
    # Older clients write a space in a path as a plus sign.
    return tree.at(key) or (tree.at(key.replace("+", " ")) if "+" in key else None)


def _sent_parent(call: Call, tree: Tree) -> OrgUnit | None:
    """Return the parent that was sent, by its id or its path; None for none. Raises Invalid for one there is not."""
    for field in ("parentOrgUnitId", "parentOrgUnitPath"):
        if sent := call.body.get(field):
            key = sent if field == "parentOrgUnitPath" else _ID + sent.removeprefix(_ID)
            parent = _unit(tree, key)
            if parent is None:
                raise Invalid(field, "Invalid Parent Orgunit Id")
            return parent
    return None


def _as_it_is(customer: Customer, unit: OrgUnit) -> dict[str, Any]:
    tree = tree_of(customer)
    found = tree.get(unit.pk)
    assert found is not None  # its customer is locked
    return _shown(tree, found)


def _shown(tree: Tree, unit: OrgUnit) -> dict[str, Any]:
    """Return a unit as the document names its fields; the top of the tree is called as its path."""
    shown = {
        "kind": "admin#directory#orgUnit",
        "name": unit.name or "/",
        "description": unit.description,
        "orgUnitPath": tree.path(unit.pk),
        "orgUnitId": _ID + unit.public_id,
        "blockInheritance": False,
    }
    parent = tree.get(unit.parent_id)
    if parent is not None:
        shown |= {"parentOrgUnitPath": tree.path(parent.pk), "parentOrgUnitId": _ID + parent.public_id}
    return shown
