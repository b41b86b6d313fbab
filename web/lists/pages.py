"""One page of a list, as its URL asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts import keyset
from web.requests import note_rows

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Up to 50 rows, or as many as a person has chosen, and what leads to the others."""

    rows: list[M]
    pager: keyset.Pager


def page_of(
    request: HttpRequest,
    rows: QuerySet[M],
    name: str,
    *,
    by: str | Callable[[QuerySet[M], keyset.Place], keyset.Rows[M]] = "-pk",
    size: int = keyset.PAGE_SIZE,
) -> Page[M]:
    """Return the page that the URL asks for.

    name: whose keys these are: those of another list, or of another order, lead to the first page.
    by: "-pk", the newest first; "pk"; a column of names, from A to Z; or what orders and cuts the rows itself.
    size: how many rows the person wants on a page.
    """
    at = keyset.place(request.GET, name, size)
    if callable(by):
        found = by(rows, at)
    elif by in ("pk", "-pk"):
        found = keyset.by_id(rows, at, newest_first=by == "-pk")
    else:
        found = keyset.by_name(rows, at, name=by)
    note_rows(request, len(found.rows))
    return Page(found.rows, keyset.pager(request, at, previous=found.previous, next=found.next))
