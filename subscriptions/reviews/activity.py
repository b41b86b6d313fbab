"""What is true of the lines of a review now, and how much each was used: asked of the database, never kept (R22).

A fixed number of statements, however many lines there are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from django.db import connection

from accounts.models.event_names import EventName
from subscriptions.models import Review
from subscriptions.models.review import LineKind
from subscriptions.reviews.kinds import kinds

# Coming in and going out frame a visit, and are no changes.
_FRAME: Final = f"('{EventName.RESELLER_CONSOLE_ENTERED}', '{EventName.RESELLER_CONSOLE_LEFT}')"
# By everybody of the reseller: visits, and what the customer's audit log has of its people.
BY_RESELLER: Final = """
    SELECT p.last_used_at, p.visits, p.changes FROM pairs p
    WHERE p.customer_id = l.customer_id AND p.reseller_id = l.reseller_id"""
_PAIRS: Final = f"""
    SELECT p.customer_id, p.reseller_id, greatest(s.last_at, e.last_at) AS last_used_at, s.visits, e.changes
    FROM (SELECT DISTINCT customer_id, reseller_id, counts_from FROM chosen) p
    CROSS JOIN LATERAL (
        SELECT max(s.last_seen_at) AS last_at, count(*) FILTER (WHERE s.entered_at >= p.counts_from) AS visits
        FROM accounts_consolesession s WHERE s.reseller_id = p.reseller_id AND s.customer_id = p.customer_id
    ) s
    CROSS JOIN LATERAL (
        SELECT max(e.at) AS last_at, count(*) FILTER (WHERE e.at >= p.counts_from) AS changes
        FROM accounts_auditevent e WHERE e.customer_id = p.customer_id AND e.actor_reseller_id = p.reseller_id
            AND e.name NOT IN {_FRAME}
    ) e"""  # noqa: S608  constants


# By a service account of the one that reviews, wherever it worked; visits are those of a reseller's at its customers.
OWN_CHANGES: Final = """
    SELECT a.last_used_at, (
        SELECT count(*) FROM accounts_consolesession s
        WHERE s.reseller_id = l.reseller_id AND s.client_id = a.id AND s.entered_at >= l.counts_from
    ), coalesce(own.changes, 0) FROM accounts_serviceaccount a LEFT JOIN own ON own.client_id = a.id
    WHERE a.id = l.about_id"""
# Once for all of them: no index knows the events of one account.
_OWN: Final = f"""
    SELECT e.client_id, count(*) AS changes
    FROM (SELECT DISTINCT customer_id, reseller_id, counts_from FROM chosen WHERE kind = '{LineKind.ACCOUNT}') p
    CROSS JOIN LATERAL (
        SELECT c.client_id FROM accounts_auditevent c
        WHERE c.customer_id = p.customer_id AND c.at >= p.counts_from AND c.client_id IS NOT NULL
        UNION ALL
        SELECT r.client_id FROM accounts_auditevent r
        WHERE p.customer_id IS NULL AND r.actor_reseller_id = p.reseller_id AND r.at >= p.counts_from
            AND r.client_id IS NOT NULL AND r.name NOT IN {_FRAME}
    ) e GROUP BY e.client_id"""  # noqa: S608  constants


def by_agents(condition: str, *, at: str = "s.customer_id = l.customer_id") -> str:
    """Return the SQL of what some agents did during their visits.

    condition: on the agent of a session `s`. at: on its customer, by default that of the line.
    """
    return f"""
        SELECT max(s.last_seen_at), count(*) FILTER (WHERE s.entered_at >= l.counts_from),
            coalesce(sum(e.changes), 0)::bigint
        FROM accounts_consolesession s LEFT JOIN LATERAL (
            SELECT count(*) AS changes FROM accounts_auditevent e
            WHERE e.console_session_id = s.id AND e.actor_id = s.agent_id AND e.name NOT IN {_FRAME}
        ) e ON s.entered_at >= l.counts_from
        WHERE {at} AND s.reseller_id = l.reseller_id AND {condition}"""  # noqa: S608  constants


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of a line at this instant. is_live: whether what it is about is still there."""

    is_live: bool
    level: str
    ends_at: datetime | None
    generation: int
    last_used_at: datetime | None
    visits: int
    changes: int


def facts_of(lines: Collection[int]) -> dict[int, Facts]:
    """Return what is true of these lines, by their ids."""
    with connection.cursor() as cursor:
        cursor.execute(_facts_sql("l.id = ANY(%s)"), [list(lines)])
        return {pk: Facts(*facts) for pk, *facts in cursor.fetchall()}


def write_facts(review: Review) -> None:
    """Write into every line that nobody decided what is true of it now: the review ends."""
    facts = _facts_sql("l.review_id = %(review)s AND l.decision = ''")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE subscriptions_reviewline line SET level = f.level, ends_at = f.ends_at,
                last_used_at = f.last_used_at, visits = f.visits, changes = f.changes,
                decision = CASE WHEN f.is_live THEN '' ELSE 'ended' END,
                decided_at = CASE WHEN f.is_live THEN NULL ELSE statement_timestamp() END
            FROM ({facts}) f WHERE line.id = f.id""",  # noqa: S608  constants
            {"review": review.pk},
        )


def number_left(review: Review, *, at_most: int | None = None) -> int:
    """Return how many lines wait for a decision, without those whose subject has ended; counted as far as `at_most`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*) FROM (
                SELECT FROM subscriptions_reviewline l JOIN LATERAL ({_of_kinds("now")}) now ON TRUE
                WHERE l.review_id = %s AND l.decision = '' LIMIT %s
            ) waiting""",  # noqa: S608  constants
            [review.pk, at_most],
        )
        return int(cursor.fetchone()[0])


def _of_kinds(asked: str) -> str:
    """Return the SELECT that asks the kind of a line `l` for what is true of it: `now`, or how it was `used`."""
    return " UNION ALL ".join(
        f"(SELECT x.* FROM ({getattr(kind, asked)}) x WHERE l.kind = '{name}')"  # noqa: S608  constants
        for name, kind in kinds().items()
    )


@cache
def _facts_sql(chosen: str) -> str:
    """Return the statement for some lines. chosen: the condition on a line `l`."""
    return f"""
        WITH chosen AS MATERIALIZED (
            SELECT l.*, v.counts_from FROM subscriptions_reviewline l JOIN subscriptions_review v ON v.id = l.review_id
            WHERE {chosen}
        ), pairs AS MATERIALIZED ({_PAIRS}), own AS MATERIALIZED ({_OWN})
        SELECT l.id, now.generation IS NOT NULL AS is_live, coalesce(now.level, '') AS level, now.ends_at,
            coalesce(now.generation, 0) AS generation, used.last_used_at, coalesce(used.visits, 0) AS visits,
            coalesce(used.changes, 0) AS changes
        FROM chosen l
        LEFT JOIN LATERAL ({_of_kinds("now")}) now (level, ends_at, generation) ON TRUE
        LEFT JOIN LATERAL ({_of_kinds("used")}) used (last_used_at, visits, changes) ON TRUE"""  # noqa: S608
