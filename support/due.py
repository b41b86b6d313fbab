"""By when vendor support answers a case (S13). What is late is compared with the database's clock; no job marks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Now

from accounts.database.time_limits import sweep_transaction
from support.models import Case
from support.models.case import Priority, State

# S13: from the opening to the first answer, and from each answer to the next.
ANSWER_WITHIN: Final[Mapping[Priority, timedelta]] = MappingProxyType(
    {
        Priority.P0: timedelta(hours=1),
        Priority.P1: timedelta(hours=1),
        Priority.P2: timedelta(hours=4),
        Priority.P3: timedelta(hours=8),
        Priority.P4: timedelta(hours=24),
    }
)
# In the other states support waits for the customer, or is done.
RUNNING: Final = (State.NEW, State.IN_PROGRESS_GOOGLE_SUPPORT)
# What a list is sorted by: where nothing is due a case stands last.
DUE_SQL: Final = "COALESCE(support_case.due_at, 'infinity'::timestamptz)"

# A case that web processes of the release before filed, answered or closed beside this one. What vendor support wrote
# is an answer; a case that a customer put back to work, or reopened, runs from then.
_WITHIN = " ".join(f"WHEN '{priority}' THEN interval '{within}'" for priority, within in ANSWER_WITHIN.items())
_REPAIR = f"""
    WITH unsettled AS (
        SELECT id FROM support_case
        WHERE (state = ANY(%(running)s) AND NOT test_case) <> (due_at IS NOT NULL)
            OR (state = 'ACTION_REQUIRED' AND waiting_since IS NULL)
        ORDER BY id LIMIT %(batch)s FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE support_case c SET
        due_from = f.at,
        answered_at = coalesce(c.answered_at, f.answered_at),
        waiting_since = CASE WHEN c.state = 'ACTION_REQUIRED' THEN f.at END,
        due_at = CASE WHEN c.state = ANY(%(running)s) AND NOT c.test_case THEN f.at + CASE c.priority {_WITHIN} END END
    FROM (
        SELECT k.id, min(e.at) FILTER (WHERE u.id IS NOT NULL) AS answered_at,
            greatest(k.filed_at, max(e.at) FILTER (
                WHERE u.id IS NOT NULL OR e.new = 'IN_PROGRESS_GOOGLE_SUPPORT')) AS at
        FROM unsettled JOIN support_case k ON k.id = unsettled.id
        LEFT JOIN support_caseevent e ON e.case_id = k.id
        LEFT JOIN accounts_user u ON u.id = e.by_id AND u.customer_id IS NULL AND u.reseller_id IS NULL
            AND e.kind IN ('commented', 'state_changed', 'attached')
        GROUP BY k.id
    ) f
    WHERE f.id = c.id
"""  # noqa: S608  constants
BATCH: Final = 500


def repairs() -> Iterator[int]:
    """Give cases the due time that their state asks for where another release left one out; yields how many had none.

    For a sweep: it waits for nobody, and where nothing is missing nothing is written.
    """
    repaired = BATCH
    while repaired == BATCH:
        with sweep_transaction(), connection.cursor() as cursor:
            cursor.execute(_REPAIR, {"running": list(RUNNING), "batch": BATCH})
            repaired = cursor.rowcount
        yield repaired


def is_late() -> Q:
    """Return the condition that a due time has passed, by the database's clock."""
    return Q(due_at__lte=Now())


def with_lateness(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Add `is_late` to cases."""
    # A due time that is not there is compared as false, not as unknown.
    late = ExpressionWrapper(is_late() & Q(due_at__isnull=False), output_field=BooleanField())
    return cases.annotate(is_late=late)


def draw_due_time(case: Case) -> list[str]:
    """Draw the due time of a locked case from `due_from` and its priority; returns the fields to save.

    To a test case nothing is ever due.
    """
    is_running = case.state in RUNNING and not case.test_case
    case.due_at = case.due_from + ANSWER_WITHIN[Priority(case.priority)] if is_running else None
    return ["due_at"]


def follow_state(case: Case, old: State, now: datetime) -> list[str]:
    """Move the due time of a locked case on by the time it waited for the customer; returns the fields to save.

    A case that is reopened begins from now. old: the state before the one that the case has now.
    """
    if case.waiting_since is not None and case.state != State.ACTION_REQUIRED:
        case.due_from += now - case.waiting_since
        case.waiting_since = None
    elif case.waiting_since is None and case.state == State.ACTION_REQUIRED:
        case.waiting_since = now
    if old == State.CLOSED:
        case.due_from = now
    return ["due_from", "waiting_since", *draw_due_time(case)]


def note_answer(case: Case, now: datetime) -> list[str]:
    """Let the time to the next update of a locked case run from this answer; returns the fields to save."""
    case.answered_at = case.answered_at or now
    case.due_from = now
    if case.waiting_since is not None:
        case.waiting_since = now
    return ["answered_at", "due_from", "waiting_since", *draw_due_time(case)]
