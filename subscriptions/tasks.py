"""Celery entry points, each one call deep, and the nudge that starts them."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task
from django.conf import settings

from accounts import nudging
from subscriptions import automatic_licences
from subscriptions.access import propagation
from subscriptions.bulk import running


@shared_task
def apply_due_changes() -> int:
    """Apply every due access change; run by the sweep and by nudges."""
    return propagation.apply_due_changes()


@shared_task
def work_on_jobs() -> None:
    """Check files and do bulk changes for some seconds, and ask for another turn when something is left."""
    if running.work():
        nudging.nudge(work_on_jobs.name)


@shared_task
def give_automatic_licences() -> int:
    """Give automatic licences to those who wait for one; run by the sweep and by nudges."""
    return automatic_licences.give_automatic_licences()


def nudge_after_commit(due_at: datetime, now: datetime) -> None:
    """Ask a worker to apply changes once this transaction is committed, if one is due before the next sweep."""
    wait = max((due_at - now).total_seconds(), 0)
    if wait < settings.ACCESS_SWEEP_INTERVAL:
        nudging.nudge_after_commit(apply_due_changes.name, wait=wait)


def nudge_jobs_after_commit() -> None:
    """Ask a worker to look for jobs once this transaction is committed."""
    nudging.nudge_after_commit(work_on_jobs.name)


def nudge_licences_after_commit() -> None:
    """Ask a worker to give automatic licences once this transaction is committed."""
    nudging.nudge_after_commit(give_automatic_licences.name)
