"""The tree of a customer's organisational units, read whole.

A tree has hundreds of units at most, so a page reads it with one query and asks the rest in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Customer, Device, OrgUnit, User
from accounts.names import name_key, readable


@dataclass(frozen=True, slots=True)
class Node:
    """A unit at its place. path: "/" for the root, "/Sales/Berlin" below it; depth: 0 for the root."""

    unit: OrgUnit
    path: str
    depth: int


# What a row of a unit has in it, in the order in which the model takes it.
_COLUMNS = [field.attname for field in OrgUnit._meta.concrete_fields]
_ID, _PARENT, _NAME, _SORT_NAME = (_COLUMNS.index(name) for name in ("id", "parent_id", "name", "sort_name"))
_Row = Sequence[Any]


class Tree:
    """All units of one customer, each behind its parent, siblings in the order of their names.

    A list asks for paths only, and makes no objects of 200 units: those are made when they are asked for.
    """

    def __init__(self, rows: Iterable[_Row]) -> None:
        self._rows, self._children = dict[int, _Row](), dict[int | None, list[_Row]]()
        for row in rows:
            self._rows[row[_ID]] = row
            self._children.setdefault(row[_PARENT], []).append(row)
        [root] = self._children[None]
        self._units: dict[int, OrgUnit] = {}
        self._places = {root[_ID]: ("/", 0)}
        self._place_below(root[_ID], "", 1)
        self.root = self._unit(root[_ID])

    def _place_below(self, pk: int, path: str, depth: int) -> None:
        for child in self._children.get(pk, ()):
            below = f"{path}/{child[_NAME]}"
            self._places[child[_ID]] = below, depth
            if child[_ID] in self._children:
                self._place_below(child[_ID], below, depth + 1)

    def _unit(self, pk: int) -> OrgUnit:
        if pk not in self._units:
            self._units[pk] = OrgUnit.from_db(DEFAULT_DB_ALIAS, _COLUMNS, self._rows[pk])
        return self._units[pk]

    def __iter__(self) -> Iterator[Node]:
        return (Node(self._unit(pk), path, depth) for pk, (path, depth) in self._places.items())

    def __len__(self) -> int:
        return len(self._places)

    def get(self, pk: int | None) -> OrgUnit | None:
        """Return the unit with that id; None where this customer has none."""
        return self._unit(pk) if pk is not None and pk in self._places else None

    def path(self, pk: int) -> str:
        """Return where a unit stands: "/Sales/Berlin"."""
        return self._places[pk][0]

    def at(self, path: str) -> OrgUnit | None:
        """Return the unit at a path, compared as names are (P10); None for none. An empty path is the root."""
        return self._by_path.get(_path_key(path))

    @cached_property
    def _by_path(self) -> dict[str, OrgUnit]:
        """The units by the keys of their paths: a file of 100,000 lines may name as many."""
        return {_path_key(node.path): node.unit for node in reversed(list(self))}

    def names_below(self, pk: int, *, without: int | None) -> list[str]:
        """Return the names of the units directly below one, but for one of them."""
        return [child[_NAME] for child in self._children.get(pk, ()) if child[_ID] != without]

    def below(self, pk: int) -> set[int]:
        """Return the ids of a unit and of everything below it."""
        found = {pk}
        for child in self._children.get(pk, ()):
            found |= self.below(child[_ID])
        return found

    def depth(self, pk: int) -> int:
        """Return how far below the root a unit stands; 0 for the root."""
        return self._places[pk][1]

    def height(self, pk: int) -> int:
        """Return how many levels there are below a unit."""
        return max(self.depth(below) for below in self.below(pk)) - self.depth(pk)

    def above(self, pk: int) -> list[OrgUnit]:
        """Return the units from the root down to this one, itself included."""
        unit: OrgUnit | None = self._unit(pk)
        found = []
        while unit is not None:
            found.append(unit)
            unit = self.get(unit.parent_id)
        return found[::-1]

    def choices(self) -> list[tuple[int, str]]:
        """Return ids and paths, for a form (web.console.forms.org_units.UnitField)."""
        return [(pk, path) for pk, (path, _depth) in self._places.items()]

    def approves_mobile_devices(self, pk: int) -> bool:
        """Tell whether mobile devices in this unit wait for approval: its own setting, or the nearest one above it."""
        return bool(self.source(pk).approves_mobile_devices)

    def source(self, pk: int) -> OrgUnit:
        """Return the unit that this one has the setting from: itself, or the nearest one above it with a value."""
        return next(unit for unit in self.above(pk)[::-1] if unit.approves_mobile_devices is not None)

    def moved(self, pk: int, parent_pk: int) -> Tree:
        """Return the tree as it would be with a unit under another one. parent_pk: not below the unit."""
        rows = [list(row) for row in self._rows.values()]
        for row in rows:
            if row[_ID] == pk:
                row[_PARENT] = parent_pk
        return Tree(sorted(rows, key=lambda row: (row[_SORT_NAME], row[_ID])))


def _path_key(path: str) -> str:
    return "/".join(filter(None, (name_key(readable(name)) for name in path.split("/"))))


def tree_of(customer: Customer | int) -> Tree:
    """Return the whole tree of a customer with one query."""
    return Tree(OrgUnit.objects.filter(customer=customer).order_by("sort_name", "pk").values_list(*_COLUMNS))


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
