"""Reminds those who must know that access ends soon: 30, 7 and 1 day before, or an hour, each once (R16, R25).

An end that was saved for a day or less has one reminder, an hour before; a longer one those that are nearer than what
was saved: a week has the one of the last day. A later end makes reminders of its own, and the old ones void.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db import connection, transaction

from accounts.models.entries import NotificationKind
from accounts.models.notices import HowSoon, Topic
from accounts.notices.reminders import REMINDERS
from accounts.notices.topics import DEFAULTS
from accounts.notifications.audiences import audiences
from accounts.notifications.telling import SOON, mail_at_once

# Consoles of one step.
BATCH: Final = 200
# Any number of ours: two workers never remind of the same end.
_LOCK: Final = 7_341_926

# How many days before, 0 for the last hour; by what is left, and by how long it was when it was saved.
_DAYS_BEFORE = """CASE
    WHEN t.long <= interval '1 day' THEN CASE
        WHEN t.rest <= interval '1 hour' AND t.long > interval '1 hour' THEN 0 END
    WHEN t.rest <= interval '1 day' THEN 1
    WHEN t.rest <= interval '7 days' AND t.long > interval '7 days' THEN 7
    WHEN t.long > interval '30 days' THEN 30
END"""
_DUE = f"""
    SELECT g.id, s.days_before FROM subscriptions_accessgrant g
    JOIN subscriptions_accesschange c ON c.grant_id = g.id AND c.generation = g.generation
    CROSS JOIN LATERAL (
        SELECT g.ends_at - statement_timestamp() AS rest, g.ends_at - c.requested_at AS long OFFSET 0
    ) t
    CROSS JOIN LATERAL (SELECT {_DAYS_BEFORE} AS days_before OFFSET 0) s
    WHERE g.allowed AND g.subscription_id IS NULL AND g.ended_at IS NULL
        AND g.ends_at > statement_timestamp() AND g.ends_at <= statement_timestamp() + interval '30 days'
        AND s.days_before IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM accounts_notification n WHERE n.kind = '{NotificationKind.REMINDER}'
            AND n.about_id = g.id AND n.moment = g.ends_at AND n.days_before = s.days_before
        )
    ORDER BY g.ends_at LIMIT {BATCH}
"""  # noqa: S608  constants
_PEOPLE = " UNION ALL ".join(
    f"SELECT '{told.audience}' AS audience, people.id FROM ({{{told.audience}}}) people (id)"  # noqa: S608  constants
    for told in REMINDERS
)
_REMIND = f"""
    INSERT INTO accounts_notification
        (recipient_id, kind, about_id, audience, moment, days_before, said, mailing, created_at)
    SELECT r.id, '{NotificationKind.REMINDER}', t.grant_id, t.audience, t.ends_at, t.days_before,
        jsonb_build_object('customer', t.customer_id, 'reseller', s.name), {SOON}, statement_timestamp()
    FROM (
        SELECT g.id AS grant_id, g.customer_id, g.reseller_id, g.ends_at, due.days_before, people.audience, people.id,
            '{Topic.ACCESS}' AS topic, '{DEFAULTS[Topic.ACCESS]}' AS how_soon
        FROM unnest(%s::bigint[], %s::int[]) due (id, days_before) JOIN subscriptions_accessgrant g ON g.id = due.id
        CROSS JOIN LATERAL ({{people}}) people
    ) t
    JOIN accounts_user r ON r.id = t.id AND r.is_active JOIN accounts_reseller s ON s.id = t.reseller_id
    LEFT JOIN accounts_noticepreference p ON p.person_id = r.id AND p.topic = t.topic
    WHERE {SOON} <> '{HowSoon.NEVER}'
    ON CONFLICT DO NOTHING
"""  # noqa: S608  constants
_AUDIENCES = ", ".join(f"'{told.audience}'" for told in REMINDERS)


def reminders() -> Iterator[int]:
    """Remind of the ends that are near, step by step; yields of how many each did."""
    while done := remind():
        yield done


@transaction.atomic
def remind() -> int:
    """Remind of those that are nearest; returns of how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_DUE)
        due = cursor.fetchall()
        if not due:
            return 0
        people = _PEOPLE.format(**{told.audience.value: audiences()[told.audience].people for told in REMINDERS})
        ids, days = [pk for pk, _days in due], [days for _pk, days in due]
        cursor.execute(_REMIND.format(people=people), [ids, days])
        reminded = cursor.rowcount
    # Reviews have reminders too, about rows of another table.
    mail_at_once(f"n.audience IN ({_AUDIENCES}) AND n.about_id = ANY(%s)", ids)
    # Where nobody is there to be reminded, it would be found again and again: the next sweep is soon enough.
    return len(due) if reminded else 0
