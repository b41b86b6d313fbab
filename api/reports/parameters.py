"""The old and new values of an event as the parameters of an activity, and filters by them.

A value stands under its own name, in capitals; one that changed stands there as it is now, and as it was under OLD_…
The value that an event is about is OLD_VALUE and NEW_VALUE, always as text (A3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from accounts.models import AuditEvent
from api.core.errors import Invalid
from api.reports.forms import Form

_OLD: Final = "OLD_"
_FILTER: Final = re.compile(r"([A-Za-z0-9_]{1,60})(==|<>|<=|>=|<|>)(.{0,300})", re.DOTALL)
_MOST_FILTERS: Final = 20
_BY_NAME: Final = itemgetter("name")
_NUMBER: Final = re.compile(r"-?\d{1,18}", re.ASCII)


def parameters_of(form: Form, event: AuditEvent, *, with_old: bool = True) -> list[dict[str, Any]]:
    """Return the parameters of an event. with_old: without it what was before is not told."""
    found = [{"name": form.subject, "value": event.subject}] if form.subject and event.subject else []
    old, new = _by_key(form, event.old_value if with_old else None), _by_key(form, event.new_value)
    for prefix, values, others in ((_OLD, old, new), ("", new, old)):
        for key, value in values.items():
            if value is None:
                continue
            if key == form.main:
                found.append(_text(f"{prefix or 'NEW_'}VALUE", value))
            else:
                # What was there and is not there any more has no other value beside it.
                named = form.names.get(key, key.upper())
                found.append(_typed(f"{prefix}{named}" if prefix and others.get(key) is not None else named, value))
    return sorted(found, key=_BY_NAME) if len(found) > 1 else found


def _by_key(form: Form, value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    return {} if value is None else {form.main: value}


def _text(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"name": name, "value": value}
    if isinstance(value, list):
        return {"name": name, "multiValue": [_in_words(each) for each in value]}
    return {"name": name, "value": _in_words(value)}


def _typed(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, str):  # nearly all are
        return {"name": name, "value": value}
    if isinstance(value, bool):
        return {"name": name, "boolValue": value}
    if isinstance(value, int):
        return {"name": name, "intValue": str(value)}
    return _text(name, value)


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


@dataclass(frozen=True, slots=True)
class Filter:
    """What one parameter has to be."""

    name: str
    operator: str
    value: str


def filters_in(text: str) -> list[Filter]:
    """Return the filters of `NEW_VALUE==true,SKU_NAME<>x`. Raises Invalid."""
    pieces = text.split(",") if text else []
    if len(pieces) > _MOST_FILTERS or "\0" in text:
        raise Invalid("filters")
    found = []
    for piece in pieces:
        match = _FILTER.fullmatch(piece.strip())
        if match is None:
            raise Invalid("filters")
        found.append(Filter(match[1], match[2], match[3].strip()))
    return found


def filtered(
    events: QuerySet[AuditEvent], form: Form, filters: list[Filter], *, with_old: bool = True
) -> QuerySet[AuditEvent]:
    """Return the events of one name, whose form this is, that have these parameters."""
    for each in filters:
        source, params = _source(form, each.name, with_old=with_old)
        events = events.filter(RawSQL(*_comparison(each, source, params), output_field=BooleanField()))  # noqa: S611  values are parameters
    return events


def _source(form: Form, name: str, *, with_old: bool) -> tuple[str, list[str]]:
    """Return where a parameter stands in a row, as JSON."""
    old, new = "accounts_auditevent.old_value", "accounts_auditevent.new_value"
    if not with_old:
        old = "NULL::jsonb"
    if form.subject and name == form.subject:
        return "to_jsonb(accounts_auditevent.subject)", []
    if name in ("OLD_VALUE", "NEW_VALUE"):
        column = old if name == "OLD_VALUE" else new
        return f"CASE jsonb_typeof({column}) WHEN 'object' THEN {column} -> %s ELSE {column} END", [form.main]
    keys = {named: key for key, named in form.names.items()}
    if name.startswith(_OLD):
        key = keys.get(name.removeprefix(_OLD), name.removeprefix(_OLD))
        return f"coalesce({old} -> %s, {old} -> %s)", [key.lower(), key]
    key = keys.get(name, name)
    return f"coalesce({new} -> %s, {new} -> %s, {old} -> %s, {old} -> %s)", [key.lower(), key] * 2


def _comparison(asked: Filter, source: str, params: list[str]) -> tuple[str, list[Any]]:
    """Return the comparison in SQL. Numbers are compared as such, everything else as text."""
    value = f"({source})"
    if asked.operator in ("==", "<>"):
        same = f"CASE jsonb_typeof({value}) WHEN 'array' THEN {value} ? %s ELSE {value} #>> '{{}}' = %s END"
        given = [*params, *params, asked.value, *params, asked.value]
        if asked.operator == "==":
            return f"coalesce({same}, FALSE)", given
        return f"coalesce(NOT ({same}), FALSE)", given
    if _NUMBER.fullmatch(asked.value):
        sql = f"CASE jsonb_typeof({value}) WHEN 'number' THEN ({value})::numeric {asked.operator} %s ELSE FALSE END"
        return f"coalesce({sql}, FALSE)", [*params, *params, int(asked.value)]
    return f"coalesce({value} #>> '{{}}' COLLATE \"C\" {asked.operator} %s, FALSE)", [*params, asked.value]
