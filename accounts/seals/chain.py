"""Checks one seal after the other: none is missing, each follows the one before it, and is what was signed (A5)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from accounts.models import Seal
from accounts.seals import outside
from accounts.seals.keys import is_signed
from accounts.seals.outside import OutsideAway, OutsideDiffers
from accounts.seals.parts import Part
from accounts.seals.records import BEGINNING, Position, Record, are_ascending, records
from accounts.seals.sealing import root
from accounts.seals.statements import NONE_BEFORE, digest_of, first_of, last_of, statement_of

# Rows that are read at once, each of half a megabyte at most.
_PIECE: Final = 20


@dataclass(frozen=True, slots=True)
class Link:
    """What one seal holds, as it was signed: from the database, or from outside where that is not what was signed.

    after: behind which place its events stand.
    """

    after: Position
    records: list[Record]
    form: int


@dataclass
class Chain:
    """The chain as far as it was checked. trusted: the keys that may have signed; none: those that seals name."""

    trusted: set[str]
    problems: list[str] = field(default_factory=list)
    seals: int = 0
    previous: str = NONE_BEFORE
    era: int = 0
    number: int = 0

    def links(self, part: Part) -> Iterator[Link]:
        """Yield what the seals of a part hold, in their order."""
        if part.era.number != self.era:
            self.era, self.number = part.era.number, 0
        place = BEGINNING
        for seal in _seals_of(part):
            while self.number + 1 < seal.number:
                link = self._missing(place)
                if link is None:
                    # What it held is not known: the next one begins where it says.
                    place = Position(seal.first_transaction, seal.first_id - 1)
                    continue
                yield link
                place = link.records[-1].position
            link = self._checked(seal, place)
            if link is not None:
                yield link
                place = link.records[-1].position
            else:
                place = last_of(seal)

    def _missing(self, after: Position) -> Link | None:
        self.number += 1
        self.problems.append(f"seal {self.era}/{self.number} was removed")
        return self._from_outside(after)

    def _checked(self, seal: Seal, after: Position) -> Link | None:
        self.number, self.seals = seal.number, self.seals + 1
        statement = statement_of(seal)
        if not self._is_signed(statement, seal.signature, seal.key_id) or not _says_what_it_holds(seal, after):
            self.problems.append(f"{seal} was changed, or signed by a key that is not known")
            return self._from_outside(after)
        if seal.previous != self.previous:
            self.problems.append(f"{seal} does not follow the seal before it")
        self.previous = digest_of(statement)
        return Link(after, records(seal.leaves), seal.form)

    def _from_outside(self, after: Position) -> Link | None:
        with suppress(OutsideAway, OutsideDiffers):
            kept = outside.read((self.era, self.number))
            if kept and kept.records and self._is_signed(kept.statement, kept.signature, kept.key):
                self.previous = digest_of(kept.statement)
                return Link(after, kept.records, int(json.loads(kept.statement)["form"]))
        return None

    def _is_signed(self, statement: bytes, signature: str, key: str) -> bool:
        return (not self.trusted or key in self.trusted) and is_signed(statement, signature, key)


def _says_what_it_holds(seal: Seal, after: Position) -> bool:
    """Tell whether the records of a seal are those that it says, in their order."""
    try:
        found = records(seal.leaves)
    except ValueError:
        return False
    return (
        sha256(seal.leaves).hexdigest() == seal.records
        and len(found) == seal.events > 0
        and (found[0].position, found[-1].position) == (first_of(seal), last_of(seal))
        and are_ascending(found, after)
        and root(found).hex() == seal.root
    )


def _seals_of(part: Part) -> Iterator[Seal]:
    seals = Seal.objects.filter(era=part.era, is_leftover=part.is_leftover).select_related("era").order_by("number")
    last = 0
    while piece := list(seals.filter(number__gt=last)[:_PIECE]):
        yield from piece
        last = piece[-1].number
