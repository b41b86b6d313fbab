"""The Celery entry point of what becomes due by itself.

Not in subscriptions/tasks.py: that file is what the access flow, on which this package stands, sends its nudges from.
"""

from __future__ import annotations

from celery import shared_task

from subscriptions.lifecycle import settling


@shared_task
def settle_due_subscriptions() -> int:
    """End trials, renew and end commitments; run by the schedule."""
    return settling.settle_due_subscriptions()
