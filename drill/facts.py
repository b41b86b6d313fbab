"""What the database has in the end."""

from __future__ import annotations

from contextlib import closing

import psycopg2

from drill.records import Change

# What was saved for whole consoles, and from which IP address.
_CHANGES = """
SELECT given.customer_id, change.allowed, extract(epoch FROM change.requested_at)::float8,
    extract(epoch FROM change.due_at)::float8, extract(epoch FROM change.settled_at)::float8,
    coalesce(host(event.ip_address), '')
FROM subscriptions_accesschange change
JOIN subscriptions_accessgrant given ON given.id = change.grant_id AND given.subscription_id IS NULL
LEFT JOIN accounts_auditevent event ON event.access_change_id = change.id AND event.name = 'CHANGE_RESELLER_ACCESS'
ORDER BY change.id
"""


def changes(url: str) -> list[Change]:
    """Return every change of access to a console, in their order."""
    with closing(psycopg2.connect(url)) as session, session.cursor() as cursor:
        cursor.execute(_CHANGES)
        return [Change(*row) for row in cursor.fetchall()]
