"""What this installation works with, and whether it is there: for probes, and for the vendor's operators.

Each part says what fails in one word; why is in the log, so that no address or password leaves this machine.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from accounts.background import heartbeats, redis_servers, sweeping
from accounts.clock import database_now
from accounts.database.partitions import WARN_BELOW, days_ahead
from accounts.database.roles import excess_rights
from accounts.database.time_limits import missing_limits
from accounts.seals.status import status as sealing_status
from subscriptions.access.propagation import overdue_seconds

logger = logging.getLogger(__name__)

# Seconds until a broker that does not answer counts as away.
BROKER_TIMEOUT = 1
# What is written to see whether it can be, and the seconds until Redis forgets it.
BROKER_KEY, BROKER_KEY_LIVES = "reseller_console.health", 60
# Seconds between the clocks of the database and of this machine that are worth a warning.
CLOCKS_APART = 2
OK, AWAY, PENDING, LATE, UNKNOWN = "ok", "away", "pending", "late", "unknown"
MISSING, REFUSING, WARNING, NEWER, POWERFUL = "missing", "refusing", "warning", "newer", "powerful"
JUDGED = ("database", "migrations", "role", "limits", "broker", "workers", "scheduler")
NOT_ASKED = {
    **dict.fromkeys(("migrations", "role", "limits", "workers", "scheduler", "clock", "audit_log", "seals"), UNKNOWN),
    **dict.fromkeys(("overdue_seconds", "heartbeat_seconds", "sweep_seconds", "clock_seconds", "audit_log_days")),
    "seals_since": None,
}


def readiness() -> dict[str, Any]:
    """Return what each part says of itself, and the numbers that it says it by."""
    return {"broker": _broker(), **NOT_ASKED, **_database()}


def failing(parts: dict[str, Any]) -> list[str]:
    """Return the parts without which this installation does not do what it promises."""
    return [name for name in JUDGED if parts[name] not in (OK, NEWER, UNKNOWN)]


def _database() -> dict[str, Any]:
    try:
        connection.ensure_connection()
        migrations = _migrations()
        if migrations == PENDING:
            return {"database": OK, "migrations": PENDING}
        found = {"database": OK, "migrations": migrations, "role": _role(), "limits": _limits()}
        return {**found, **_background(), **_clock(), **_audit_log(), **_seals()}
    except DatabaseError as error:
        logger.warning("the database does not answer: %s", error)
        connection.close()
        return {"database": AWAY}


def _migrations() -> str:
    """Tell whether the schema is of this code: pending fails, newer is the state in the middle of an upgrade."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return PENDING
    unknown = executor.loader.applied_migrations.keys() - executor.loader.disk_migrations.keys()
    newer = sorted(f"{app}.{name}" for app, name in unknown if app in executor.loader.migrated_apps)
    if newer:
        logger.warning("the schema is of a newer release than this code: it does not know %s", ", ".join(newer))
    return NEWER if newer else OK


def _role() -> str:
    reasons = excess_rights()
    if reasons:
        logger.warning("the role of DATABASE_URL may do too much: %s", "; ".join(reasons))
    return POWERFUL if reasons else OK


def _limits() -> str:
    without_limit = missing_limits()
    if without_limit:
        logger.warning("the role of the database has no or too long a %s: run migrate", ", ".join(without_limit))
    return MISSING if without_limit else OK


def _background() -> dict[str, Any]:
    """Return whether workers serve every queue and the scheduler sweeps, what waits, and since when."""
    beats = heartbeats.ages([*settings.SWEEPS, heartbeats.SCHEDULER])
    away = {name for name, age in beats.items() if not heartbeats.is_fresh(age)}
    overdue = overdue_seconds()
    late = LATE if overdue > settings.ACCESS_OVERDUE_ALERT else OK
    return {
        "workers": AWAY if away - {heartbeats.SCHEDULER} else late,
        "scheduler": AWAY if heartbeats.SCHEDULER in away else OK,
        "overdue_seconds": round(overdue, 1),
        "heartbeat_seconds": beats,
        "sweep_seconds": sweeping.ages(),
    }


def _clock() -> dict[str, Any]:
    """Return how far the database's clock is ahead of this machine's, behind it below 0: it fails nothing.

    Only the database's clock decides about access, but logs and sessions tell the time of this machine.
    """
    before = time.time()
    ahead = database_now().timestamp() - (before + time.time()) / 2
    return {"clock": WARNING if abs(ahead) > CLOCKS_APART else OK, "clock_seconds": round(ahead, 1)}


def _audit_log() -> dict[str, Any]:
    """Return for how many days ahead events have a table of their month. It fails nothing: the rest has a place, too.

    Less than two months: `prepare_audit_partitions` has not run for ten.
    """
    days = days_ahead()
    if days < WARN_BELOW:
        logger.warning("the audit log has partitions for %.0f days only: run prepare_audit_partitions", days)
    return {"audit_log": WARNING if days < WARN_BELOW else OK, "audit_log_days": int(days)}


def _seals() -> dict[str, Any]:
    """Return what keeps the log from being sealed, or its seals from being kept outside, and since when (A5).

    It fails nothing: events are written as before, and sealed later.
    """
    found = sealing_status()
    return {"seals": found.trouble or OK, "seals_since": found.since}


def _broker() -> str:
    """Tell whether the broker takes messages: one that only answers (full, a replica, a full disk) takes none."""
    try:
        with redis_servers.client(settings.REDIS_URL, timeout=BROKER_TIMEOUT) as client:
            client.set(BROKER_KEY, "", ex=BROKER_KEY_LIVES)
    except redis.ResponseError as error:
        logger.warning("the broker refuses to write: %s", error)
        return REFUSING
    except (redis.RedisError, ValueError) as error:
        logger.warning("the broker does not answer: %s", error)
        return AWAY
    return OK
