"""The time zones that people choose from, and the one that holds for a person."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Choice = tuple[str, str]
Group = tuple[str, list[Choice]]
# The areas of the world as the names of zones begin, in the order of the list.
REGIONS: Mapping[str, Promise] = MappingProxyType(
    {
        "Africa": _("Africa"),
        "America": _("America"),
        "Antarctica": _("Antarctica"),
        "Arctic": _("Arctic"),
        "Asia": _("Asia"),
        "Atlantic": _("Atlantic Ocean"),
        "Australia": _("Australia"),
        "Europe": _("Europe"),
        "Indian": _("Indian Ocean"),
        "Pacific": _("Pacific Ocean"),
    }
)
UTC = "UTC"


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """Return a person's time zone; the system's where a name is not known any more."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)


@cache
def names() -> tuple[str, ...]:
    """Return the names in use today, one for each part of a country that keeps a time of its own.

    Read from zone.tab of the time zone database (columns: country, coordinates, name, remarks), which leaves out names
    that are kept for old data only, such as Africa/Asmera.
    """
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return tuple(sorted(row[2] for row in rows))


def zone_choices(stored: str = "") -> list[Choice | Group]:
    """Return UTC and the zones by region, for a select. stored: a name kept for a person though the list lacks it."""
    rare = [] if stored in {"", UTC, *names()} else [(stored, stored)]
    groups = [
        (str(region), [(name, _place(name)) for name in names() if name.startswith(f"{area}/")])
        for area, region in REGIONS.items()
    ]
    return [*rare, (UTC, UTC), *groups]


def _place(name: str) -> str:
    """Return what is called by a name in its region: "Argentina, Buenos Aires"."""
    return name.partition("/")[2].replace("_", " ").replace("/", ", ")
