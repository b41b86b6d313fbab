"""Judges a drill by its facts: nothing that was saved is lost, nobody was inside after a revocation was due."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from drill.records import Attempt, Change, Fault, Outcome, Read


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found wrong, each with what it is about; all empty: the drill was passed."""

    lost: list[Attempt]
    doubled: list[str]
    unsettled: list[Change]
    open_too_long: list[Read]

    @property
    def passed(self) -> bool:
        return not (self.lost or self.doubled or self.unsettled or self.open_too_long)


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long people waited because of one fault: seconds without an answered save and read, and seconds of delay."""

    saving: float
    reading: float
    giving: float
    whole: float


def judge(attempts: Sequence[Attempt], reads: Iterable[Read], changes: Sequence[Change]) -> Verdict:
    """Compare what people saw with what the database has."""
    times_there = Counter(change.ip_address for change in changes if change.ip_address)
    lost = [one for one in attempts if one.outcome == Outcome.SAVED and not times_there[one.ip_address]]
    intervals = {customer: allowed(changes, customer) for customer in {change.customer for change in changes}}
    return Verdict(
        lost=lost,
        doubled=[address for address, times in times_there.items() if times > 1],
        unsettled=[change for change in changes if change.settled is None],
        open_too_long=[
            read
            for read in reads
            if read.seen and not _touches(intervals.get(read.customer, [(-math.inf, math.inf)]), read)
        ],
    )


def allowed(changes: Iterable[Change], customer: int) -> list[tuple[float, float]]:
    """Return from when until when access to a customer could be in force at the most.

    It begins when it is granted at the earliest, and ends when its revocation is due at the latest (R8).
    """
    found: list[tuple[float, float]] = []
    since: float | None = -math.inf
    for change in sorted((one for one in changes if one.customer == customer), key=lambda one: one.requested):
        if change.allowed and since is None:
            since = change.requested
        elif not change.allowed and since is not None:
            found.append((since, change.due))
            since = None
    return [*found, (since, math.inf)] if since is not None else found


def _touches(intervals: Iterable[tuple[float, float]], read: Read) -> bool:
    return any(begin <= read.ended and read.began <= end for begin, end in intervals)


def pauses(fault: Fault, attempts: Iterable[Attempt], reads: Iterable[Read], changes: Iterable[Change]) -> Pauses:
    """Return what a fault cost, from its beginning until everything was whole again."""
    return Pauses(
        saving=_longest_gap(fault, (one.ended for one in attempts if one.outcome == Outcome.SAVED)),
        reading=_longest_gap(fault, (read.ended for read in reads if read.answered)),
        giving=max(
            (change.settled - change.due for change in changes if _is_given_within(change, fault) and change.settled),
            default=0.0,
        ),
        whole=fault.whole - fault.began,
    )


def _is_given_within(change: Change, fault: Fault) -> bool:
    return change.allowed and fault.began <= change.due <= fault.whole


def _longest_gap(fault: Fault, moments: Iterable[float]) -> float:
    within = sorted(moment for moment in moments if fault.began <= moment <= fault.whole)
    points = [fault.began, *within, fault.whole]
    return max(later - earlier for earlier, later in pairwise(points))
