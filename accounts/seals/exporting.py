"""Events for a collector: in the order in which they became final, so that none is missed and none comes twice (A5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.db import connection

from accounts.errors import Refused
from accounts.seals.canonical import FORM, FORMS
from accounts.seals.parts import Part, parts
from accounts.seals.records import BEGINNING, Position

# Events of one statement.
_PIECE: Final = 2000


class Mark(NamedTuple):
    """How far a collector has got: the era, 0 in what was left over and 1 in its own part, and the last event."""

    era: int
    part: int
    transaction: int
    id: int

    def __str__(self) -> str:
        return ".".join(map(str, self))


@dataclass(frozen=True, slots=True)
class Line:
    """One event, as JSON in the newest form, and the mark behind it."""

    mark: Mark
    event: str

    def __str__(self) -> str:
        return f'{{"position":"{self.mark}","event":{self.event}}}'


def mark_from(text: str) -> Mark:
    """Return the mark that a line had. Raises Refused where it is none."""
    numbers = text.split(".")
    if len(numbers) != 4 or not all(number.isascii() and number.isdigit() for number in numbers):
        raise Refused(f"“{text}” is no position. Take it from the last line that was collected.", "--after")
    return Mark(*map(int, numbers))


def final_events(after: Mark | None) -> Iterator[Line]:
    """Yield the final events behind a mark, or all; no transaction stays open however slowly someone reads."""
    for part in parts():
        number = 0 if part.is_leftover else 1
        here = (part.era.number, number)
        if after and after[:2] > here:
            continue
        place = Position(after.transaction, after.id) if after and after[:2] == here else BEGINNING
        while found := _read(part, place):
            yield from (Line(Mark(*here, *position), written) for position, written in found)
            place = found[-1][0]


def _read(part: Part, after: Position) -> list[tuple[Position, str]]:
    up_to = part.sealed_up_to if part.is_over else None
    if part.is_over and after >= part.sealed_up_to:
        return []
    for statement in part.reads(after, up_to=up_to, limit=_PIECE):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT coalesce(e.transaction::text, '0')::bigint, e.id, {FORMS[FORM]} FROM ({statement}) e"  # noqa: S608
            )
            if rows := cursor.fetchall():
                return [(Position(transaction, number), written) for transaction, number, written in rows]
    return []
