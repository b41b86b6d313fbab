"""Pages by keyset: a page deep inside costs what the first one costs, and no row is shown twice.

The place to continue at travels in the address as a signed key. Anyone who alters it, or takes it to
another list, gets the first page: the key never reaches the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core import signing
from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import OrderBy, RawSQL

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest, QueryDict

PAGE_SIZE = 50

Key = tuple[Any, ...]
M = TypeVar("M", bound="Model")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: behind the row with the key `after`, in front of the one with `before`, or at the start.

    size: how many rows it has.
    """

    list_name: str
    after: Key | None = None
    before: Key | None = None
    size: int = PAGE_SIZE

    @property
    def is_start(self) -> bool:
        return self.after is None and self.before is None


@dataclass(frozen=True, slots=True)
class Pager:
    """What templates/lists/pager.html shows: the addresses of the other pages."""

    first_url: str | None
    previous_url: str | None
    next_url: str | None


@dataclass(frozen=True, slots=True)
class Rows(Generic[M]):
    """The rows of one page, and the keys to continue with; None at an end."""

    rows: list[M]
    previous: Key | None
    next: Key | None


def place(params: QueryDict, list_name: str, size: int = PAGE_SIZE) -> Place:
    """Read from an address where the page begins; anything that we did not write ourselves is the start."""
    after = _read(params.get("after", ""), list_name)
    return Place(list_name, after, _read(params.get("before", ""), list_name) if after is None else None, size)


def _read(text: str, list_name: str) -> Key | None:
    if not text:
        return None
    try:
        key = signing.Signer(salt=f"keyset.{list_name}").unsign_object(text)
    except (signing.BadSignature, ValueError):
        return None
    return tuple(key)


def cursor(key: Key, list_name: str) -> str:
    """Return the key of a row as it travels in an address."""
    return signing.Signer(salt=f"keyset.{list_name}").sign_object(list(key))


def pager(request: HttpRequest, at: Place, *, previous: Key | None, next: Key | None) -> Pager:  # noqa: A002  as in Rows
    """Return the addresses of the pages around this one, with the same filters."""

    def url(**where: str) -> str:
        params = request.GET.copy()
        for name in ("after", "before"):
            params.pop(name, None)
        params.update(where)
        return f"{request.path}?{params.urlencode()}" if params else request.path

    return Pager(
        first_url=None if at.is_start else url(),
        previous_url=url(before=cursor(previous, at.list_name)) if previous else None,
        next_url=url(after=cursor(next, at.list_name)) if next else None,
    )


def by_id(queryset: QuerySet[M], at: Place, *, newest_first: bool = True) -> Rows[M]:
    """Return the rows of the page at a place, in the order of their ids."""
    downwards = newest_first != (at.before is not None)
    if key := at.before or at.after:
        queryset = queryset.filter(pk__lt=key[0]) if downwards else queryset.filter(pk__gt=key[0])
    return _cut(queryset.order_by("-pk" if downwards else "pk"), at, lambda row: (row.pk,))


def batches(queryset: QuerySet[M], size: int, *, newest_first: bool = True) -> Iterator[list[M]]:
    """Return all rows, so many at once, by their ids: no cursor stays open however slowly someone reads."""
    order, behind = ("-pk", "pk__lt") if newest_first else ("pk", "pk__gt")
    batch = list(queryset.order_by(order)[:size])
    while batch:
        yield batch
        batch = list(queryset.filter(**{behind: batch[-1].pk}).order_by(order)[:size]) if len(batch) == size else []


def by_name(queryset: QuerySet[M], at: Place, *, name: str = "sort_name", descending: bool = False) -> Rows[M]:
    """Return the rows of the page at a place, in the order of the column `name`, and of their ids where it is equal."""
    table = connection.ops.quote_name(queryset.model._meta.db_table)
    sql = f"{table}.{connection.ops.quote_name(name)}"
    return by_value(queryset, at, sql=sql, value=lambda row: getattr(row, name), descending=descending)


def by_value(
    queryset: QuerySet[M], at: Place, *, sql: str, value: Callable[[M], str], descending: bool = False
) -> Rows[M]:
    """Return the rows of the page at a place, in the order of an expression, and of their ids where it is equal.

    sql: the expression; value: what it is for a row, as text that fits into an address.
    A row comparison, which an index on (expression, id) answers; the OR form of Q objects is ten times slower.
    """
    downwards = descending != (at.before is not None)
    if key := at.before or at.after:
        table = connection.ops.quote_name(queryset.model._meta.db_table)
        comparison = f"({sql}, {table}.id) {'<' if downwards else '>'} (%s, %s)"
        queryset = queryset.filter(RawSQL(comparison, list(key), output_field=BooleanField()))  # noqa: S611  signed by us
    order = OrderBy(RawSQL(sql, []), descending=downwards)  # noqa: S611  no part of it was typed
    return _cut(queryset.order_by(order, "-pk" if downwards else "pk"), at, lambda row: (value(row), row.pk))


def _cut(queryset: QuerySet[M], at: Place, key_of: Callable[[M], Key]) -> Rows[M]:
    return rows_of(list(queryset[: at.size + 1]), at, key_of)


def rows_of(found: list[M], at: Place, key_of: Callable[[M], Key]) -> Rows[M]:
    """Return a page of its rows and one more, from a place on; in front of it they were ordered the other way round."""
    backwards = at.before is not None
    more = len(found) > at.size
    rows = found[: at.size][:: -1 if backwards else 1]
    has_previous, has_next = (more, True) if backwards else (at.after is not None, more)
    return Rows(
        rows,
        previous=key_of(rows[0]) if rows and has_previous else None,
        next=key_of(rows[-1]) if rows and has_next else None,
    )
