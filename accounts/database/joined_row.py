"""Rows of several models that belong together, with one statement that is written once for the process.

What accounts/database/one_row.py does for one row, for a call of the API: its token, the account, the person and
their organisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Model


class JoinedRow:
    """Finds one row of a join, by a condition with one value, as an object of each model."""

    def __init__(self, models: Mapping[str, type[Model]], source: str, also: Mapping[str, str]) -> None:
        """models: by the alias of their tables in the source, which is everything from FROM on.

        also: values beside them, and the SQL that they come from.
        """
        self._models, self._source, self._also = models, source, dict(also)

    def get(self, value: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Return the objects by their aliases, None where a table has no row, and the values beside them."""
        with connection.cursor() as cursor:
            cursor.execute(self._statement, [value])
            row = cursor.fetchone()
        if row is None:
            return None
        found: dict[str, Any] = {}
        for alias, model, names, start, converted in self._pieces:
            values = list(row[start : start + len(names)])
            for place, read, column in converted:
                values[place] = read(values[place], column, connection)
            # The key of each model of ours is its first column.
            found[alias] = None if values[0] is None else model.from_db(connection.alias, names, values)
        return found, dict(zip(self._also, row[len(row) - len(self._also) :], strict=True))

    @cached_property
    def _pieces(self) -> list[tuple[str, type[Model], list[str], int, list[tuple[int, Any, Any]]]]:
        """For each model: its alias, itself, its columns, where they begin, and what has to be read from the driver."""
        pieces, start = [], 0
        for alias, model in self._models.items():
            fields = model._meta.concrete_fields
            converted = [
                (place, read, field.get_col(model._meta.db_table))
                for place, field in enumerate(fields)
                for read in field.get_db_converters(connection)
            ]
            pieces.append((alias, model, [field.attname for field in fields], start, converted))
            start += len(fields)
        return pieces

    @cached_property
    def _statement(self) -> str:
        quoted = connection.ops.quote_name
        columns = [
            f"{alias}.{quoted(str(field.column))}"
            for alias, model in self._models.items()
            for field in model._meta.concrete_fields
        ]
        return f"SELECT {', '.join([*columns, *self._also.values()])} {self._source}"
