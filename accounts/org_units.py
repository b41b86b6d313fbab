"""The tree of a customer's organisational units: reading it, and the verbs that change it.

A tree has hundreds of units at most, so a page reads it whole with one query and asks the rest in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.models import Customer, OrgUnit


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
        """Return the unit at a path, in any case; None where there is none. An empty path is the root."""
        wanted = f"/{path.strip().strip('/')}".casefold()
        return next((node.unit for node in self if node.path.casefold() == wanted), None)

    def below(self, pk: int) -> set[int]:
        """Return the ids of a unit and of everything below it."""
        found = {pk}
        for child in self._children.get(pk, ()):
            found |= self.below(child.pk)
        return found

    def above(self, pk: int) -> list[OrgUnit]:
        """Return the units from the root down to this one, itself included."""
        unit: OrgUnit | None = self._nodes[pk].unit
        found = []
        while unit is not None:
            found.append(unit)
            unit = self.get(unit.parent_id)
        return found[::-1]

    def choices(self) -> list[tuple[int, str]]:
        """Return ids and paths, for a form; the root by the customer's name is up to the page."""
        return [(node.unit.pk, node.path) for node in self]

    def approves_mobile_devices(self, pk: int) -> bool:
        """Tell whether mobile devices in this unit wait for approval: its own setting, or the nearest one above it."""
        return next(u.approves_mobile_devices for u in self.above(pk)[::-1] if u.approves_mobile_devices is not None)


def tree_of(customer: Customer | int) -> Tree:
    """Return the whole tree of a customer with one query."""
    units = OrgUnit.objects.filter(customer=customer).order_by("sort_name", "pk")
    return Tree(list(units))
