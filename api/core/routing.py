"""Which method of which document a request means."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import Final, NamedTuple

from api.core.documents import Endpoint, endpoints

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
    for shorter in (path, re.sub(r":\w+$", "", path), path.rpartition("/")[0]):
        found = route("GET", shorter)
        if found and found.endpoint.id.endswith(".get") and found.endpoint.document is endpoint.document:
            return found
    return None


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
