"""Reading the audit log where an event may have one of several values."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self, TypeVar, overload

from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL

M = TypeVar("M", bound=Model)


class EventQuerySet(QuerySet[M]):
    """Events whose first rows are read value by value, where one of several values was asked for (see one_of).

    An index gives the rows of one value in the order of time, and those of several in no order: PostgreSQL then reads
    all of them, or goes through all events until it has found fifty. So each value's first rows are read by the
    index, and merged: as many rows as the page has, for each value.
    """

    merged: tuple[str, list[str]] | None = None

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone.merged = self.merged
        return clone

    @overload
    def __getitem__(self, key: int) -> M: ...

    @overload
    def __getitem__(self, key: slice) -> Self: ...

    def __getitem__(self, key: Any) -> Any:
        """Return the first rows, which have an order by (at, id), as a list; anything else as any query set does."""
        if self.merged is None or not isinstance(key, slice) or key.start or key.step or key.stop is None:
            return super().__getitem__(key)
        column, values = self.merged
        single = self.filter(**{column: RawSQL("given.value", [])})
        single.merged = None
        # Django's own SQL, with its values apart.
        inner, params = single[: key.stop].query.sql_with_params()
        order = "at DESC, id DESC" if self.query.order_by == ("-at", "-id") else "at, id"
        merged = f"FROM unnest(%s::text[]) given (value) CROSS JOIN LATERAL ({inner}) merged ORDER BY {order}"
        sql = f"SELECT merged.* {merged} LIMIT {int(key.stop)}"
        return list(self.model._default_manager.raw(sql, [values, *params]))


def one_of(events: QuerySet[M], column: str, values: Collection[str]) -> QuerySet[M]:
    """Return the events with one of these values. column: one that an index has in front of the time."""
    found = events.filter(**{f"{column}__in": values})
    if isinstance(found, EventQuerySet) and found.merged is None and len(values) > 1:
        found.merged = (column, sorted(values))
    return found
