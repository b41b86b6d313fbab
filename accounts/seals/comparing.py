"""Compares what seals hold with what stands in the log, event by event, in their order (A5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from accounts.seals.canonical import FORMS, elsewhere
from accounts.seals.merkle import leaf_of
from accounts.seals.parts import Part
from accounts.seals.records import Position, Record, moment_of

# Events that are read at once.
_PIECE: Final = 2000
# Of several changed events, how many are tried as the one that another was exchanged with.
_TRIED: Final = 100


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it stands in the log, written in a form."""

    position: Position
    canonical: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What is wrong with one event: words for a person, and where in the order it was found."""

    position: Position
    says: str


@dataclass
class Comparison:
    """What comparing has found: the differences in their order, how many events are as they were sealed, and how many
    are kept only as seals.

    dropped_before: no event of before this moment needs to be there.
    """

    dropped_before: datetime | None
    differences: list[Difference] = field(default_factory=list)
    compared: int = 0
    dropped: int = 0

    def compare(self, part: Part, after: Position, sealed: Sequence[Record], form: int) -> None:
        """Compare the events of some seals, which follow each other, with those that stand there."""
        changed: list[tuple[Record, Event]] = []
        found: list[Difference] = []
        missing: list[Record] = []
        for record, event in _side_by_side(sealed, events_of(part, after, sealed[-1].position, form)):
            if event is None:
                assert record is not None
                missing.append(record)
            elif record is None:
                found.append(Difference(event.position, _inserted(event)))
            elif leaf_of(event.canonical.encode()) != record.leaf:
                changed.append((record, event))
            else:
                self.compared += 1
        found += self._missing(missing)
        found += [Difference(record.position, _changed(event, changed, form)) for record, event in changed]
        self.differences += sorted(found, key=lambda difference: difference.position)

    def _missing(self, records: Sequence[Record]) -> list[Difference]:
        found = []
        places = _places_now([record.position.id for record in records])
        for record in records:
            number, moment = record.position.id, moment_of(record.at)
            if number in places:
                says = f"event {number} was moved: sealed {_where(record.position)}, it stands {_where(places[number])}"
            elif self.dropped_before and moment and moment < self.dropped_before:
                self.dropped += 1
                continue
            else:
                said = moment.isoformat() if moment else "no moment"
                says = f"event {number} of {said} was removed"
            found.append(Difference(record.position, says))
        return found


def events_of(part: Part, after: Position, up_to: Position, form: int) -> Iterator[Event]:
    """Yield the events of a part between two places, in their order, each written in a form; in bounded memory."""
    for statement in part.reads(after, up_to=up_to):
        written = f"SELECT coalesce(e.transaction::text, '0')::bigint, e.id, {FORMS[form]} FROM ({statement}) e"  # noqa: S608
        # Within a transaction, so that it works behind a pooler; a seal's worth of events is read in seconds.
        with transaction.atomic(), connection.connection.cursor(name="sealed_events") as cursor:
            cursor.itersize = _PIECE
            cursor.execute(written)
            for number, event_id, canonical in cursor:
                yield Event(Position(number, event_id), canonical)


def _side_by_side(sealed: Iterable[Record], events: Iterable[Event]) -> Iterator[tuple[Record | None, Event | None]]:
    """Yield what stands in one place as a pair; where only one of the two has something, the other is None."""
    records, found = iter(sealed), iter(events)
    record, event = next(records, None), next(found, None)
    while record is not None or event is not None:
        if event is None or (record is not None and record.position < event.position):
            yield record, None
            record = next(records, None)
        elif record is None or event.position < record.position:
            yield None, event
            event = next(found, None)
        else:
            yield record, event
            record, event = next(records, None), next(found, None)


def _inserted(event: Event) -> str:
    return (
        f"event {event.position.id} was inserted, or moved to where it stands: no seal has it {_where(event.position)}"
    )


def _changed(event: Event, changed: Sequence[tuple[Record, Event]], form: int) -> str:
    """Say that an event was changed, or with which other one it was exchanged."""
    number = event.position.id
    for record, other in changed[:_TRIED]:
        there = elsewhere(event.canonical, form, *other.position)
        if other is not event and leaf_of(there.encode()) == record.leaf:
            return f"event {number} was exchanged with event {other.position.id}"
    return f"event {number} was changed"


def _places_now(numbers: Sequence[int]) -> dict[int, Position]:
    """Return where events stand now, by their numbers alone: with one question, since it looks into every month."""
    if not numbers:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, coalesce(transaction::text, '0')::bigint FROM accounts_auditevent WHERE id = ANY(%s)",
            [list(numbers)],
        )
        return {number: Position(transaction, number) for number, transaction in cursor.fetchall()}


def _where(place: Position) -> str:
    return f"in transaction {place.transaction}"
