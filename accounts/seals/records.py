"""What a seal keeps of each of its events: where it stood, when it was, and its digest. 56 bytes each.

With it a removed event can be named, and a seal is checked after its events were dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import lt
from struct import Struct
from typing import Final, NamedTuple

_RECORD: Final = Struct(">Qqq32s")
SIZE: Final = _RECORD.size
# What PostgreSQL counts microseconds from.
_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)


# What a record has, in its order: transaction, number, microseconds, digest.
Row = tuple[int, int, int, bytes]


class Position(NamedTuple):
    """Where an event stands in its part of an era: the number of its transaction, then its own.

    Events of before transactions were noted have 0.
    """

    transaction: int
    id: int


# In front of every event, also of one that was written by hand with a number below 1.
BEGINNING: Final = Position(0, -(2**63) + 1)


class Record(NamedTuple):
    """One event in a seal. at: microseconds since 2000, as PostgreSQL counts them; leaf: its digest."""

    transaction: int
    id: int
    at: int
    leaf: bytes

    @property
    def position(self) -> Position:
        return Position(self.transaction, self.id)


def rows(leaves: bytes | memoryview) -> list[Row]:
    """Return the records of a seal as plain tuples, in a fifth of the time. Raises ValueError where they are not so."""
    if len(leaves) % SIZE:
        raise ValueError("the records are not whole")
    return list(_RECORD.iter_unpack(leaves))


def records(leaves: bytes | memoryview) -> list[Record]:
    """Return the records of a seal. Raises ValueError where they are not whole."""
    return list(map(Record._make, rows(leaves)))


def are_ascending(found: Sequence[Row], after: Position) -> bool:
    """Tell whether each stands behind the one before it, and all behind a place."""
    places = [tuple(after), *[row[:2] for row in found]]
    return all(map(lt, places, places[1:]))


def moment_of(at: int) -> datetime | None:
    """Return the moment of a record; None for one that no calendar has."""
    try:
        return _BEGINNING + timedelta(microseconds=at)
    except OverflowError:
        return None


def as_lines(leaves: bytes | memoryview) -> str:
    """Return the records as text, a line each: transaction, number, microseconds, digest."""
    return "".join(f"{r.transaction} {r.id} {r.at} {r.leaf.hex()}\n" for r in records(leaves))


def from_lines(lines: Sequence[str]) -> list[Record]:
    """Return the records that text holds. Raises ValueError where a line is none."""
    found = []
    for line in lines:
        transaction, number, at, digest = line.split()
        found.append(Record(int(transaction), int(number), int(at), bytes.fromhex(digest)))
    return found
