"""Whether this process lives, and whether what it works with is there: for load balancers and for whoever watches.

Both answer without session and cookie, over plain HTTP and under any host name, since probes come by address.
They say what fails in one word; why is in the log, so that no address or password leaves this machine.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

from accounts.guards import everybody
from accounts.time_limits import missing_limits
from subscriptions.access.propagation import overdue_seconds

logger = logging.getLogger(__name__)

# Seconds until a broker that does not answer counts as away.
BROKER_TIMEOUT = 1
OK, AWAY, PENDING, LATE, UNKNOWN = "ok", "away", "pending", "late", "unknown"
MISSING = "missing"
JUDGED = ("database", "migrations", "limits", "broker", "workers")
NOT_ASKED = {"limits": UNKNOWN, "workers": UNKNOWN, "overdue_seconds": None}


def answer_probes(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer probes in front of every other middleware: a visitor's session needs the database, a probe must not."""

    def middleware(request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info)
        return probe(request) if probe else get_response(request)

    return middleware


@never_cache
@require_safe
@everybody
def live(request: HttpRequest) -> HttpResponse:
    """Answer as long as this process can; asks nobody."""
    return JsonResponse({"live": True})


@never_cache
@require_safe
@everybody
def ready(request: HttpRequest) -> HttpResponse:
    """Say which part fails: the database, its migrations, its time limits, the broker, or the workers (R8, R9).

    503 when any does. An instance whose broker or workers are away still serves every page, so this is for
    alarms and for waiting at the start, and `live` for taking an instance out of service.
    """
    parts = {"broker": _broker(), **_database()}
    failing = [name for name in JUDGED if parts[name] not in (OK, UNKNOWN)]
    return JsonResponse({"ready": not failing, "failing": failing, **parts}, status=503 if failing else 200)


def _database() -> dict[str, Any]:
    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return {"database": OK, "migrations": PENDING, **NOT_ASKED}
        overdue, without_limit = overdue_seconds(), missing_limits()
    except DatabaseError as error:
        logger.warning("the database does not answer: %s", error)
        connection.close()
        return {"database": AWAY, "migrations": UNKNOWN, **NOT_ASKED}
    if without_limit:
        logger.warning("the role of the database has no or too long a %s: run migrate", ", ".join(without_limit))
    late = overdue > settings.ACCESS_OVERDUE_ALERT
    return {
        "database": OK,
        "migrations": OK,
        "limits": MISSING if without_limit else OK,
        "workers": LATE if late else OK,
        "overdue_seconds": round(overdue, 1),
    }


def _broker() -> str:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL,
            socket_connect_timeout=BROKER_TIMEOUT,
            socket_timeout=BROKER_TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        logger.warning("the broker does not answer: %s", error)
        return AWAY
    return OK


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {"/health/live": live, "/health/ready": ready}
