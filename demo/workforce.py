"""Acme as an organisation: its tree of units, the people who joined over a year, its groups and devices.

Everybody here exists only in the demo. The same people come out each time: nothing is left to chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice, product

from accounts.models.devices import DeviceKind
from accounts.names import sort_key

# Path, description, and how many of each hundred people work there.
UNITS = (
    ("/Engineering", "Builds what Acme sells", 4),
    ("/Engineering/Platform", "Servers, data, networks", 16),
    ("/Engineering/Mobile", "Apps for telephones and tablets", 12),
    ("/Engineering/Quality", "Tests and releases", 7),
    ("/Sales", "Finds and keeps customers", 3),
    ("/Sales/Germany", "Hamburg and Munich", 12),
    ("/Sales/France", "Lyon and Nantes", 9),
    ("/Sales/Partners", "Sells through others", 5),
    ("/Operations", "Keeps the lights on", 3),
    ("/Operations/Warehouse", "Two shifts, shared devices", 13),
    ("/Operations/Front desks", "Kiosks at every entrance", 4),
    ("/Finance", "Invoices, payroll, purchasing", 6),
    ("/People", "Hires and looks after everybody", 4),
    ("/Contractors", "Here for a project", 2),
)
# Mobile devices wait for approval here and below; elsewhere they do not.
APPROVING_UNITS = ("/Operations", "/Contractors")
NUMBER_OF_PEOPLE = 320
# How many months before today the first of them joined.
MONTHS = 13

_FIRST = (
    "Adele", "Amir", "Beatriz", "Bo", "Carla", "Chidi", "Daan", "Edda", "Emre", "Fatou", "Finn", "Greta", "Hugo",
    "Ines", "Ivo", "Jana", "João", "Kaya", "Klara", "Lars", "Leïla", "Luca", "Maren", "Milo", "Nadia", "Nils",
    "Océane", "Olek", "Paula", "Quentin", "Ravi", "Renée", "Sanne", "Søren", "Talia", "Timo", "Ulla", "Viktor",
    "Yara", "Zeno",
)  # fmt: skip
_LAST = (
    "Aalto", "Bachmann", "Carvalho", "Dubois", "Eriksen", "Fontaine", "Grigoriou", "Haddad", "Ibarra", "Jansen",
    "Kovács", "Lefèvre", "Morel", "Nakamura", "Okafor", "Petit", "Quist", "Rossi", "Sørensen", "Tanaka", "Ueda",
    "Vogel", "Weiss", "Yıldız", "Zielinski",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hire:
    """A person who joined Acme. joined: months before today."""

    name: str
    local_part: str
    unit: str
    joined: int


def hires() -> list[Hire]:
    """Return everybody in the order in which they joined; a third was there from the beginning."""
    names = islice(_names(), NUMBER_OF_PEOPLE)
    units = cycle(_spread())
    founders = NUMBER_OF_PEOPLE // 3
    later = NUMBER_OF_PEOPLE - founders
    return [
        Hire(
            name,
            _local_part(name),
            unit,
            MONTHS if number < founders else MONTHS - 1 - (number - founders) * MONTHS // later,
        )
        for number, (name, unit) in enumerate(zip(names, units, strict=False))
    ]


def _names() -> Iterator[str]:
    """Combine first and last names so that neighbours share neither."""
    pairs = product(range(len(_LAST)), range(len(_FIRST)))
    return (f"{_FIRST[first]} {_LAST[(last + 7 * first) % len(_LAST)]}" for last, first in pairs)


def _local_part(name: str) -> str:
    return sort_key(name).replace(" ", ".")


def _spread() -> list[str]:
    """Return the units, each as often as its share, taken in turns rather than in blocks."""
    left = {path: share for path, _description, share in UNITS}
    turns = []
    while any(left.values()):
        waiting = [path for path, number in left.items() if number]
        turns += waiting
        left |= {path: left[path] - 1 for path in waiting}
    return turns


@dataclass(frozen=True, slots=True)
class Team:
    """A group: everybody in a unit and below it, or other groups."""

    local_part: str
    name: str
    units: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


GROUPS = (
    Team("platform", "Platform", ("/Engineering/Platform",)),
    Team("mobile", "Mobile", ("/Engineering/Mobile",)),
    Team("quality", "Quality", ("/Engineering/Quality",)),
    Team("engineering", "Engineering", ("/Engineering",), ("platform", "mobile", "quality")),
    Team("sales-germany", "Sales Germany", ("/Sales/Germany",)),
    Team("ventes-france", "Ventes France", ("/Sales/France",)),
    Team("sales", "Sales", ("/Sales",), ("sales-germany", "ventes-france")),
    Team("warehouse", "Warehouse", ("/Operations/Warehouse",)),
    Team("invoices", "Invoices", ("/Finance",)),
    Team("everybody", "Everybody at Acme", (), ("engineering", "sales", "warehouse", "invoices")),
)

# Kind, model, version of the operating system, units whose people get one, and for every how many of them.
DEVICES = (
    (DeviceKind.CHROMEOS, "Lenovo Chromebook 14e", "131.0", ("/Sales/Germany", "/Sales/France", "/Finance"), 2),
    (DeviceKind.CHROMEOS, "HP Chromebox G4", "131.0", ("/Operations/Front desks",), 1),
    (DeviceKind.ANDROID, "Zebra TC57", "14", ("/Operations/Warehouse",), 1),
    (DeviceKind.ANDROID, "Pixel 8", "15", ("/Engineering/Mobile", "/Engineering/Platform"), 2),
    (DeviceKind.IOS, "iPhone 15", "18.1", ("/Engineering/Mobile", "/Sales/Partners", "/People"), 2),
)
