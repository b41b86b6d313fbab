"""Since when a console was open to a reseller, and how far: what it could notice itself, and not the setting (R5, R8).

What was decided, by whom and when, is the customer's. From its steps follows only what held at which moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accounts.clock import database_now
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.change import Outcome

# The latest steps that are read, and lines that are shown.
STEPS: Final = 50
SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Moment:
    """From when on a console was open so far, or closed. level, standing: what held then; empty where it was closed."""

    at: datetime
    is_open: bool
    level: str = ""
    standing: str = ""

    def says_the_same(self, other: Moment | None) -> bool:
        """Tell whether a reseller could see no difference to what held before."""
        if other is None:
            return not self.is_open
        return (self.is_open, self.level, self.standing) == (other.is_open, other.level, other.standing)


def history_of(relation: AccessGrant) -> list[Moment]:
    """Return when access to a console began, changed and ended, the newest first; nothing that is still to come."""
    now = database_now()
    steps = AccessChange.objects.filter(grant=relation, settled_at__isnull=False).order_by("-generation")[:STEPS]
    found = sorted(_moments(list(steps)[::-1]), key=lambda moment: moment.at)
    differ = _without_repetitions(moment for moment in found if moment.at <= now)
    return list(differ)[: -SHOWN - 1 : -1]


def _moments(steps: list[AccessChange]) -> Iterator[Moment]:
    """Yield what each step did. What was taken held at its time, also where a newer step settled it before (R10)."""
    for place, step in enumerate(steps):
        if not step.allowed:
            if step.outcome != Outcome.FAILED and not _opened_before(step.due_at, steps[place + 1 :]):
                yield Moment(step.due_at, is_open=False)
        elif step.outcome == Outcome.APPLIED:
            at = step.settled_at if step.gives and step.settled_at else step.due_at
            yield Moment(at, True, step.level, step.standing)


def _opened_before(moment: datetime, later: list[AccessChange]) -> bool:
    """Tell whether access was given again before a revocation came true, so that nobody saw it."""
    given = (step.settled_at for step in later if step.allowed and step.gives and step.outcome == Outcome.APPLIED)
    return any(at is not None and at <= moment for at in given)


def _without_repetitions(moments: Iterable[Moment]) -> Iterator[Moment]:
    before: Moment | None = None
    for moment in moments:
        if not moment.says_the_same(before):
            yield moment
        before = moment
