"""Which events belong to which part of which era, and how they are read in their order.

An era's own events have a number above its `after_id`. Of an era that a restore has ended, those that its seals hold
are its own; all others that stand there are left over, and are the first part of the next era. Nothing is noted in an
event: where it belongs follows from its number, its transaction and the last seals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from accounts.models import Seal, SealEra
from accounts.seals.records import BEGINNING, Position
from accounts.seals.statements import last_of

_EVENTS: Final = "SELECT e.* FROM accounts_auditevent e WHERE"
_FINAL: Final = "e.transaction < pg_snapshot_xmin(pg_current_snapshot())"


@dataclass(frozen=True)
class Part:
    """The events that stand together in an era, in the order of (transaction, id).

    sources: conditions of which each event fulfils one. sealed_up_to: the place of the last event that a seal holds.
    is_over: whether a later part has begun: then it gets no more seals. is_whole: whether its seals hold all of it: of
    what was left over, another restore may leave something over again.
    """

    era: SealEra
    is_leftover: bool
    sources: tuple[str, ...]
    sealed_up_to: Position
    greatest_id: int
    is_over: bool
    is_whole: bool = False

    def reads(self, after: Position, *, up_to: Position | None = None, limit: int | None = None) -> list[str]:
        """Return the statements that give its events behind a place, in their order.

        The second one goes on where the first has no more. Without `up_to` only what is final is given: an event whose
        transaction is below every one that goes on.
        """
        at_most = f" LIMIT {limit}" if limit else ""
        if self.is_leftover:
            within = f" AND {_up_to(up_to)}" if up_to else ""
            every = " UNION ALL ".join(f"({_EVENTS} {source} AND {_beyond(after)}{within})" for source in self.sources)
            order = "ORDER BY coalesce(e.transaction, '0'::xid8), e.id"
            return [f"SELECT * FROM ({every}) e {order}{at_most}"]  # noqa: S608  conditions of ours, and numbers
        [source] = self.sources
        found = []
        if after.transaction == 0:
            within = f" AND e.id <= {up_to.id}" if up_to and up_to.transaction == 0 else ""
            behind = f"e.transaction IS NULL AND e.id > {after.id}{within}"
            found.append(f"{_EVENTS} {source} AND {behind} ORDER BY e.id{at_most}")
        if up_to is None or up_to.transaction > 0:
            # No event of ours says 0; one that was written so by hand is found when everything up to a place is read.
            # Beside a comparison of rows it would be what the index is entered by: at its beginning, each time.
            behind = "e.transaction > '0'::xid8" if not (up_to or after.transaction) else "e.transaction IS NOT NULL"
            behind += "" if up_to else f" AND {_FINAL}"
            behind += f" AND {_indexed('>', after)}" if after.transaction else ""
            behind += f" AND {_indexed('<=', up_to)}" if up_to else ""
            found.append(f"{_EVENTS} {source} AND {behind} ORDER BY e.transaction, e.id{at_most}")
        return found

    def beyond_sql(self, table: str = "accounts_auditevent") -> str:
        """Return the statement that counts what no seal holds yet. table: the log, or one of its months."""
        conditions = [f"{source} AND {beyond}" for source in self.sources for beyond in self._beyond()]
        each = [f"(SELECT e.id FROM {table} e WHERE {condition})" for condition in conditions]  # noqa: S608  ours
        return f"SELECT count(*) FROM ({' UNION ALL '.join(each)}) e"  # noqa: S608  as above

    def _beyond(self) -> list[str]:
        """Return the conditions of what stands behind its last seal; an index answers each."""
        place = self.sealed_up_to
        if self.is_leftover:
            return [_beyond(place)]
        if place.transaction == 0:
            return [f"e.transaction IS NULL AND e.id > {place.id}", "e.transaction IS NOT NULL"]
        return [f"e.transaction IS NOT NULL AND {_indexed('>', place)}"]


def parts() -> list[Part]:
    """Return the parts of all eras, in the order in which they are sealed."""
    eras = list(SealEra.objects.order_by("number"))
    found: list[Part] = []
    before: Part | None = None
    unfinished: tuple[str, ...] = ()
    for era, following in pairwise([*eras, None]):
        assert era is not None
        last_leftover, last_own = _last_seal(era, is_leftover=True), _last_seal(era, is_leftover=False)
        if before is not None:
            sources = (*_left_over(before, era), *unfinished)
            whole = last_own is not None
            over = whole or following is not None
            leftover = _part(era, last_leftover, sources, is_leftover=True, is_over=over, is_whole=whole)
            found.append(leftover)
            beyond = _beyond(leftover.sealed_up_to)
            unfinished = () if last_own else tuple(f"{source} AND {beyond}" for source in sources)
        base = f"e.id > {_beneath(era)}"
        before = _part(era, last_own, (base,), is_leftover=False, is_over=False)
        if following is not None:
            bounded = (f"{base} AND e.id <= {before.greatest_id}",)
            before = _part(era, last_own, bounded, is_leftover=False, is_over=True)
        found.append(before)
    return found


def _part(
    era: SealEra, last: Seal | None, sources: Sequence[str], *, is_leftover: bool, is_over: bool, is_whole: bool = False
) -> Part:
    place = last_of(last) if last else BEGINNING
    greatest = last.greatest_id if last else _beneath(era)
    return Part(era, is_leftover, tuple(sources), place, greatest, is_over, is_whole)


def _left_over(before: Part, era: SealEra) -> tuple[str, ...]:
    """Return the conditions of what an era had that its seals do not hold: each is answered by an index."""
    end = f"e.id <= {era.after_id}"
    above = f"e.id > {before.greatest_id} AND {end}"
    if before.sealed_up_to == BEGINNING:
        return (above,)
    below = f"e.id > {_beneath(before.era)} AND e.id <= {before.greatest_id}"
    if before.sealed_up_to.transaction == 0:
        of_before = f"{below} AND e.transaction IS NULL AND e.id > {before.sealed_up_to.id}"
        return (above, of_before, f"{below} AND e.transaction IS NOT NULL")
    return (above, f"{below} AND e.transaction IS NOT NULL AND {_indexed('>', before.sealed_up_to)}")


def _beneath(era: SealEra) -> int:
    """Return the number above which those of an era's own events are; nothing is in front of the first era."""
    return era.after_id if era.number > 1 else BEGINNING.id


def _last_seal(era: SealEra, *, is_leftover: bool) -> Seal | None:
    of_part = Seal.objects.filter(era=era, is_leftover=is_leftover).defer("leaves")
    return of_part.order_by("-last_transaction", "-last_id").first()


def _beyond(place: Position) -> str:
    return f"(coalesce(e.transaction, '0'::xid8), e.id) > ('{place.transaction}'::xid8, {place.id})"


def _up_to(place: Position) -> str:
    return f"(coalesce(e.transaction, '0'::xid8), e.id) <= ('{place.transaction}'::xid8, {place.id})"


def _indexed(sign: str, place: Position) -> str:
    return f"(e.transaction, e.id) {sign} ('{place.transaction}'::xid8, {place.id})"
