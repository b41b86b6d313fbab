"""Reminds those who decide of a deadline: 14, 7 and 1 day before, each once (R22, R25)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db import connection, transaction

from accounts.models.entries import NotificationKind
from accounts.models.notices import HowSoon
from accounts.notices.reminders import REVIEW_REMINDERS
from accounts.notices.topics import DEFAULTS
from accounts.notifications.audiences import audiences
from accounts.notifications.telling import SOON, mail_at_once

# Reviews of one step.
BATCH: Final = 200
# Any number of ours: two workers never remind of the same deadline.
_LOCK: Final = 7_341_927

_DUE = f"""
    SELECT v.id, s.days_before FROM subscriptions_review v
    CROSS JOIN LATERAL (SELECT CASE
        WHEN v.deadline <= statement_timestamp() + interval '1 day' THEN 1
        WHEN v.deadline <= statement_timestamp() + interval '7 days' THEN 7
        ELSE 14 END AS days_before OFFSET 0) s
    WHERE v.finished_at IS NULL AND v.deadline > statement_timestamp()
        AND v.deadline <= statement_timestamp() + interval '14 days' AND NOT EXISTS (
            SELECT 1 FROM accounts_notification n WHERE n.kind = '{NotificationKind.REMINDER}'
            AND n.about_id = v.id AND n.moment = v.deadline AND n.days_before = s.days_before
        )
    ORDER BY v.deadline LIMIT {BATCH}
"""  # noqa: S608  constants
_PEOPLE = " UNION ALL ".join(
    f"""SELECT '{told.audience}' AS audience, '{told.topic}' AS topic, '{DEFAULTS[told.topic]}' AS how_soon, people.id
    FROM ({{{told.audience}}}) people (id)"""  # noqa: S608  constants
    for told in REVIEW_REMINDERS
    if told.topic
)
_AUDIENCES = ", ".join(f"'{told.audience}'" for told in REVIEW_REMINDERS)
_REMIND = f"""
    INSERT INTO accounts_notification
        (recipient_id, kind, about_id, audience, moment, days_before, said, mailing, created_at)
    SELECT r.id, '{NotificationKind.REMINDER}', t.review_id, t.audience, t.deadline, t.days_before,
        jsonb_build_object('customer', t.customer_id, 'reseller', ''), {SOON}, statement_timestamp()
    FROM (
        SELECT v.id AS review_id, v.customer_id, v.deadline, due.days_before, people.*
        FROM unnest(%s::bigint[], %s::int[]) due (id, days_before) JOIN subscriptions_review v ON v.id = due.id
        CROSS JOIN LATERAL ({{people}}) people
    ) t
    JOIN accounts_user r ON r.id = t.id AND r.is_active
    LEFT JOIN accounts_noticepreference p ON p.person_id = r.id AND p.topic = t.topic
    WHERE {SOON} <> '{HowSoon.NEVER}'
    ON CONFLICT DO NOTHING
"""  # noqa: S608  constants


def review_reminders() -> Iterator[int]:
    """Remind of the deadlines that are near, step by step; yields of how many each did."""
    while done := remind_of_reviews():
        yield done


@transaction.atomic
def remind_of_reviews() -> int:
    """Remind of those that are nearest; returns of how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_DUE)
        due = cursor.fetchall()
        if not due:
            return 0
        people = _PEOPLE.format(**{told.audience.value: audiences()[told.audience].people for told in REVIEW_REMINDERS})
        ids, days = [pk for pk, _days in due], [days for _pk, days in due]
        cursor.execute(_REMIND.format(people=people), [ids, days])
        reminded = cursor.rowcount
    mail_at_once(f"n.audience IN ({_AUDIENCES}) AND n.about_id = ANY(%s)", ids)
    # Where nobody is there to be reminded, it would be found again and again: the next sweep is soon enough.
    return len(due) if reminded else 0
