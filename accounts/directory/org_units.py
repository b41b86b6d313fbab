"""The tree of a customer's organisational units: reading it, and the verbs that change it.

A tree has hundreds of units at most, so a page reads it whole with one query and asks the rest in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.actor import Actor
from accounts.audit import EventName, event, record, record_many
from accounts.directory.change import begin_change, clean_description
from accounts.errors import Refused
from accounts.models import Customer, Device, OrgUnit, User
from accounts.names import isolated, name_key, readable, sort_key
from accounts.organisations import clean_name, refuse_duplicate
from accounts.permissions import Permission

# As in the original: nobody looks for something below the 35th level, and a page still indents it.
MAX_DEPTH = 35
# Every page with a choice of units reads the whole tree: nobody makes the console slow for everybody else.
MAX_UNITS = 5_000
NAME_MAX_LENGTH = 100
SORT_NAME_MAX_LENGTH = 200

NO_SUCH_UNIT = _("This organisational unit does not exist any more. Choose another one.")
_NAME_IS_TAKEN = _("Another unit at this place has this name. Choose another name.")


@dataclass(frozen=True, slots=True)
class Node:
    """A unit at its place. path: "/" for the root, "/Sales/Berlin" below it; depth: 0 for the root."""

    unit: OrgUnit
    path: str
    depth: int


class Tree:
    """All units of one customer, each behind its parent, siblings in the order of their names."""

    def __init__(self, units: list[OrgUnit]) -> None:
        self._children: dict[int | None, list[OrgUnit]] = {}
        for unit in units:
            self._children.setdefault(unit.parent_id, []).append(unit)
        [self.root] = self._children[None]
        self._nodes = {node.unit.pk: node for node in self._walk(self.root, "/", 0)}

    def _walk(self, unit: OrgUnit, path: str, depth: int) -> Iterator[Node]:
        yield Node(unit, path, depth)
        for child in self._children.get(unit.pk, ()):
            yield from self._walk(child, f"{path.rstrip('/')}/{child.name}", depth + 1)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes.values())

    def __len__(self) -> int:
        return len(self._nodes)

    def get(self, pk: int | None) -> OrgUnit | None:
        """Return the unit with that id; None where this customer has none."""
        node = self._nodes.get(pk) if pk is not None else None
        return node.unit if node else None

    def path(self, pk: int) -> str:
        """Return where a unit stands: "/Sales/Berlin"."""
        return self._nodes[pk].path

    def at(self, path: str) -> OrgUnit | None:
        """Return the unit at a path, compared as names are (P10); None for none. An empty path is the root."""
        return self._by_path.get(_path_key(path))

    @cached_property
    def _by_path(self) -> dict[str, OrgUnit]:
        """The units by the keys of their paths: a file of 100,000 lines may name as many."""
        return {_path_key(node.path): node.unit for node in reversed(list(self))}

    def names_below(self, pk: int, *, without: int | None) -> list[str]:
        """Return the names of the units directly below one, but for one of them."""
        return [unit.name for unit in self._children.get(pk, ()) if unit.pk != without]

    def below(self, pk: int) -> set[int]:
        """Return the ids of a unit and of everything below it."""
        found = {pk}
        for child in self._children.get(pk, ()):
            found |= self.below(child.pk)
        return found

    def depth(self, pk: int) -> int:
        """Return how far below the root a unit stands; 0 for the root."""
        return self._nodes[pk].depth

    def height(self, pk: int) -> int:
        """Return how many levels there are below a unit."""
        return max(self._nodes[below].depth for below in self.below(pk)) - self._nodes[pk].depth

    def above(self, pk: int) -> list[OrgUnit]:
        """Return the units from the root down to this one, itself included."""
        unit: OrgUnit | None = self._nodes[pk].unit
        found = []
        while unit is not None:
            found.append(unit)
            unit = self.get(unit.parent_id)
        return found[::-1]

    def choices(self) -> list[tuple[int, str]]:
        """Return ids and paths, for a form (web.console.forms.org_units.UnitField)."""
        return [(node.unit.pk, node.path) for node in self]

    def approves_mobile_devices(self, pk: int) -> bool:
        """Tell whether mobile devices in this unit wait for approval: its own setting, or the nearest one above it."""
        return bool(self.source(pk).approves_mobile_devices)

    def source(self, pk: int) -> OrgUnit:
        """Return the unit that this one has the setting from: itself, or the nearest one above it with a value."""
        return next(unit for unit in self.above(pk)[::-1] if unit.approves_mobile_devices is not None)

    def moved(self, pk: int, parent_pk: int) -> Tree:
        """Return the tree as it would be with a unit under another one. parent_pk: not below the unit."""
        units = [copy(node.unit) for node in self]
        for unit in units:
            if unit.pk == pk:
                unit.parent_id = parent_pk
        return Tree(sorted(units, key=lambda unit: (unit.sort_name, unit.pk)))


def _path_key(path: str) -> str:
    return "/".join(filter(None, (name_key(readable(name)) for name in path.split("/"))))


def tree_of(customer: Customer | int) -> Tree:
    """Return the whole tree of a customer with one query."""
    units = OrgUnit.objects.filter(customer=customer).order_by("sort_name", "pk")
    return Tree(list(units))


def numbers_inside(customer: Customer) -> dict[int, tuple[int, int]]:
    """Return how many people and devices stand in each unit of a customer, with one query; not those below it."""
    people = User.objects.filter(org_unit=OuterRef("pk"), deleted_at=None)
    devices = Device.objects.filter(org_unit=OuterRef("pk"))
    rows = OrgUnit.objects.filter(customer=customer).annotate(people_in=_number(people), devices_in=_number(devices))
    return {pk: (p, d) for pk, p, d in rows.values_list("pk", "people_in", "devices_in")}


def _number(rows: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values("org_unit").annotate(n=Count("pk")).values("n")), 0)


def place(tree: Tree, org_unit_id: int | None, customer: Customer) -> str:
    """Return where something stands in the tree, in words: its path, and the customer's name for the root."""
    path = tree.path(org_unit_id or tree.root.pk)
    return customer.name if path == "/" else path


@transaction.atomic
def create_org_unit(
    *, actor: Actor | None, customer: Customer, parent: OrgUnit, name: str, description: str = ""
) -> OrgUnit:
    """Create a unit below another one; it inherits every setting. Raises Refused."""
    customer = begin_change(actor, Permission.MANAGE_ORG_UNITS, customer)
    tree = tree_of(customer)
    _refuse_place(tree, parent, levels=1)
    if len(tree) >= MAX_UNITS:
        raise Refused(_("A tree has at most %(number)s units. Delete some first.") % {"number": MAX_UNITS}, "parent")
    unit = OrgUnit(customer=customer, parent=parent, name=_clean_unit_name(name))
    unit.sort_name, unit.description = _stored_sort_key(unit.name), clean_description(description)
    _refuse_same_name(tree, unit, "name")
    with refuse_duplicate(_NAME_IS_TAKEN, "name"):
        unit.save(force_insert=True)
    path = tree_of(customer).path(unit.pk)
    record(EventName.CREATE_ORG_UNIT, actor=actor, customer=customer, subject=unit.name, new={"org_unit": path})
    return unit


@transaction.atomic
def edit_org_unit(
    *, actor: Actor | None, unit: OrgUnit, name: str, description: str, approves_mobile_devices: bool | None
) -> OrgUnit:
    """Change what a unit is called and its settings; None inherits a setting from above. Raises Refused.

    The root bears no name of its own, and inherits from nobody.
    """
    begin_change(actor, Permission.MANAGE_ORG_UNITS, unit.customer_id)
    unit = _existing(unit)
    if unit.parent_id is None and approves_mobile_devices is None:
        raise Refused(_("The top of the tree inherits from nobody: choose on or off."), "approves_mobile_devices")
    before = _values(unit)
    unit.name = _clean_unit_name(name) if unit.parent_id else ""
    unit.sort_name, unit.description = _stored_sort_key(unit.name), clean_description(description)
    unit.approves_mobile_devices = approves_mobile_devices
    after = _values(unit)
    old = {key: value for key, value in before.items() if value != after[key]}
    if not old:
        return unit
    _refuse_same_name(tree_of(unit.customer_id), unit, "name")
    with refuse_duplicate(_NAME_IS_TAKEN, "name"):
        unit.save(update_fields=["name", "sort_name", "description", "approves_mobile_devices"])
    new = {key: after[key] for key in old}
    record(EventName.EDIT_ORG_UNIT, actor=actor, customer=unit.customer_id, subject=str(unit), old=old, new=new)
    return unit


@transaction.atomic
def move_org_unit(*, actor: Actor | None, unit: OrgUnit, parent: OrgUnit) -> OrgUnit:
    """Hang a unit, with everything in it and below it, under another one. Raises Refused.

    The customer is locked: two moves are one after the other, and the second sees what the first did. So no two of
    them make a circle together.
    """
    begin_change(actor, Permission.MANAGE_ORG_UNITS, unit.customer_id)
    unit, tree = _existing(unit), tree_of(unit.customer_id)
    if unit.parent_id == parent.pk:
        return unit
    if unit.parent_id is None:
        raise Refused(_("The top of the tree cannot be moved."), "parent")
    if parent.pk in tree.below(unit.pk):
        raise Refused(_("A unit cannot be moved into itself or below itself. Choose a unit outside of it."), "parent")
    _refuse_place(tree, parent, levels=1 + tree.height(unit.pk))
    old = {"org_unit": tree.path(unit.pk)}
    unit.parent = parent
    _refuse_same_name(tree, unit, "parent")
    with refuse_duplicate(_NAME_IS_TAKEN, "parent"):
        unit.save(update_fields=["parent"])
    new = {"org_unit": tree_of(unit.customer_id).path(unit.pk)}
    record(EventName.MOVE_ORG_UNIT, actor=actor, customer=unit.customer_id, subject=unit.name, old=old, new=new)
    return unit


@transaction.atomic
def remove_org_unit(*, actor: Actor | None, unit: OrgUnit) -> None:
    """Delete a unit with nothing inside; deleting it a second time changes nothing. Raises Refused.

    People who were deleted, and could be had back, move to the unit above.
    """
    customer = begin_change(actor, Permission.MANAGE_ORG_UNITS, unit.customer_id)
    found = OrgUnit.objects.filter(pk=unit.pk, customer=customer).first()
    if found is None:
        return
    if found.parent_id is None:
        raise Refused(_("The top of the tree cannot be deleted."))
    if inside := inside_of(found):
        raise Refused(
            _("%(unit)s is not empty. There are still inside: %(inside)s. Move or remove them first.")
            % {"unit": isolated(found.name), "inside": ", ".join(inside)}
        )
    tree = tree_of(customer)
    old = {"org_unit": tree.path(found.pk)}
    _move_deleted_people_up(actor, found, tree)
    found.delete()
    record(EventName.REMOVE_ORG_UNIT, actor=actor, customer=customer, subject=found.name, old=old)


def inside_of(unit: OrgUnit) -> list[str]:
    """Return in words what keeps a unit from being deleted, each with its number."""
    children, people = unit.children.count(), unit.people.filter(deleted_at=None).count()
    # Of the package above this one, which knows units: asked through the row, so that nothing is imported upwards.
    devices, licensing = unit.devices.count(), unit.auto_licences.count()
    found = (
        (children, ngettext("%(number)s unit", "%(number)s units", children)),
        (people, ngettext("%(number)s person", "%(number)s people", people)),
        (devices, ngettext("%(number)s device", "%(number)s devices", devices)),
        (licensing, ngettext("%(number)s automatic licence", "%(number)s automatic licences", licensing)),
    )
    return [text % {"number": number} for number, text in found if number]


def _move_deleted_people_up(actor: Actor | None, unit: OrgUnit, tree: Tree) -> None:
    emails = list(unit.people.order_by("pk").values_list("email", flat=True))
    User.objects.filter(org_unit=unit).update(org_unit=unit.parent_id)
    old, new = {"org_unit": tree.path(unit.pk)}, {"org_unit": tree.path(tree.above(unit.pk)[-2].pk)}
    move, customer = EventName.MOVE_USER_TO_ORG_UNIT, unit.customer_id
    record_many(event(move, actor=actor, customer=customer, subject=email, old=old, new=new) for email in emails)


def _existing(unit: OrgUnit) -> OrgUnit:
    """Return a unit as it is stored now; its customer is locked. Raises Refused for one deleted meanwhile."""
    found = OrgUnit.objects.filter(pk=unit.pk, customer=unit.customer_id).first()
    if found is None:
        raise Refused(NO_SUCH_UNIT)
    return found


def _refuse_place(tree: Tree, parent: OrgUnit, *, levels: int) -> None:
    """Refuse a place that is not there (any more), and one below which `levels` more would be too deep."""
    if tree.get(parent.pk) is None:
        raise Refused(NO_SUCH_UNIT, "parent")
    if tree.depth(parent.pk) + levels > MAX_DEPTH:
        text = _("A tree has at most %(number)s levels. Choose a place further up.")
        raise Refused(text % {"number": MAX_DEPTH}, "parent")


def _refuse_same_name(tree: Tree, unit: OrgUnit, field: str) -> None:
    """Refuse the name of another unit at the same place, compared as names are (P10)."""
    if unit.parent_id and name_key(unit.name) in map(name_key, tree.names_below(unit.parent_id, without=unit.pk)):
        raise Refused(_NAME_IS_TAKEN, field)


def _values(unit: OrgUnit) -> dict[str, str | bool | None]:
    return {
        "name": unit.name,
        "description": unit.description,
        "approves_mobile_devices": unit.approves_mobile_devices,
    }


def _clean_unit_name(name: str) -> str:
    """Return the name of a unit; a slash separates units in a path, and so stands in no name. Raises Refused."""
    name = clean_name(name, max_length=NAME_MAX_LENGTH)
    if "/" in name:
        raise Refused(_("Use a name without a slash: slashes separate units in a path."), "name")
    return name


def _stored_sort_key(name: str) -> str:
    return sort_key(name)[:SORT_NAME_MAX_LENGTH]
