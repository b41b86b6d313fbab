"""Rows that the database makes itself: what differs comes from a SELECT, all the rest from one model.

Ten thousand of them cost a tenth of what it takes to make them here, one object each, and to send them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection
from django.db.models import AutoField, Model
from django.db.models.fields import NOT_PROVIDED, BigAutoField


def insert_selected(
    same: Model, given: Collection[str], rows: str, params: Mapping[str, Any], *, then: str = ""
) -> int:
    """Insert a row for each of a SELECT, with one statement; returns how many.

    same: an unsaved row with the values that all of them have; columns that the database fills are left to it.
    given: the names of the columns that the SELECT gives, in its order. rows, params: the SELECT, which is ours.
    then: another INSERT that is made with it, from the rows of `written`.
    """
    fields = [field for field in same._meta.concrete_fields if field.attname not in given and not _fills(field)]
    quoted = connection.ops.quote_name
    columns = ", ".join(quoted(name) for name in [*given, *(field.attname for field in fields)])
    values = {f"same_{f.attname}": f.get_db_prep_save(getattr(same, f.attname), connection) for f in fields}
    places = "".join(f", %({name})s" for name in values)
    insert = f"INSERT INTO {quoted(same._meta.db_table)} ({columns}) SELECT given.*{places} FROM ({rows}) given"  # noqa: S608  ours
    if then:
        insert = f"WITH written AS ({insert} RETURNING *), more AS ({then}) SELECT count(*) FROM written"  # noqa: S608  ours
    with connection.cursor() as cursor:
        cursor.execute(insert, {**values, **params})
        return int(cursor.fetchone()[0] if then else cursor.rowcount)


def _fills(field: Any) -> bool:
    """Tell whether the database gives a column its value."""
    return isinstance(field, AutoField | BigAutoField) or field.db_default is not NOT_PROVIDED
