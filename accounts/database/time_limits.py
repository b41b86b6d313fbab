"""How long a statement, a wait for a lock and a pause within a transaction may last, and who gets more time.

The values stand on the PostgreSQL role, so that every connection begins with them, no matter who opens it and through
whatever pooler (docs/decisions/0018). `migrate` puts them there. Work that needs more says so for its own transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import Final

from django.db import Error, connection, transaction

IDLE, LOCK, STATEMENT = "idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout"

# All in seconds; 0: no limit.
ROLE_LIMITS: Final[Mapping[str, int]] = MappingProxyType(
    {
        # Between two statements a verb needs milliseconds, the check of a file of 100,000 lines a few seconds. What a
        # frozen process holds is free after this, also where nobody takes access away.
        IDLE: 8,
        # As long as a person waits for a page without wondering; then they are told that it is busy.
        LOCK: 2,
        # The slowest page needs well below a second. Above LOCK, so that a wait ends with the right reason.
        STATEMENT: 10,
    }
)
# Statements of a sweep or a job work on up to 10,000 rows. Below ten minutes, after which Redis gives a task out again.
SWEEP_STATEMENT: Final = 60
# Statements of those who watch: they ask every few seconds, and an answer that comes late is no use to them.
BRIEF_STATEMENT: Final = 2
# Migrations, the demo, the doctor and benchmarks: a person waits beside them. They wait longer for a lock than a page,
# but not for ever: what stands behind ALTER TABLE in its queue waits too.
LONG_WORK: Final[Mapping[str, int]] = MappingProxyType({LOCK: 5, STATEMENT: 0})


def limit_role(limits: Mapping[str, int] = ROLE_LIMITS, role: str | None = None) -> None:
    """Let every new connection of a role to our database begin with these limits; repeating it changes nothing.

    A role may do this for itself. Connections that are open already keep what they have.
    role: another one that ours is a member of; by default the one that we connect as.
    """
    quote = connection.ops.quote_name
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        database = quote(cursor.fetchone()[0])
        if role:
            cursor.execute(f"SET LOCAL ROLE {quote(role)}")
        for name, seconds in limits.items():
            whose = quote(role) if role else "SESSION_USER"
            cursor.execute(f"ALTER ROLE {whose} IN DATABASE {database} SET {name} = '{seconds}s'")


def missing_limits() -> list[str]:
    """Return the limits that the role of this connection lacks, or has set higher than we do; none when all is well."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, reset_val::bigint FROM pg_settings WHERE name = ANY(%s)", [list(ROLE_LIMITS)])
        milliseconds = dict(cursor.fetchall())
    return [name for name, seconds in ROLE_LIMITS.items() if not 0 < milliseconds[name] <= seconds * 1000]


@contextmanager
def sweep_transaction() -> Iterator[None]:
    """A transaction of a sweep or a job, whose statements may take longer than those of a page."""
    with _transaction({STATEMENT: SWEEP_STATEMENT}):
        yield


@contextmanager
def brief_transaction() -> Iterator[None]:
    """A transaction that only asks, and rather has no answer than a late one."""
    with _transaction({STATEMENT: BRIEF_STATEMENT}):
        yield


@contextmanager
def long_transaction() -> Iterator[None]:
    """A transaction with the time that the doctor needs; it works behind a pooler, too."""
    with _transaction(LONG_WORK):
        yield


@contextmanager
def _transaction(limits: Mapping[str, int]) -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            for name, seconds in limits.items():
                cursor.execute("SELECT set_config(%s, %s, true)", [name, f"{seconds}s"])
        yield


@contextmanager
def long_work() -> Iterator[None]:
    """Give this connection the time that migrations and the demo need.

    It sets the session, so it needs a connection to PostgreSQL itself and not to a pooler that changes sessions.
    """
    with connection.cursor() as cursor:
        for name, seconds in LONG_WORK.items():
            cursor.execute("SELECT set_config(%s, %s, false)", [name, f"{seconds}s"])
    try:
        yield
    finally:
        # In a transaction that has failed, and where the connection is gone, nothing can be set and nothing stays.
        with suppress(Error), connection.cursor() as cursor:
            for name in LONG_WORK:
                cursor.execute(f"RESET {name}")
