"""The Celery entry point of what becomes due by itself.

Not in subscriptions/tasks.py: that file is what the access flow, on which this package stands, sends its nudges from.
"""

from __future__ import annotations

from celery import shared_task

from accounts.sweeping import take_turn
from subscriptions.lifecycle import settling


@shared_task
def settle_due_subscriptions(swept: bool = False) -> None:
    """End trials, renew and end commitments."""
    take_turn(settle_due_subscriptions.name, settling.settlements(), swept=swept)
