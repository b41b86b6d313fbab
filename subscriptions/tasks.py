"""Celery entry points, each one call deep, and the nudges. swept: whether the scheduler asks (accounts/sweeping.py)."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task

from accounts import nudging
from accounts.sweeping import take_turn
from subscriptions import automatic_licences
from subscriptions.access import propagation
from subscriptions.bulk import running


@shared_task
def apply_due_changes(swept: bool = False) -> None:
    """Apply due access changes."""
    take_turn(apply_due_changes.name, propagation.batches(), swept=swept)


@shared_task
def work_on_jobs(swept: bool = False) -> None:
    """Check files and do bulk changes."""
    take_turn(work_on_jobs.name, running.batches(), swept=swept)


@shared_task
def give_automatic_licences(swept: bool = False) -> None:
    """Give automatic licences to those who wait for one."""
    take_turn(give_automatic_licences.name, automatic_licences.batches(), swept=swept)


def nudge_after_commit(due_at: datetime, now: datetime) -> None:
    """Ask a worker to apply changes once this transaction is committed, if one is due; the sweep finds the others."""
    if due_at <= now:
        nudging.nudge_after_commit(apply_due_changes.name)


def nudge_jobs_after_commit() -> None:
    """Ask a worker to look for jobs once this transaction is committed."""
    nudging.nudge_after_commit(work_on_jobs.name)


def nudge_licences_after_commit() -> None:
    """Ask a worker to give automatic licences once this transaction is committed."""
    nudging.nudge_after_commit(give_automatic_licences.name)
