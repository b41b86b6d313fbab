"""Celery entry points, each one call deep. swept: whether the scheduler asks (accounts/background/sweeping.py)."""

from __future__ import annotations

from itertools import chain

from celery import shared_task

from accounts.background.sweeping import take_turn
from subscriptions import automatic_licences, nudges, reminders
from subscriptions.access import ending, propagation, timing
from subscriptions.lifecycle import registering, settling
from subscriptions.reviews import beginning, finishing, reminding


@shared_task(name=nudges.APPLY_DUE_CHANGES)
def apply_due_changes(swept: bool = False) -> None:
    """Write down what has ended, and apply due access changes."""
    take_turn(apply_due_changes.name, chain(ending.batches(), propagation.batches()), swept=swept)


@shared_task
def count_timings(swept: bool = False) -> None:
    """Add up how long access changes took, for those who watch."""
    take_turn(count_timings.name, timing.count_settled(), swept=swept)


@shared_task(name=nudges.GIVE_AUTOMATIC_LICENCES)
def give_automatic_licences(swept: bool = False) -> None:
    """Give automatic licences to those who wait for one."""
    take_turn(give_automatic_licences.name, automatic_licences.batches(), swept=swept)


@shared_task
def remind_of_ends(swept: bool = False) -> None:
    """Remind those who must know of access that ends soon."""
    take_turn(remind_of_ends.name, reminders.reminders(), swept=swept)


@shared_task
def keep_reviews(swept: bool = False) -> None:
    """End reviews at their deadline, begin those that are due, and remind of those that wait (R22)."""
    steps = chain(finishing.overdue_reviews(), beginning.due_reviews(), reminding.review_reminders())
    take_turn(keep_reviews.name, steps, swept=swept)


# Its name is from where it stood: messages and rows of sweeps carry it.
@shared_task(name="subscriptions.lifecycle.tasks.settle_due_subscriptions")
def settle_due_subscriptions(swept: bool = False) -> None:
    """End trials, renew and end commitments, and end what a registration alone began."""
    steps = chain(settling.settlements(), registering.lapses())
    take_turn(settle_due_subscriptions.name, steps, swept=swept)
