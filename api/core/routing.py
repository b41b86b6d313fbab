"""Which method of which document a request means."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import Final, NamedTuple

from api.core.documents import Endpoint, endpoints

# What is done to the thing in front of it.
_VERB: Final = re.compile(r":\w+$")
# How many literal segments of a path are looked up before patterns are tried.
_LOOKED_UP: Final = 4


class Route(NamedTuple):
    """A method, and the parameters in the path."""

    endpoint: Endpoint
    params: dict[str, str]


def route(http_method: str, path: str) -> Route | None:
    """Return what a request for a path means; None where no document has it. path: decoded, from the slash on."""
    segments = path[1:].split("/", _LOOKED_UP)
    table = _table()
    for count in range(min(_LOOKED_UP, len(segments)), -1, -1):
        for endpoint in table.get((http_method, *segments[:count]), ()):
            if match := endpoint.pattern.fullmatch(path):
                return Route(endpoint, match.groupdict())
    return None


def methods_at(path: str) -> list[str]:
    """Return the HTTP methods that a path answers; none where there is no such path."""
    return [name for name in ("GET", "POST", "PUT", "PATCH", "DELETE") if route(name, path)]


def get_of(endpoint: Endpoint, path: str) -> Route | None:
    """Return the method that shows the resource that a writing one changes; None where there is none.

    It stands at the same path, or at that without the verb at its end: `…/7/changeSeats`, `…/7:close`.
    """
    own = _nameless(endpoint.path)
    verb = _VERB.search(own)
    ends = verb[0] if verb else ""
    for place, shape in ((path.removesuffix(ends), own.removesuffix(ends)), _above(path, own)):
        found = route("GET", place)
        # `…/devices/moveDevicesToOu` is no device: what is read there has the same parts in its path.
        if (
            found is not None
            and found.endpoint.id.endswith(".get")
            and found.endpoint.document is endpoint.document
            and _nameless(found.endpoint.path) == shape
        ):
            return found
    return None


def _nameless(path: str) -> str:
    """Return the path of a method with its variable parts without their names."""
    return re.sub(r"\{(\+?)\w+\}", r"{\1}", path)


def _above(path: str, shape: str) -> tuple[str, str]:
    return path.rpartition("/")[0], shape.rpartition("/")[0]


@cache
def _table() -> dict[tuple[str, ...], list[Endpoint]]:
    """Return the methods by HTTP method and the literal segments that their paths begin with."""
    table: dict[tuple[str, ...], list[Endpoint]] = defaultdict(list)
    for endpoint in endpoints():
        literal: list[str] = []
        for segment in endpoint.path.split("/")[:_LOOKED_UP]:
            if "{" in segment:
                break
            literal.append(segment)
        table[endpoint.http_method, *literal].append(endpoint)
    return dict(table)
