"""Lines whose row another transaction keeps: they come again behind the others, and not for ever."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from accounts.models import JobLine
from accounts.models.jobs import LineOutcome

# How often such a line is tried: with the pauses between (running.py) about a minute, as long as a sweep may take.
TRIES: Final = 12


def tries_of(line: JobLine) -> int:
    """Return how often a line was tried in vain."""
    return int(line.data.get("tries", 0))


def try_later(line: JobLine) -> None:
    """Let a line whose row another transaction keeps come again, behind the others; at last it is refused for that."""
    line.data["tries"] = tries_of(line) + 1
    if line.data["tries"] >= TRIES:
        line.outcome = LineOutcome.REFUSED
        line.message = _("Another change was under way there at each try. Start it again later for this one.")
