"""How far a console is opened: level, end, on request, and what is left where one wish follows another (R16, R18, R20).

Plain values, no database, no clock of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from subscriptions.access.effective import window_of
from subscriptions.access.levels import contains, meet
from subscriptions.access.standing import narrower_of, stands_wider
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing

if TYPE_CHECKING:
    from subscriptions.models import AccessChange, AccessGrant


@dataclass(frozen=True, slots=True)
class Extent:
    """A level, and the moment when access is over by the customer's own wish; None: never.

    lasts: how long it is open in place of a moment, until `fixed()` has made one of it.
    standing: what of it stands open without an activation (R20).
    """

    level: str = Level.FULL
    ends_at: datetime | None = None
    lasts: timedelta | None = None
    standing: str = Standing.ALL

    def fixed(self, due_at: datetime) -> Extent:
        """Return it with its moment: a duration counts from when the change is due (R16)."""
        return self if self.lasts is None else replace(self, ends_at=due_at + self.lasts, lasts=None)

    def holds(self, other: Extent) -> bool:
        """Tell whether everything that the other one opens, at any time, is open with this one too."""
        is_longer = nearer(self.ends_at, other.ends_at) == other.ends_at
        return contains(self.level, other.level) and stands_wider(self.standing, other.standing) and is_longer

    def met_with(self, other: Extent) -> Extent:
        """Return what both open."""
        return Extent(
            meet(self.level, other.level),
            nearer(self.ends_at, other.ends_at),
            standing=narrower_of(self.standing, other.standing),
        )


EVERYTHING = Extent()


def nearer(first: datetime | None, second: datetime | None) -> datetime | None:
    """Return the nearer of two ends; None is never."""
    if first is None or second is None:
        return first or second
    return min(first, second)


def desired_of(grant: AccessGrant | AccessChange) -> Extent:
    """Return how far a customer wants, or in a change wanted, a console to be open, where it is allowed at all."""
    return Extent(grant.level, grant.ends_at, standing=grant.standing)


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


def standing_at(grant: AccessGrant, now: datetime) -> str:
    """Return what stands open without an activation: a narrowing comes true by the clock (R20)."""
    if grant.narrows_at is not None and grant.narrows_at <= now:
        return grant.narrow_standing or grant.effective_standing
    return grant.effective_standing


def narrow(grant: AccessGrant, wanted: Extent, due_at: datetime, now: datetime) -> bool:
    """Write into a window, which stays open, what a new wish takes from it; tell whether a worker has something to do.

    Nothing is ever brought further away or made wider here: a worker does that, once it is due (R8).
    due_at: from when on the level is narrower; an end of its own is its own moment.
    """
    _fold(grant, now)
    if grant.effective_from is None or (grant.effective_until is not None and grant.effective_until <= now):
        return True
    before = (_in_the_end(grant), grant.effective_until)
    left = _narrow(grant, (wanted.level, wanted.standing), due_at)
    if window_of(grant).is_closing or nearer(grant.effective_until, wanted.ends_at) != wanted.ends_at:
        grant.effective_until = nearer(grant.effective_until, wanted.ends_at)
        return True
    grant.effective_until = grant.effective_ends_at = wanted.ends_at
    return left != (wanted.level, wanted.standing) or (left, grant.effective_until) == before


# A level, and what of it stands open without an activation.
Opening = tuple[str, str]


def _in_the_end(grant: AccessGrant) -> Opening:
    """Return what is open once all that was taken has come true."""
    if grant.narrows_at:
        return grant.narrow_level, grant.narrow_standing or grant.effective_standing
    return grant.effective_level, grant.effective_standing


def _narrow(grant: AccessGrant, wanted: Opening, due_at: datetime) -> Opening:
    """Let a grant be narrower from a moment on; return what is left once all that was saved has come true."""
    (level, standing), before = wanted, _in_the_end(grant)
    left = meet(before[0], level), narrower_of(before[1], standing)
    if left != before:
        grant.narrows_at = nearer(grant.narrows_at, due_at)
        grant.narrow_level, grant.narrow_standing = left
    return left


def replay_levels(grant: AccessGrant, applied: AccessChange, later: Iterable[AccessChange], now: datetime) -> bool:
    """Write how far a window in force is open as its changes say it; tell whether it said something else (R18, R20).

    applied: the newest change that was applied. later: those saved after it, in their order.
    """
    before = _now_and_to_come(grant, now)
    grant.effective_level, grant.effective_standing = applied.level, applied.standing
    grant.narrows_at, grant.narrow_level, grant.narrow_standing = None, "", ""
    for change in later:
        if change.allowed:
            _fold(grant, change.requested_at)
            _narrow(grant, (change.level, change.standing), change.due_at)
    return before != _now_and_to_come(grant, now)


def _now_and_to_come(grant: AccessGrant, now: datetime) -> tuple[Opening, datetime | None, Opening]:
    is_to_come = grant.narrows_at is not None and grant.narrows_at > now
    opening = level_at(grant, now), standing_at(grant, now)
    return opening, grant.narrows_at if is_to_come else None, _in_the_end(grant)


def _fold(grant: AccessGrant, now: datetime) -> None:
    """Make a narrowing whose moment has come what is in effect."""
    if grant.narrows_at is not None and grant.narrows_at <= now:
        grant.effective_level, grant.effective_standing = _in_the_end(grant)
        grant.narrows_at, grant.narrow_level, grant.narrow_standing = None, "", ""
