"""Lines of a review as a page or a file shows them: what is true of each now, or was when it was decided (R22)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from accounts.names import isolated
from accounts.wording import labelled
from subscriptions.models import Review, ReviewLine
from subscriptions.reviews.activity import Facts, facts_of
from web.reviews.forms import LineForm


@dataclass(slots=True)
class Row:
    """One line. form: what can be decided about it; None where nothing can.

    refused: why what was sent was not saved; the form has it still.
    """

    line: ReviewLine
    facts: Facts
    form: LineForm | None = None
    refused: str = ""

    @property
    def can_be_decided(self) -> bool:
        return not self.line.decision and self.facts.is_live

    @property
    def summary(self) -> str:
        """The line in few words."""
        return labelled(isolated(self.line.who), isolated(self.line.what) or str(self.line.get_kind_display()))


def rows_of(review: Review, lines: Collection[ReviewLine]) -> list[Row]:
    """Return lines with what is true of them; one statement for all that nothing has fixed yet."""
    waiting = [line.pk for line in lines if not line.decision]
    facts = facts_of(waiting) if waiting and review.finished_at is None else {}
    return [Row(line, facts.get(line.pk) or _fixed(line)) for line in lines]


def _fixed(line: ReviewLine) -> Facts:
    return Facts(True, line.level, line.ends_at, 0, line.last_used_at, line.visits or 0, line.changes or 0)
