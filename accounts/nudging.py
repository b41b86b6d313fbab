"""Asks a worker to look. The row is the work and the message only a nudge: a lost one is made up for by the sweep.

By the names of tasks: the tasks stand above everything that asks for them.
"""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# Seconds after which a message that no worker took is worth nothing: the sweep has been there.
EXPIRES = 60


def nudge_after_commit(task: str, *, wait: float = 0) -> None:
    """Ask a worker to run a task once this transaction is committed. wait: seconds from then on."""

    def send() -> None:
        nudge(task, wait=wait)

    transaction.on_commit(send, robust=True)


def nudge(task: str, *, wait: float = 0) -> None:
    """Send the message; with the broker away nothing is lost. wait: seconds, less than the interval of the sweep."""
    try:
        current_app.send_task(task, countdown=wait, expires=EXPIRES)
    except OperationalError as error:
        logger.warning("no worker was nudged for %s, the sweep will find its rows: %s", task, error)
