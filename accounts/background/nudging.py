"""Asks a worker to look. The row is the work and the message only a nudge: a lost one is made up for by the sweep.

By the names of tasks: the tasks stand above everything that asks for them.

Each kind of work has a queue of its own (settings.SWEEPS), and few messages wait in it, also where nobody takes them.
Nothing is lost by that: a worker that takes a message looks after it has taken it, so it sees every row that was
committed while the message waited. No message carries a time: the clocks of two machines would have to agree on it.
"""

from __future__ import annotations

import logging
from typing import Final

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# Messages of one kind that wait at most. Of these two can be sweeps, which do nothing where another has just begun
# (accounts/background/sweeping.py); the others look, so that one that is not sent is not missed.
WAITING_AT_MOST: Final = 10
# A turn that has left something asks for the next: one that waits is enough, and a sweep may be the one that waits.
TURNS_WAITING_AT_MOST: Final = 2


def nudge_after_commit(task: str) -> None:
    """Ask a worker to run a task once this transaction is committed."""

    def send() -> None:
        nudge(task)

    transaction.on_commit(send, robust=True)


def nudge(task: str) -> None:
    """Ask a worker to run a task; with the broker away nothing is lost."""
    _send(task, {}, at_most=WAITING_AT_MOST)


def ask_for_another_turn(task: str) -> None:
    """Ask, from a task that has left something, for another turn of it."""
    _send(task, {}, at_most=TURNS_WAITING_AT_MOST)


def ask_for_sweep(task: str) -> None:
    """Ask a worker to sweep, unless a message waits already: with no worker there is never a pile of them."""
    _send(task, {"swept": True}, at_most=1)


def _send(task: str, arguments: dict[str, bool], *, at_most: int) -> None:
    queue = settings.CELERY_TASK_ROUTES[task]["queue"]
    try:
        with current_app.producer_or_acquire() as producer:
            if producer.channel.queue_declare(queue=queue).message_count < at_most:
                current_app.send_task(task, kwargs=arguments, queue=queue, producer=producer)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("no worker was nudged for %s, the sweep will find its rows: %s", task, error)
