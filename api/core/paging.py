"""Pages of lists by keyset: any size, any depth, and a token that says nothing and can be made by nobody else.

A token is bound to the method and to its filters: one that was altered, or taken to another list, is an error. Pages of
the console show the first page then (accounts/keyset.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.core import signing
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from api.core.call import Call
from api.core.errors import Invalid

# Rows of one answer, whatever is asked for: some documents name no maximum.
MOST_ROWS: Final = 1_000
# What may differ from page to page.
_NO_FILTERS: Final = frozenset({"pageToken", "maxResults", "pageSize", "fields", "prettyPrint", "quotaUser", "key"})


def page(
    call: Call, queryset: QuerySet[Any], *, keys: Sequence[str], size: int, descending: bool = False
) -> tuple[list[Any], str | None]:
    """Return the rows of the page that a call asks for, and the token of the next one; None at the end.

    keys: fields, or annotations, none of them null, that order the rows and tell any two apart: an index on them
    answers. size: how many rows. Raises Invalid for a token that is none of this list.
    """
    size, after = min(size, MOST_ROWS), place_of(call)
    if after is not None:
        if len(after) != len(keys):
            raise Invalid("pageToken")
        lookup = TupleLessThan if descending else TupleGreaterThan
        queryset = queryset.filter(lookup(Tuple(*map(F, keys)), tuple(after)))
    order = [F(key).desc() if descending else F(key).asc() for key in keys]
    rows = list(queryset.order_by(*order)[: size + 1])
    if len(rows) <= size:
        return rows, None
    return rows[:size], token_of(call, [_value(rows[size - 1], key) for key in keys])


def place_of(call: Call) -> list[Any] | None:
    """Return the key that the token of a call holds; None where it asks for the first page. Raises Invalid."""
    token = call.params.get("pageToken", "")
    if not token:
        return None
    try:
        filters, *key = _signer(call).unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise Invalid("pageToken") from error
    if filters != _filters(call):
        raise Invalid("pageToken")
    return list(key)


def token_of(call: Call, key: Sequence[Any]) -> str:
    """Return the token of the page behind the row with this key, which must fit into JSON."""
    return _signer(call).sign_object([_filters(call), *key])


def _signer(call: Call) -> signing.Signer:
    # Letters, digits, - and _ only: what JSON, a URL and a person's terminal take without escaping.
    return signing.Signer(salt=f"api.page.{call.method}", sep=".")


def _filters(call: Call) -> str:
    asked = sorted((name, value) for name, value in call.params.items() if name not in _NO_FILTERS)
    return hashlib.sha256(json.dumps(asked, default=str).encode()).hexdigest()[:16]


def _value(row: Any, key: str) -> Any:
    """Return what a row has under a key, as it travels in a token."""
    for name in [key] if isinstance(row, dict) else key.split("__"):
        row = row[name] if isinstance(row, dict) else getattr(row, name)
    if isinstance(row, date):
        return row.isoformat()
    return str(row) if isinstance(row, UUID) else row
