"""Celery entry points, each one call deep, and the nudge that starts them."""

from __future__ import annotations

import logging
from datetime import datetime

from celery import shared_task
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from subscriptions import automatic_licences
from subscriptions.access import propagation

logger = logging.getLogger(__name__)


@shared_task
def apply_due_changes() -> int:
    """Apply every due access change; run by the sweep and by nudges."""
    return propagation.apply_due_changes()


@shared_task
def give_automatic_licences() -> int:
    """Give automatic licences to those who wait for one; run by the sweep and by nudges."""
    return automatic_licences.give_automatic_licences()


def nudge_after_commit(due_at: datetime, now: datetime) -> None:
    """Ask a worker to look once this transaction is committed, if something is due before the next sweep."""
    wait = max((due_at - now).total_seconds(), 0)
    if wait >= settings.ACCESS_SWEEP_INTERVAL:
        return

    def nudge() -> None:
        send_nudge(wait)

    transaction.on_commit(nudge, robust=True)


def send_nudge(wait: float = 0) -> None:
    """Send the message; with the broker away nothing is lost, since the sweep finds the row.

    wait: seconds, less than the interval of the sweep.
    """
    try:
        apply_due_changes.apply_async(countdown=wait, expires=60)
    except OperationalError as error:
        logger.warning("no worker was nudged, the sweep will find the change: %s", error)


def nudge_licences_after_commit() -> None:
    """Ask a worker to give automatic licences once this transaction is committed; the sweep would do it too."""
    transaction.on_commit(_send_licences_nudge, robust=True)


def _send_licences_nudge() -> None:
    try:
        give_automatic_licences.apply_async(expires=60)
    except OperationalError as error:
        logger.warning("no worker was nudged, the sweep will give the licences: %s", error)
