"""Reads long lists in pieces, by their key: no cursor on the server, which a pooler loses, and no list in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)

# Rows of one statement.
PIECE: Final = 500


def in_pieces(rows: QuerySet[M], size: int = PIECE) -> Iterator[M]:
    """Yield rows in the order of their keys; each piece is asked for when the one before it has been worked on.

    What no longer matches by then is left out, and what begins to match behind the place reached is found.
    """
    last = 0
    while piece := list(rows.filter(pk__gt=last).order_by("pk")[:size]):
        yield from piece
        last = piece[-1].pk
