"""How far a console is opened: its level and its end, and what is left where one wish follows another (R16, R18).

Plain values, no database, no clock of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from subscriptions.access.effective import window_of
from subscriptions.access.levels import contains, meet
from subscriptions.models.level import Level

if TYPE_CHECKING:
    from subscriptions.models import AccessChange, AccessGrant


@dataclass(frozen=True, slots=True)
class Extent:
    """A level, and the moment when access is over by the customer's own wish; None: never.

    lasts: how long it is open in place of a moment, until `fixed()` has made one of it.
    """

    level: str = Level.FULL
    ends_at: datetime | None = None
    lasts: timedelta | None = None

    def fixed(self, due_at: datetime) -> Extent:
        """Return it with its moment: a duration counts from when the change is due (R16)."""
        return self if self.lasts is None else Extent(self.level, due_at + self.lasts)

    def holds(self, other: Extent) -> bool:
        """Tell whether everything that the other one opens, at any time, is open with this one too."""
        return contains(self.level, other.level) and nearer(self.ends_at, other.ends_at) == other.ends_at

    def met_with(self, other: Extent) -> Extent:
        """Return what both open."""
        return Extent(meet(self.level, other.level), nearer(self.ends_at, other.ends_at))


EVERYTHING = Extent()


def nearer(first: datetime | None, second: datetime | None) -> datetime | None:
    """Return the nearer of two ends; None is never."""
    if first is None or second is None:
        return first or second
    return min(first, second)


def desired_of(grant: AccessGrant) -> Extent:
    """Return how far a customer wants a console to be open, where it is allowed at all."""
    return Extent(grant.level, grant.ends_at)


def is_over(grant: AccessGrant, now: datetime) -> bool:
    """Tell whether a console is allowed no more because its end has come; now: the database's clock."""
    return grant.allowed and grant.ends_at is not None and grant.ends_at <= now


def off_where_over(grants: Iterable[AccessGrant], now: datetime) -> None:
    """Let grants that are only read say what they will say once their end is written down."""
    for grant in grants:
        if is_over(grant, now):
            grant.allowed, grant.ends_at, grant.generation = False, None, grant.generation + 1


def level_at(grant: AccessGrant, now: datetime) -> str:
    """Return the level in effect: a narrowing comes true by the clock (R18)."""
    if grant.narrows_at is not None and grant.narrows_at <= now:
        return grant.narrow_level
    return grant.effective_level


def narrow(grant: AccessGrant, wanted: Extent, due_at: datetime, now: datetime) -> bool:
    """Write into a window, which stays open, what a new wish takes from it; tell whether a worker has something to do.

    Nothing is ever brought further away or made wider here: a worker does that, once it is due (R8).
    due_at: from when on the level is narrower; an end of its own is its own moment.
    """
    _fold(grant, now)
    if grant.effective_from is None or (grant.effective_until is not None and grant.effective_until <= now):
        return True
    before = (grant.narrow_level if grant.narrows_at else grant.effective_level, grant.effective_until)
    left = _narrow_level(grant, wanted.level, due_at)
    if window_of(grant).is_closing or nearer(grant.effective_until, wanted.ends_at) != wanted.ends_at:
        grant.effective_until = nearer(grant.effective_until, wanted.ends_at)
        return True
    grant.effective_until = grant.effective_ends_at = wanted.ends_at
    return left != wanted.level or (left, grant.effective_until) == before


def _narrow_level(grant: AccessGrant, wanted: str, due_at: datetime) -> str:
    """Let a grant be narrower from a moment on; return what is left once all that was saved has come true."""
    before = grant.narrow_level if grant.narrows_at else grant.effective_level
    left = meet(before, wanted)
    if left != before:
        grant.narrows_at, grant.narrow_level = nearer(grant.narrows_at, due_at), left
    return left


def replay_levels(grant: AccessGrant, applied: AccessChange, later: Iterable[AccessChange], now: datetime) -> bool:
    """Write the level of a window in force as its changes say it; tell whether it said something else (R18).

    applied: the newest change that was applied. later: those saved after it, in their order.
    """
    before = (level_at(grant, now), *_to_come(grant, now))
    grant.effective_level, grant.narrows_at, grant.narrow_level = applied.level, None, ""
    for change in later:
        if change.allowed:
            _fold(grant, change.requested_at)
            _narrow_level(grant, change.level, change.due_at)
    return before != (level_at(grant, now), *_to_come(grant, now))


def _to_come(grant: AccessGrant, now: datetime) -> tuple[datetime | None, str]:
    is_to_come = grant.narrows_at is not None and grant.narrows_at > now
    return (grant.narrows_at, grant.narrow_level) if is_to_come else (None, "")


def _fold(grant: AccessGrant, now: datetime) -> None:
    """Make a narrowing whose moment has come the level itself."""
    if grant.narrows_at is not None and grant.narrows_at <= now:
        grant.effective_level, grant.narrows_at, grant.narrow_level = grant.narrow_level, None, ""
