"""Asks a worker to send mail. By the name of the task: accounts/tasks.py stands above everything that queues."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

SEND_DUE_MAILS = "accounts.tasks.send_due_mails"


def nudge_after_commit() -> None:
    """Ask a worker to look once this transaction is committed."""
    transaction.on_commit(send_nudge, robust=True)


def send_nudge() -> None:
    """Send the message; with the broker away nothing is lost, since the sweep finds the row."""
    try:
        current_app.send_task(SEND_DUE_MAILS, expires=60)
    except OperationalError as error:
        logger.warning("no worker was nudged, the sweep will find the mail: %s", error)
