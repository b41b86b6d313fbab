"""Values of parameters and fields, as the documents type them (JSON Schema, with formats of the original)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]
Reading = Callable[[Any], Any]

# The numbers that a format holds.
_BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}
# More digits are no number of any format.
_DIGITS: Final = 20
# How deep a value may be of which the document says nothing.
_DEEPEST: Final = 20


class Unfit(Exception):
    """A value is none of its type. The message says what would be one."""


def reading_of(schema: Schema) -> Reading:
    """Return what makes a value of a schema without parts out of one in JSON, or in a query. It raises Unfit."""
    kind, form = schema.get("type", "any"), schema.get("format", "")
    if "enum" in schema:
        return _enum(tuple(schema["enum"]))
    if kind == "integer" or form in ("int64", "uint64"):
        low, high = _BOUNDS.get(form, _BOUNDS["int32"])
        return _integer(int(schema.get("minimum", low)), int(schema.get("maximum", high)))
    return {"boolean": _boolean, "number": _number, "string": _text}.get(kind, _anything)


def _enum(names: tuple[str, ...]) -> Reading:
    """Take names, and the numbers that generated clients send for them: their places in the document."""
    known = frozenset(names)

    def read(value: Any) -> str:
        if isinstance(value, str) and value in known:
            return value
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < _DIGITS:
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
            return names[value]
        raise Unfit(f"Values must be one of: {', '.join(names)}")

    return read


def _integer(low: int, high: int) -> Reading:
    def read(value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str):
            digits = value.removeprefix("-")
            if not (digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS):
                raise Unfit("Values must be integers")
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Unfit("Values must be integers")
        if not low <= value <= high:
            raise Unfit(f"Values must be within the range: [{low}, {high}]")
        return value

    return read


def _number(value: Any) -> float:
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise Unfit("Values must be numbers")
    return number


def _boolean(value: Any) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise Unfit("Values must be true or false")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit("Values must be texts")
    return value


def _anything(value: Any) -> Any:
    """Take what the document leaves open, unless it is deeper than anything that means something."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise Unfit(f"Values must be at most {_DEEPEST} levels deep")
        parts = [each for each in level if isinstance(each, dict | list)]
        level = [inner for each in parts for inner in (each.values() if isinstance(each, dict) else each)]
    return value
