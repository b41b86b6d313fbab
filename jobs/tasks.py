"""Celery entry point of jobs, one call deep, and its nudge. swept: whether the scheduler asks."""

from __future__ import annotations

from celery import shared_task

from accounts.background import nudging
from accounts.background.sweeping import take_turn
from jobs import running


# Its name is from where it stood: messages and rows of sweeps carry it.
@shared_task(name="subscriptions.tasks.work_on_jobs")
def work_on_jobs(swept: bool = False) -> None:
    """Check files and do bulk changes."""
    take_turn(work_on_jobs.name, running.batches(), swept=swept)


def nudge_jobs_after_commit() -> None:
    """Ask a worker to look for jobs once this transaction is committed."""
    nudging.nudge_after_commit(work_on_jobs.name)
