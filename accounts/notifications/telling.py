"""Tells those who must know: turns events into notifications, and these into mail (R25).

An event that is still to be told is a row of its own (UntoldEvent), written with it. A step takes a hundred of them,
writes a notification for each recipient, queues the mails, and deletes the rows, in one transaction: a worker that
dies anywhere has done none of it. Where that fails each event is told alone, and one that cannot be told waits. How
many people hear of an event changes nothing in the number of statements.

Who is told is asked when that is done, some seconds after the event; whether they may still read it is asked again
when it is shown or sent (reading.py).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet

from accounts.background.nudging import nudge_after_commit
from accounts.database.time_limits import sweep_transaction
from accounts.mail.post import SEND_DUE_MAILS
from accounts.models import UntoldEvent
from accounts.models.event_names import EventName
from accounts.models.notices import HowSoon, Topic
from accounts.notices.table import NOTICES
from accounts.notices.told import Audience
from accounts.notices.topics import DEFAULTS
from accounts.notifications.audiences import audiences
from accounts.notifications.mails import MailKind

logger = logging.getLogger(__name__)

# Events of one step: a person who hears of several of them gets one mail about them.
BATCH: Final = 100
# One mail a day: it goes out this long after the first thing that it tells.
DIGEST_AFTER: Final = "24 hours"
# Recipients of one step.
DIGESTS: Final = 1_000
# Any number of ours: two workers never queue the same person's digest at once.
_DIGEST_LOCK: Final = 7_341_925

_COLUMNS = "(kind, recipient_id, once, attempts, dropped_because, error)"
# Of the notifications of this step, which `n` are in {chosen}, one mail for each recipient.
_MAIL_AT_ONCE = f"""
    WITH mail AS (
        INSERT INTO accounts_mail {_COLUMNS}
        SELECT '{MailKind.NOTICES}', n.recipient_id, FALSE, 0, '', '' FROM accounts_notification n
        WHERE {{chosen}} AND n.mailing = '{HowSoon.AT_ONCE}' AND n.mail_id IS NULL
        GROUP BY n.recipient_id RETURNING id, recipient_id
    )
    UPDATE accounts_notification n SET mail_id = mail.id FROM mail
    WHERE n.recipient_id = mail.recipient_id AND {{chosen}}
        AND n.mailing = '{HowSoon.AT_ONCE}' AND n.mail_id IS NULL
"""  # noqa: S608  constants
_WAITS = f"n.mailing = '{HowSoon.DAILY}' AND n.mail_id IS NULL AND n.read_at IS NULL"
_DIGEST = f"""
    WITH due AS (
        SELECT n.recipient_id FROM accounts_notification n WHERE {_WAITS}
        GROUP BY n.recipient_id HAVING min(n.created_at) <= statement_timestamp() - interval '{DIGEST_AFTER}'
        LIMIT {DIGESTS}
    ), mail AS (
        INSERT INTO accounts_mail {_COLUMNS}
        SELECT '{MailKind.NOTICES_OF_A_DAY}', recipient_id, FALSE, 0, '', '' FROM due RETURNING id, recipient_id
    ), told AS (
        UPDATE accounts_notification n SET mail_id = mail.id FROM mail
        WHERE n.recipient_id = mail.recipient_id AND {_WAITS}
    )
    SELECT count(*) FROM mail
"""  # noqa: S608  constants


def steps() -> Iterator[int]:
    """Tell what is untold and queue the digests that are due, step by step; yields how much each did."""
    while told := tell():
        yield told
    while digests := queue_digests():
        yield digests


def tell() -> int:
    """Tell of the oldest untold events; returns of how many."""
    oldest = UntoldEvent.objects.order_by("pk")
    try:
        with sweep_transaction():
            return _tell(oldest[:BATCH])
    except Exception:
        # One event that cannot be told, whatever the reason, must not hold up the others: it stays untold.
        logger.exception("a batch of events could not be told; telling them one by one")
        return sum(_tell_alone(event.pk) for event in oldest[:BATCH])


def _tell_alone(event_id: int) -> int:
    try:
        with sweep_transaction():
            return _tell(UntoldEvent.objects.filter(pk=event_id))
    except Exception:
        logger.exception("event %s could not be told", event_id)
        return 0


def _tell(untold: QuerySet[UntoldEvent]) -> int:
    events = [event.pk for event in untold.select_for_update(skip_locked=True)]
    if events:
        with connection.cursor() as cursor:
            cursor.execute(_notify_sql(), {"events": events})
        mail_at_once("n.event_id = ANY(%s)", events)
        UntoldEvent.objects.filter(pk__in=events).delete()
    return len(events)


def mail_at_once(chosen: str, ids: Collection[int]) -> None:
    """Queue one mail for each recipient about those of some notifications `n` that are to be told at once.

    chosen: the SQL condition on them, with one place for the ids.
    """
    with _without_nested_loops() as cursor:
        cursor.execute(_MAIL_AT_ONCE.format(chosen=chosen), [list(ids), list(ids)])
        has_mails = cursor.rowcount > 0
    if has_mails:
        nudge_after_commit(SEND_DUE_MAILS)


@contextmanager
def _without_nested_loops() -> Iterator[CursorWrapper]:
    """Give a cursor for statements that join what they have just written; needs an open transaction.

    No statistics know how many that are. The planner expects a handful, as most events have, and would look through
    all mails for each notification: 77 s for 10,000 recipients, where hashing them takes one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield cursor
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")


@transaction.atomic
def queue_digests() -> int:
    """Queue the mails of those for whom a day is over; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_DIGEST_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    with _without_nested_loops() as cursor:
        cursor.execute(_DIGEST)
        queued = int(cursor.fetchone()[0])
    if queued:
        nudge_after_commit(SEND_DUE_MAILS)
    return queued


@cache
def _notify_sql() -> str:
    """Return the statement that writes the notifications of some events, for everybody in the table.

    Who is told is found once, before it is joined: where the statistics are old the planner would otherwise look for
    them anew for each user.
    """
    candidates = "\n UNION ALL ".join(_candidates())
    return f"""
        WITH batch AS MATERIALIZED (
            SELECT e.*, w.about_id FROM accounts_untoldevent w JOIN accounts_auditevent e ON e.id = w.event_id
            WHERE w.event_id = ANY(%(events)s)
        ), told AS MATERIALIZED (
            {candidates}
        )
        INSERT INTO accounts_notification (recipient_id, kind, event_id, about_id, audience, mailing, created_at)
        SELECT DISTINCT ON (t.event_id, r.id) r.id, 'event', t.event_id, t.about_id, t.audience,
            CASE WHEN NOT t.mails THEN '' ELSE {SOON} END, statement_timestamp()
        FROM told t
        JOIN accounts_user r ON r.id = t.person_id AND r.is_active AND r.id IS DISTINCT FROM t.actor_id
        LEFT JOIN accounts_noticepreference p ON p.person_id = r.id AND p.topic = t.topic
        WHERE {SOON} <> '{HowSoon.NEVER}'
        ORDER BY t.event_id, r.id, t.place
        ON CONFLICT (event_id, recipient_id) DO NOTHING
    """  # noqa: S608  the table and its audiences, all constants


# Whoever became a super admin after they had chosen never hears at once all the same.
SOON = f"""CASE WHEN t.topic = '{Topic.ACCESS}' AND r.customer_id IS NOT NULL AND p.how_soon = '{HowSoon.NEVER}'
    THEN '{HowSoon.AT_ONCE}' ELSE coalesce(p.how_soon, t.how_soon) END"""


def _candidates() -> Iterator[str]:
    groups: dict[tuple[int, Audience, Topic, bool], list[EventName]] = {}
    for name, notice in NOTICES.items():
        for place, told in enumerate(notice.told):
            group = (place, told.audience, told.topic or notice.topic, told.mails)
            groups.setdefault(group, []).append(name)
    for (place, audience, topic, mails), names in groups.items():
        events = ", ".join(f"'{name}'" for name in names)
        yield f"""
            SELECT e.id AS event_id, e.about_id, e.actor_id, people.id AS person_id, '{audience}' AS audience,
                {place} AS place, '{topic}' AS topic, '{DEFAULTS[topic]}' AS how_soon, {mails} AS mails
            FROM batch e CROSS JOIN LATERAL ({audiences()[audience].people}) people (id)
            WHERE e.name IN ({events})"""  # noqa: S608  constants
