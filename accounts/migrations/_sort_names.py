"""What names are sorted by, before and after: for the migrations that compute it again. No migration itself."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from accounts.names import sort_key

BATCH = 1_000


def earlier_sort_key(name: str) -> str:
    """The key up to 0016: letters without an accent of their own, such as ł and ø, stayed what they were."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def recompute(model: Any, key: Callable[[str], str], name: str = "name", sort_name: str = "sort_name") -> None:
    """Store the key of every name that has other letters than ASCII: the others keep theirs."""
    length, last = model._meta.get_field(sort_name).max_length, 0
    rows = model.objects.filter(**{f"{name}__regex": "[^\\x01-\\x7f]"}).order_by("pk")
    while batch := list(rows.filter(pk__gt=last).only(name, sort_name)[:BATCH]):
        for row in batch:
            setattr(row, sort_name, key(getattr(row, name))[:length])
        model.objects.bulk_update(batch, [sort_name])
        last = batch[-1].pk


__all__ = ["earlier_sort_key", "recompute", "sort_key"]
