"""Ends what keeps a verb waiting that takes access away (R8): a second connection, some seconds after it began.

No time-out of PostgreSQL ends a session whose process is frozen in the middle of a large answer or of COPY: for the
server it is at work. `pg_terminate_backend` does (docs/decisions/0018).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread
from typing import Any, Final

from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

# Seconds. Anyone who has been in a transaction for longer is ended; no verb of a page takes as long.
PATIENCE = 3.0
# Seconds between two looks: what is ended may have kept someone else waiting before us.
PAUSE: Final = 0.25
# What transactions that take access away are called in pg_stat_activity.
TAKING_AWAY: Final = "taking access away"

# From one who waits to those that wait for nothing: ending one in the middle would free nobody. The waiter must still
# be in the transaction that asked for it. Among those that take access away, one that has just been given its lock is
# in its transaction for long too: it is spared unless it stands still from one look to the next.
_FREE = """
    WITH RECURSIVE holder(pid) AS (
        SELECT unnest(pg_blocking_pids(%(waiter)s))
        UNION
        SELECT unnest(pg_blocking_pids(holder.pid)) FROM holder
    )
    SELECT a.pid, a.state, a.wait_event, extract(epoch FROM clock_timestamp() - a.xact_start), a.state_change,
        CASE WHEN a.application_name <> %(taking_away)s OR a.state_change = ANY(%(seen)s::timestamptz[])
            THEN pg_terminate_backend(a.pid) ELSE false END
    FROM holder JOIN pg_stat_activity a USING (pid)
    WHERE a.pid <> %(waiter)s AND a.datname = current_database() AND a.usename = session_user
      AND pg_blocking_pids(a.pid) = '{}'
      AND greatest(a.xact_start, CASE WHEN a.application_name = %(taking_away)s THEN a.state_change END)
          < clock_timestamp() - %(patience)s * interval '1 second'
      AND EXISTS (SELECT FROM pg_stat_activity w WHERE w.pid = %(waiter)s AND w.xact_start = %(began)s)
"""


@dataclass(frozen=True, slots=True)
class Waiter:
    """A transaction that takes access away: the process id of its backend, and its beginning."""

    pid: int
    began: datetime


@contextmanager
def free_the_way(waiter: Waiter) -> Iterator[None]:
    """While the block runs, end what holds the waiter up; costs a thread that sleeps, as long as nothing does."""
    done = Event()
    thread = Thread(target=_watch, args=(waiter, done), name=f"free the way of {waiter.pid}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _watch(waiter: Waiter, done: Event) -> None:
    if done.wait(PATIENCE):
        return
    seen: list[datetime] = []
    try:
        while not done.is_set():
            seen = free(waiter, seen)
            done.wait(PAUSE)
    finally:
        connection.close()  # Django's connection of this thread


def free(waiter: Waiter, seen: list[datetime]) -> list[datetime]:
    """Look once; returns since when each of those that hold the waiter up has stood still."""
    asked: dict[str, Any] = {
        "waiter": waiter.pid,
        "began": waiter.began,
        "seen": seen,
        "patience": PATIENCE,
        "taking_away": TAKING_AWAY,
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute(_FREE, asked)
            holders = cursor.fetchall()
    except DatabaseError:
        logger.exception("could not look for what holds up taking access away")
        connection.close()
        return seen
    for pid, state, event, seconds, _since, was_ended in holders:
        if was_ended:
            text = "ended backend %s, %s (%s), in its transaction for %.1f s: it held up taking access away"
            logger.warning(text, pid, state, event, seconds)
    return [since for *_what, since, _was_ended in holders]
