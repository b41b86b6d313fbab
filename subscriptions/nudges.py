"""Asks a worker to look at what was just written. By the names of the tasks, which stand above all who ask for them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from accounts.background import nudging

APPLY_DUE_CHANGES: Final = "subscriptions.tasks.apply_due_changes"
GIVE_AUTOMATIC_LICENCES: Final = "subscriptions.tasks.give_automatic_licences"


def nudge_after_commit(due_at: datetime, now: datetime) -> None:
    """Ask a worker to apply changes once this transaction is committed, if one is due; the sweep finds the others."""
    if due_at <= now:
        nudging.nudge_after_commit(APPLY_DUE_CHANGES)


def nudge_licences_after_commit() -> None:
    """Ask a worker to give automatic licences once this transaction is committed."""
    nudging.nudge_after_commit(GIVE_AUTOMATIC_LICENCES)
