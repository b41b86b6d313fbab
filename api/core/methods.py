"""The methods that are served: each a function under the ids that its discovery documents give it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from api.core.call import Call

Answer = dict[str, Any] | None
Method = Callable[[Call], Any]

_METHODS: Final[dict[str, Method]] = {}


def serves(*ids: str) -> Callable[[Method], Method]:
    """Say which methods of the documents a function answers. It returns the resource; None is 204, without a body.

    A method that gives a file returns an HttpResponse where `alt` is media. Raises ValueError for a second function.
    """

    def note(function: Method) -> Method:
        for method_id in ids:
            if method_id in _METHODS:
                raise ValueError(f"{method_id} is served twice")
            _METHODS[method_id] = function
        return function

    return note


def method(method_id: str) -> Method | None:
    """Return the function that answers a method; None where it is not served."""
    return _METHODS.get(method_id)


def served() -> frozenset[str]:
    """Return the ids of all the methods that are served."""
    return frozenset(_METHODS)
