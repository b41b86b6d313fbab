"""Takes turns at work that waits in rows, and sweeps: looks for it at intervals, though nobody asked.

A turn is bounded, so that one kind of work never keeps a worker from the others: it does one step after the other
(a batch, a mail, a customer) for two seconds, and asks for another turn where something is left.

A sweep is a turn that the scheduler asks for. It claims the row of its kind by the database's clock, and does nothing
where another has begun less than half an interval ago: a pile of messages costs one query each, whatever the clocks
of workers and scheduler say. A nudge is no sweep: someone has just committed work, and it is always looked for.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F
from django.db.models.functions import Now

from accounts.background import nudging
from accounts.models import Sweep

T = TypeVar("T")
logger = logging.getLogger(__name__)

# Seconds after which a task lets others have the worker: access changes wait behind it (R8).
TURN: Final = 2.0

# Not below the present either: a clock that was set back must not silence sweeps until it is where it was.
_CLAIM = """
    INSERT INTO accounts_sweep AS sweep (name, began_at) VALUES (%s, clock_timestamp())
    ON CONFLICT (name) DO UPDATE SET began_at = clock_timestamp()
    WHERE sweep.began_at NOT BETWEEN clock_timestamp() - make_interval(secs => %s) AND clock_timestamp()
    RETURNING name
"""


def take_turn(task: str, steps: Iterable[int], *, swept: bool) -> None:
    """Do steps of a task's work for two seconds, and ask for another turn where something may be left.

    A turn that did something is a line in the log; most find nothing, many thousand a day, and say nothing.

    steps: bounded ones, each of which may be the last, with how much it did; none is done before this is called.
    swept: whether the scheduler asks. Where another sweep has just begun, nothing is done.
    """
    name = settings.CELERY_TASK_ROUTES[task]["queue"]
    if swept and not claim(name, settings.SWEEPS[name].interval):
        return
    done, left = do_for_a_turn(steps)
    if done:
        logger.info("%s: %d done%s", name, done, ", more to do" if left else "")
    if left:
        nudging.ask_for_another_turn(task)
    if swept:
        Sweep.objects.filter(pk=name).update(ended_at=Now())


def claim(name: str, interval: int) -> bool:
    """Begin a sweep; return False where another has begun less than half its interval of seconds ago."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [name, interval / 2])
        return cursor.fetchone() is not None


def do_for_a_turn(steps: Iterable[int]) -> tuple[int, bool]:
    """Do steps until the turn is over; return how much was done, and whether there may be more of them."""
    until = time.monotonic() + TURN
    done = 0
    for step in steps:
        done += step
        if time.monotonic() > until:
            return done, True
    return done, False


def each(rows: Iterable[T], work: Callable[[T], int], *, until_done: bool = False) -> Iterator[int]:
    """Do something with one row after the other, each a step; yields how much was done.

    One that fails does not hold up the others: the next sweep tries it again.
    until_done: whether there may be more to do for the same row, as long as something was done.
    """
    for row in rows:
        done = _try(work, row)
        yield done
        while done and until_done:
            done = _try(work, row)
            yield done


def _try(work: Callable[[T], int], row: T) -> int:
    try:
        return work(row)
    except DatabaseError:
        logger.exception("%s of %s failed; the next sweep tries again", work.__name__, row)
        return 0


def ages() -> dict[str, float | None]:
    """Return for each kind of sweep how many seconds ago the last one ended; None where none ever did."""
    ended = Sweep.objects.filter(ended_at__isnull=False).annotate(age=Now() - F("ended_at"))
    found = dict(ended.values_list("name", "age"))
    return {name: round(found[name].total_seconds(), 1) if name in found else None for name in settings.SWEEPS}
