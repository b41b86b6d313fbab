"""Every address the product answers at, read from Django's own resolver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.contract.ours import OURS


@dataclass(frozen=True, slots=True)
class Address:
    """One pattern: its name, its route as written, its view."""

    name: str
    route: str
    view: Callable[..., Any]

    @property
    def module(self) -> str:
        return self.view.__module__

    @property
    def is_ours(self) -> bool:
        return self.module.partition(".")[0] in OURS


def addresses() -> list[Address]:
    """Return every pattern of the URL configuration, also those of other packages."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[URLPattern | URLResolver], route: str, namespace: str) -> Iterator[Address]:
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, here, inner)
        else:
            yield Address(f"{namespace}{pattern.name or here}", here, pattern.callback)
