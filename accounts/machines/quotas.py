"""How often machines may call: counted for each account and family of methods, in the database, for all web servers.

Most calls ask it nothing: each process counts some calls by itself and adds them up in one statement. So a limit is
exact to a hundredth for each process, and calls at the same time do not wait for one row.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from typing import Final

from django.db import connection

# Seconds after which a process adds up what it has counted, also where that is little.
_LASTS: Final = 1.0
# A hundredth of the limit is counted before it is added up.
_SHARE: Final = 100
# What one process remembers at a time.
_MOST: Final = 10_000

_ADD: Final = """
    INSERT INTO accounts_apiquota AS q (account_id, family, minute, counted)
    VALUES (%s, %s, date_trunc('minute', statement_timestamp()), %s)
    ON CONFLICT (account_id, family) DO UPDATE
    SET counted = CASE WHEN q.minute = excluded.minute THEN q.counted ELSE 0 END + excluded.counted,
        minute = excluded.minute
    RETURNING counted, 60 - extract(second FROM statement_timestamp())::int"""


@dataclass(slots=True)
class _Counted:
    """What a process has counted since it added up last: at, in seconds of its own clock."""

    at: float
    waiting: int
    total: int


_lock = Lock()
_counted: dict[tuple[int, str], _Counted] = {}


def seconds_to_wait(account_id: int, family: str, limit: int) -> int:
    """Count a call; returns 0, or after how many seconds the account may call again. limit: calls in a minute."""
    key, now = (account_id, family), time.monotonic()
    with _lock:
        known = _counted.get(key)
        if known is not None:
            known.waiting += 1
            few = known.waiting < max(1, limit // _SHARE) and known.total + known.waiting <= limit
            if few and now - known.at < _LASTS:
                return 0
        number = known.waiting if known else 1
        if known is None and len(_counted) >= _MOST:
            _counted.clear()
        _counted[key] = _Counted(now, 0, known.total if known else 0)
    total, seconds = _add(account_id, family, number)
    with _lock:
        _counted[key].total = total
    return max(1, seconds) if total > limit else 0


def forget() -> None:
    """Forget what this process has counted: for tests, whose database begins again."""
    with _lock:
        _counted.clear()


def _add(account_id: int, family: str, number: int) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [account_id, family, number])
        total, seconds = cursor.fetchone()
    return total, seconds
