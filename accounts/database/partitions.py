"""The partitions of the audit log: a table of its own for each month, made ahead of time (A1, A2).

Only the owner of the tables can make one, so `migrate` and `prepare_audit_partitions` do, and no process that serves
people. An event whose month has no table goes into the DEFAULT partition: without a place for its event no change is
made. What is there already when a month is prepared moves to its place, with the same number and moment.
"""

from __future__ import annotations

import logging
from time import sleep
from typing import Final

from django.db import OperationalError, connection, transaction

logger = logging.getLogger(__name__)

# Months that have their table beyond the one that runs.
MONTHS_AHEAD: Final = 12
# Days ahead below which /health/ready warns: two months in which an operator can find out why nothing prepares them.
WARN_BELOW: Final = 60
# A new month needs the DEFAULT partition for itself for some milliseconds, which a long reader may refuse it.
_ATTEMPTS, _PAUSE = 5, 2.0

# The chain of months ends where the last one ends; the DEFAULT partition and the table of before begin none.
_DAYS_AHEAD: Final = r"""
    SELECT extract(epoch FROM max(found[1]::timestamptz) - statement_timestamp()) / 86400
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    CROSS JOIN regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)') found
    WHERE i.inhparent = to_regclass('accounts_auditevent')
"""


def prepare_partitions(months: int = MONTHS_AHEAD) -> int:
    """Make the tables of the months ahead that are missing, as the owner; returns how many. Repeating it is free."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                # Behind the migration that makes the function; `migrate` to a state before it has nothing to prepare.
                cursor.execute("SELECT to_regprocedure('prepare_audit_partitions(int)') IS NOT NULL")
                if not cursor.fetchone()[0]:
                    return 0
                cursor.execute("SELECT prepare_audit_partitions(%s)", [months])
                return int(cursor.fetchone()[0])
        except OperationalError as error:
            # Of all that can go wrong, only a lock that was not given is worth another attempt.
            if attempt == _ATTEMPTS or getattr(error.__cause__, "pgcode", None) != "55P03":
                raise
            logger.warning("the audit log is being read; preparing its partitions again in %s s", _PAUSE)
            sleep(_PAUSE)
    raise AssertionError("the last attempt returns or raises")


def days_ahead() -> float:
    """Return for how many days from now on the audit log has a table of each month; below 0 where it is behind."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS_AHEAD)
        [days] = cursor.fetchone()
    return float(days or 0)
