"""Compares where the seals of the database end with where those outside end: was the tail cut off? (A5)"""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import Seal, SealEra
from accounts.seals import outside
from accounts.seals.records import moment_of
from accounts.seals.statements import digest_of, statement_of


def compare_ends(eras: Sequence[SealEra], problems: list[str], notes: list[str]) -> None:
    """Add what is wrong to the problems, and what a person should know to the notes.

    eras: all of the database, in their order. Raises OutsideAway, OutsideDiffers.
    """
    head = outside.head()
    for era in eras:
        # Outside first: what is there was in the database before. The sealer goes on meanwhile.
        there = outside.newest_of(era.number)
        here = _newest(era)
        if other := _first_other(era, min(here, there)):
            problems.append(f"another seal {era.number}/{other} is kept outside than the database has")
        if there > here and era == eras[-1]:
            problems.append(_cut_off(era, here, there))
        elif there > here:
            notes.append(
                f"{there - here} seals of era {era.number} are kept outside alone: the restore was to before them."
            )
        elif here > there:
            notes.append(f"The newest {here - there} seals of era {era.number} are not kept outside yet.")
    if head and head[0] > eras[-1].number:
        problems.append(f"seals of era {head[0]} are kept outside, which the database does not know")


def _newest(era: SealEra) -> int:
    return Seal.objects.filter(era=era).order_by("-number").values_list("number", flat=True).first() or 0


def _first_other(era: SealEra, up_to: int) -> int:
    """Return the number of the first seal that is another one outside; 0 where all up to a number are the same.

    Each carries the digest of the one before it: as soon as two differ, so do all behind them.
    """
    if up_to == 0 or _is_same(era, up_to):
        return 0
    same, other = 0, up_to
    while other - same > 1:
        middle = (same + other) // 2
        same, other = (middle, other) if _is_same(era, middle) else (same, middle)
    return other


def _is_same(era: SealEra, number: int) -> bool:
    seal, kept = (
        Seal.objects.select_related("era").filter(era=era, number=number).first(),
        outside.read((era.number, number)),
    )
    # One that is missing on one side is found there.
    return seal is None or kept is None or digest_of(statement_of(seal)) == digest_of(kept.statement)


def _cut_off(era: SealEra, here: int, there: int) -> str:
    missing = f"seals {era.number}/{here + 1} to {era.number}/{there}"
    kept = outside.read((era.number, here + 1))
    if kept is None or not kept.records:
        return f"the tail was cut off: {missing} are kept outside alone"
    first = kept.records[0]
    moment = moment_of(first.at)
    said = f" of {moment.isoformat()}" if moment else ""
    return (
        f"the tail was cut off: event {first.position.id}{said} is the first of {missing}, which are kept outside alone"
    )
