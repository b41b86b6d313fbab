"""The query language of the lists of devices: `status:disabled sync:2026-11-01.. user:"tom sawyer"`.

https://developers.google.com/workspace/admin/directory/v1/list-query-operators and …/search-operators, as far as the
product knows the fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.db.models import Q

from accounts.models.devices import DeviceKind, DeviceStatus
from accounts.names import sort_key
from api.core.errors import Invalid

_LONGEST: Final = 1_000
_CLAUSE: Final = re.compile(r'([a-z_]+):(?:"([^"]*)"|([^\s"]+))(?:\s+|$)')
# "The system supports partial serial number searches, but you must enter at least three characters."
_SHORTEST_SERIAL: Final = 3
_NOTHING: Final = Q(pk=None)

Condition = Callable[[str], Q]


def condition_of(query: str, fields: Mapping[str, Condition]) -> Q:
    """Return the condition that a query is: all of its clauses. Raises Invalid for what is none, or no such field."""
    query, place, found = query.strip(), 0, Q()
    while place < len(query):
        match = _CLAUSE.match(query, place) if len(query) <= _LONGEST else None
        if match is None or match[1] not in fields:
            raise Invalid("query")
        found &= fields[match[1]](match[3] if match[2] is None else match[2])
        place = match.end()
    return found


def _contains(column: str) -> Condition:
    return lambda value: Q(**{f"{column}__icontains": value})


def _begins(column: str) -> Condition:
    return lambda value: Q(**{f"{column}__istartswith": value})


def _serial(value: str) -> Q:
    serial = "".join(value.split()).upper()
    if len(serial) < _SHORTEST_SERIAL:
        raise Invalid("query")
    return Q(serial_number__contains=serial)


def _user(value: str) -> Q:
    """Return which devices an admin noted for a person, or the person uses."""
    return Q(annotated_user__icontains=value) | _name(value) | Q(user__email__startswith=value.lower())


def _name(value: str) -> Q:
    return Q(user__sort_name__contains=sort_key(value))


def _one_of(values: Mapping[str, Q]) -> Condition:
    def condition(value: str) -> Q:
        found = values.get(value.lower())
        if found is None:
            raise Invalid("query")
        return found

    return condition


def _day(column: str) -> Condition:
    """Return what says whether a moment is on a day, or between two: `2026-11-01`, `2026-11-01..2026-11-30`, `..`."""

    def condition(value: str) -> Q:
        first, dots, last = value.partition("..")
        if not (first or last):
            raise Invalid("query")
        found = Q(**{f"{column}__gte": _midnight(first)}) if first else Q()
        end = last or ("" if dots else first)
        return found & Q(**{f"{column}__lt": _midnight(end, days=1)}) if end else found

    return condition


def _midnight(text: str, days: int = 0) -> datetime:
    """Return the first moment of a day, or of one some days later. Raises Invalid, also behind the last of days."""
    try:
        return datetime.combine(date.fromisoformat(text[:10]), time(), UTC) + timedelta(days)
    except (ValueError, OverflowError) as error:
        raise Invalid("query") from error


_APPROVED: Final = Q(status=DeviceStatus.APPROVED)
_BLOCKED: Final = Q(status=DeviceStatus.BLOCKED)
_DATES: Final = {"register": _day("enrolled_at"), "sync": _day("last_seen_at")}
# A device that was removed is not in the product any more: none is deprovisioned.
CHROMEOS: Final[Mapping[str, Condition]] = _DATES | {
    "status": _one_of(
        {
            "provisioned": _APPROVED,
            "active": _APPROVED,
            "disabled": _BLOCKED,
            "managed": _APPROVED | _BLOCKED,
            "deprovisioned": _NOTHING,
        }
    ),
    "id": _serial,
    "asset_id": lambda value: Q(annotated_asset_id__iexact=value),
    "user": _user,
    "location": _contains("annotated_location"),
    "note": _contains("notes"),
    "public_model_name": _contains("model"),
    "chrome_version": _begins("os_version"),
}
MOBILE: Final[Mapping[str, Condition]] = _DATES | {
    "status": _one_of(
        {"approved": _APPROVED, "blocked": _BLOCKED, "pending": Q(status=DeviceStatus.PENDING), "wiped": _NOTHING}
    ),
    "type": _one_of({"android": Q(kind=DeviceKind.ANDROID), "ios": Q(kind=DeviceKind.IOS)}),
    "serial": _serial,
    "email": lambda value: Q(user__email__startswith=value.lower()),
    "name": _name,
    "model": _contains("model"),
    "os": _begins("os_version"),
}
