"""What rows say, asked with each scrape: by indexes, at most 10,000 rows of a kind, two seconds a statement.

Also what workers do: they write it into rows anyway, in the transaction that does it, so that no number is lost with a
worker (docs/decisions/0041).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Now
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily

from accounts.background import heartbeats, sweeping
from accounts.database.partitions import days_ahead
from accounts.database.time_limits import brief_transaction
from accounts.models import Job, Mail, Seal, WebhookDelivery, WebhookEndpoint
from accounts.models.jobs import UNSETTLED, JobStatus
from accounts.models.mail import DropReason
from accounts.models.webhooks import PausedBecause
from accounts.seals.status import looked_seconds_ago
from accounts.seals.waiting import waiting
from accounts.webhooks.rules import running_endpoints
from subscriptions.access import timing

logger = logging.getLogger(__name__)

AT_MOST: Final = timing.AT_MOST
# Seconds until what the database answers is no longer waited for; Prometheus waits for ten.
PATIENCE: Final = 5.0
# Never heard of: older than any limit.
NEVER: Final = float("inf")

_asking = threading.Lock()


def asked() -> list[Metric]:
    """Return what the rows say; only that the database is away where it does not answer in time.

    In a thread of its own: one that hangs takes no thread of the pages with it, and there is never a second one.
    """
    found: SimpleQueue[list[Metric]] = SimpleQueue()
    if not _asking.acquire(timeout=PATIENCE):
        return [*_up(False)]
    threading.Thread(target=_ask, args=[found], name="metrics", daemon=True).start()
    try:
        return found.get(timeout=PATIENCE)
    except Empty:
        logger.warning("the database has not answered for %s seconds", PATIENCE)
        return [*_up(False)]


def _ask(found: SimpleQueue[list[Metric]]) -> None:
    try:
        found.put(list(read()))
    finally:
        connection.close()
        _asking.release()


def read() -> Iterator[Metric]:
    """Ask one part after the other; what a part cannot tell is left out, and a gauge says so."""
    try:
        connection.ensure_connection()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("the database does not answer: %s", error)
        yield from _up(False)
        return
    answers = GaugeMetricFamily("console_database_part_up", "Whether these rows were read.", labels=["part"])
    for name, part in PARTS.items():
        try:
            with brief_transaction():
                families = list(part())
        except (DatabaseError, InterfaceError) as error:
            logger.warning("%s could not be measured: %s", name, error)
            families = []
        yield from families
        answers.add_metric([name], float(bool(families)))
    yield answers
    yield from _up(True)


def _up(is_up: bool) -> Iterator[Metric]:
    yield _gauge("console_database_up", "Whether the database answers.", float(is_up))


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)


def _by(label: str, name: str, what: str, values: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _access() -> Iterator[Metric]:
    times = HistogramMetricFamily(
        "console_access_change_delay_seconds",
        "Seconds from when a change was due to when a worker settled it. What is taken ends by the clock.",
        labels=["kind"],
    )
    for kind, found in timing.times().items():
        so_far, steps = 0, []
        for step, number in zip([*map(float, timing.STEPS), "+Inf"], found.numbers, strict=True):
            so_far += number
            steps.append((str(step), so_far))
        times.add_metric([kind], steps, found.seconds)
    yield times
    overdue = timing.overdue()
    yield _gauge("console_access_changes_overdue", "Changes that are due and not settled.", overdue.number)
    yield _gauge("console_access_change_overdue_seconds", "How long the oldest of them is due.", overdue.seconds)
    yield _gauge("console_access_changes_failed", "Changes that failed and wait for an operator.", timing.failed())
    yield _gauge(
        "console_revocations_still_open", "Revocations past their time whose access is open.", timing.still_open()
    )


def _background() -> Iterator[Metric]:
    sweeps = {kind: NEVER if age is None else age for kind, age in sweeping.ages().items()}
    yield _by("kind", "console_sweep_age_seconds", "How long ago the last sweep of a kind ended.", sweeps)
    intervals = {kind: float(sweep.interval) for kind, sweep in settings.SWEEPS.items()}
    yield _by("kind", "console_sweep_interval_seconds", "How long lies between two sweeps of a kind.", intervals)
    beats = heartbeats.ages([*settings.SWEEPS, heartbeats.SCHEDULER])
    ages = {who: NEVER if age is None else age for who, age in beats.items()}
    yield _by("who", "console_heartbeat_age_seconds", "When a worker of a queue, or the scheduler, last beat.", ages)


def _mail() -> Iterator[Metric]:
    waiting = Mail.objects.filter(sent_at=None, dropped_because="").order_by("next_attempt_at")[:AT_MOST]
    number, oldest = _oldest(Mail.objects.filter(pk__in=waiting.values("pk")), "queued_at")
    yield _gauge("console_mails_waiting", "Mails that were not sent yet.", number)
    yield _gauge("console_mail_waiting_seconds", "How long the oldest of them has waited.", oldest)
    given_up = Mail.objects.filter(dropped_because=DropReason.GAVE_UP)[:AT_MOST].count()
    yield _gauge("console_mails_given_up", "Mails that were tried ten times in vain.", given_up)


def _webhooks() -> Iterator[Metric]:
    running = running_endpoints()
    waiting = WebhookDelivery.objects.filter(settled_at=None, endpoint__in=running)
    due = WebhookDelivery.objects.filter(pk__in=waiting.order_by("next_attempt_at").values("pk")[:AT_MOST])
    # A receiver that does not answer is left alone for a while: what waits for it is not late by our doing.
    number, longest = _oldest(due, "next_attempt_at", among=Q(endpoint__failures=0))
    yield _gauge("console_webhooks_waiting", "Messages of webhooks that were not taken yet.", number)
    what = "How long one of them is due whose receiver answers."
    yield _gauge("console_webhook_late_seconds", what, max(longest, 0.0))
    failing = WebhookEndpoint.objects.filter(removed_at=None, paused_because=PausedBecause.FAILING)[:AT_MOST]
    yield _gauge("console_webhooks_failing", "Endpoints that are paused since they took nothing.", failing.count())


def _jobs() -> Iterator[Metric]:
    unsettled = Job.objects.filter(status__in=UNSETTLED).order_by("next_attempt_at")[:AT_MOST]
    jobs = Job.objects.filter(pk__in=unsettled.values("pk"))
    found = dict(jobs.order_by().values_list("status").annotate(number=Count("pk")))
    numbers = {str(status): float(found.get(status, 0)) for status in UNSETTLED}
    yield _by("status", "console_jobs", "Jobs that are being checked, queued or running.", numbers)
    _number, oldest = _oldest(jobs, "requested_at")
    yield _gauge("console_job_age_seconds", "How long ago the oldest of them was asked for.", oldest)
    _number, turn = _oldest(jobs, "next_attempt_at")
    yield _gauge("console_job_waiting_seconds", "How long one of them has waited for its turn.", max(turn, 0.0))
    failed = Job.objects.filter(status=JobStatus.FAILED, attempts__gt=0)[:AT_MOST].count()
    yield _gauge("console_jobs_failed", "Jobs that were tried several times in vain.", failed)


def _oldest(rows: QuerySet[Any], since: str, *, among: Q | None = None) -> tuple[int, float]:
    """Return how many rows there are, and the seconds since the earliest moment of a column; 0 where there is none.

    among: the rows whose moments count; None: all of them.
    """
    found = rows.aggregate(number=Count("pk"), longest=Max(Now() - F(since), filter=among))
    return found["number"], found["longest"].total_seconds() if found["longest"] else 0.0


def _audit_log() -> Iterator[Metric]:
    yield _gauge("console_audit_log_days", "For how many days ahead events have a table.", days_ahead())


def _seals() -> Iterator[Metric]:
    looked = looked_seconds_ago()
    looked_at = NEVER if looked is None else looked
    yield _gauge("console_sealer_age_seconds", "How long ago the sealer of the audit log last looked.", looked_at)
    found = waiting(AT_MOST)
    yield _gauge("console_events_unsealed", "Final events of the audit log that no seal holds yet.", found.events)
    yield _gauge("console_event_unsealed_seconds", "How long the oldest of them waits for its seal.", found.seconds)
    ages = Seal.objects.order_by("-era_id", "-number").values_list(Now() - F("sealed_at"), flat=True)
    last = ages.first()
    yield _gauge("console_seal_age_seconds", "How old the newest seal is.", last.total_seconds() if last else NEVER)


PARTS: Final[dict[str, Callable[[], Iterator[Metric]]]] = {
    "access": _access,
    "background": _background,
    "mail": _mail,
    "webhooks": _webhooks,
    "jobs": _jobs,
    "audit_log": _audit_log,
    "seals": _seals,
}
