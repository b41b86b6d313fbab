"""Who waits for whom: the customer's lock before every other, for how long, and who need not wait (R8)."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Final

from django.db import OperationalError, connection, transaction

from accounts.database.freeing import TAKING_AWAY, Waiter, free_the_way
from accounts.models import Customer

logger = logging.getLogger(__name__)

# Seconds that taking access away waits for a lock, and that one of its statements lasts: what holds it up is ended
# after 3 (freeing.py), so these only bound what cannot be ended: an answer comes within 15 s.
TAKING_LOCK, TAKING_STATEMENT = 12, 15
# How many threads of this process may wait for one customer. Of the four of a web process two stay free for others.
WAITING_AT_MOST: Final = 2
# Milliseconds for those beyond: long enough for a verb that is at work, too short to keep a thread.
SHORT_WAIT: Final = 200
# What PostgreSQL answers where another session was in the way: lock_timeout, statement_timeout, a deadlock, and one
# that was ended because it paused for too long or held up taking access away.
_NO_LOCK, _CANCELED, _DEADLOCK = "55P03", "57014", "40P01"
_BUSY: Final = frozenset({_NO_LOCK, _CANCELED, _DEADLOCK, "25P03", "57P01"})

_BEGIN_TAKING = """
    SELECT set_config('lock_timeout', %s, true), set_config('application_name', %s, true),
        CASE WHEN current_setting('statement_timeout')::interval BETWEEN interval '1 ms' AND %s
            THEN set_config('statement_timeout', %s, true) END,
        pg_backend_pid(), now()
"""
_LIMIT_STATEMENT = """
    SELECT current_setting('statement_timeout'),
        set_config('statement_timeout', coalesce(%s, current_setting('lock_timeout')), true)
"""
_takes_away: ContextVar[bool] = ContextVar("takes_away", default=False)
_waiting: Counter[int] = Counter()
_counting = Lock()


class CustomerBusy(OperationalError):
    """Another transaction kept the customer for as long as was waited."""


def lock_customer(customer: Customer | int) -> Customer:
    """Lock a customer, or the one with that id, until the end of the transaction; return it as it is now.

    One row in front of all the others, so that two verbs never wait for each other in a circle. A worker
    that applies access changes does not need it: it waits for nobody (`SKIP LOCKED`). Raises CustomerBusy.
    """
    pk = customer.pk if isinstance(customer, Customer) else customer
    free = Customer.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=pk).first()
    return free or _wait_for(pk)


def lock_unless_busy(customer: Customer | int) -> bool:
    """Lock a customer for a sweep, which waits for nobody; tell whether nobody else had it."""
    pk = customer.pk if isinstance(customer, Customer) else customer
    return Customer.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=pk).exists()


@contextmanager
def taking_away() -> Iterator[None]:
    """A transaction that takes access away: it waits longer, and what holds it up for 3 s is ended (R8).

    Every verb that takes access uses it in place of `transaction.atomic`, also as a decorator
    (tests/contract/test_taking_away.py).
    """
    if _takes_away.get():
        with transaction.atomic():
            yield
        return
    token = _takes_away.set(True)
    try:
        with transaction.atomic(), free_the_way(_begin_taking()):
            yield
    finally:
        _takes_away.reset(token)


def _begin_taking() -> Waiter:
    statement = f"{TAKING_STATEMENT}s"
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN_TAKING, [f"{TAKING_LOCK}s", TAKING_AWAY, statement, statement])
        *_set, pid, began = cursor.fetchone()
    return Waiter(pid, began)


def _wait_for(pk: int) -> Customer:
    """Wait for a customer that is locked. Taking access away always waits; of others, the first few do."""
    waited_for = Customer.objects.select_for_update(no_key=True)
    if _takes_away.get():
        return waited_for.get(pk=pk)
    with _counting:
        _waiting[pk] += 1
        wait = f"{SHORT_WAIT}ms" if _waiting[pk] > WAITING_AT_MOST else None
    try:
        with connection.cursor() as cursor:
            # lock_timeout counts for each lock, and in a row's queue there are two: its place, then the row.
            cursor.execute(_LIMIT_STATEMENT, [wait])
            [before, _set] = cursor.fetchone()
            customer = waited_for.get(pk=pk)
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
        return customer
    except OperationalError as error:
        if _code(error) not in (_NO_LOCK, _CANCELED):
            raise
        raise CustomerBusy(f"customer {pk} is locked by another transaction") from error
    finally:
        with _counting:
            _waiting[pk] -= 1
            if not _waiting[pk]:
                del _waiting[pk]


def is_busy(error: BaseException | None) -> bool:
    """Tell whether the database refused because another session was in the way: the same again may well succeed."""
    return isinstance(error, CustomerBusy) or _code(error) in _BUSY


def is_kept(error: BaseException | None) -> bool:
    """Tell whether another transaction kept a row: after a savepoint that was rolled back this one can go on."""
    return isinstance(error, CustomerBusy) or _code(error) in (_NO_LOCK, _DEADLOCK)


def took_too_long(error: BaseException | None) -> bool:
    """Tell whether the database stopped a statement that took longer than it may (decision 18)."""
    return _code(error) == _CANCELED


def _code(error: BaseException | None) -> str | None:
    """Return the SQLSTATE that psycopg2 gave to the error that Django wrapped."""
    return getattr(getattr(error, "__cause__", None), "pgcode", None)


@contextmanager
def left_to_the_next_run(customer: Customer) -> Iterator[None]:
    """In a sweep: pass over a customer that another transaction keeps, so that it holds up no other."""
    try:
        yield
    except CustomerBusy:
        logger.warning("customer %s is busy and left to the next run", customer.pk)
