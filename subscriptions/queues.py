"""What waits for a worker, kind by kind, since when, and when it was last looked for: for the vendor's operators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Now

from accounts.background import heartbeats
from accounts.database.time_limits import brief_transaction
from accounts.models import Domain, FailedSignIns, Job, Mail, Sweep, WebhookDelivery
from accounts.models.jobs import UNSETTLED, JobStatus
from accounts.models.notices import UntoldEvent
from accounts.sign_in.events import WINDOW
from accounts.webhooks.rules import running_endpoints
from subscriptions import seats
from subscriptions.access.retrying import overdue_changes
from subscriptions.models import AutoLicence, Subscription
from subscriptions.models.subscription import Status

# Rows of a kind that are counted; more are at least so many.
AT_MOST: Final = 10_000
# Jobs and mails that a page names.
SHOWN: Final = 50
# Who asked for a failed job asks again; after so long it is nothing to be done any more.
FAILED_LATELY: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many rows of a kind wait, since when the first of them does, where rows say that, and whether that is all."""

    number: int
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """A kind of work. waiting: None where its rows say nothing before they are looked at, or could not be counted.

    ended_at: when a sweep of it last ended; None: never. is_late: above three of its intervals ago.
    has_worker: whether a worker has said lately that it works on it.
    """

    name: str
    interval: int
    waiting: Waiting | None
    ended_at: datetime | None
    is_late: bool
    has_worker: bool


def queues(*, counted: bool = True) -> list[Queue]:
    """Return every kind of work, in the order of the settings. counted: whether what waits is counted."""
    sweeps = {row.name: row for row in Sweep.objects.all()}
    beats = heartbeats.ages(settings.SWEEPS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        [now] = cursor.fetchone()
    found = []
    for name, sweep in settings.SWEEPS.items():
        ended = sweeps[name].ended_at if name in sweeps else None
        is_late = ended is None or (now - ended).total_seconds() > 3 * sweep.interval
        waiting = _counted(name) if counted else None
        found.append(Queue(name, sweep.interval, waiting, ended, is_late, heartbeats.is_fresh(beats[name])))
    return found


def unsettled_jobs() -> QuerySet[Job]:
    """Return the jobs that wait or run, the oldest first."""
    return Job.objects.filter(status__in=UNSETTLED).select_related("customer", "reseller").order_by("requested_at")


def failed_jobs() -> QuerySet[Job]:
    """Return the jobs that were tried several times in vain lately: our own fault, the newest first."""
    failed = Job.objects.filter(status=JobStatus.FAILED, attempts__gt=0, finished_at__gte=Now() - FAILED_LATELY)
    return failed.select_related("customer", "reseller").order_by("-finished_at")


def _counted(name: str) -> Waiting | None:
    count = _WAITING.get(name)
    if count is None:
        return None
    try:
        with brief_transaction():
            return count()
    except DatabaseError:
        return None


def _rows(rows: QuerySet[Any], since: str) -> Waiting:
    few = rows.order_by(since).values("pk")[:AT_MOST]
    number = few.count()
    return Waiting(number, rows.aggregate(since=Min(since))["since"] if number else None)


def _licences() -> Waiting:
    ruled = AutoLicence.objects.filter(subscription__status=Status.ACTIVE).order_by("subscription")
    return Waiting(sum(seats.waiting_numbers(ruled.values_list("subscription", flat=True).distinct()).values()))


def _notices() -> Waiting:
    return Waiting(UntoldEvent.objects.all()[:AT_MOST].count())


def _mail() -> Waiting:
    return _rows(Mail.objects.filter(sent_at=None, dropped_because=""), "queued_at")


def _failed_sign_ins() -> Waiting:
    return _rows(FailedSignIns.objects.filter(person__isnull=False, since__lte=Now() - WINDOW), "since")


def _subscriptions() -> Waiting:
    return _rows(Subscription.objects.filter(Q(status=Status.ACTIVE, ends_at__lte=Now())), "ends_at")


def _webhooks() -> Waiting:
    """Count what can be sent: what waits for a paused endpoint waits for its admins."""
    return _rows(WebhookDelivery.objects.filter(settled_at=None, endpoint__in=running_endpoints()), "queued_at")


# Of the others nothing waits that a row says so of before a sweep looks.
_WAITING: Final[Mapping[str, Callable[[], Waiting]]] = MappingProxyType(
    {
        "access": lambda: _rows(overdue_changes(), "due_at"),
        "domains": lambda: _rows(Domain.objects.filter(look_due_at__isnull=False), "look_asked_at"),
        "jobs": lambda: _rows(Job.objects.filter(status__in=UNSETTLED), "requested_at"),
        "licences": _licences,
        "mail": _mail,
        "notices": _notices,
        "subscriptions": _subscriptions,
        "failed-sign-ins": _failed_sign_ins,
        "webhooks": _webhooks,
    }
)
