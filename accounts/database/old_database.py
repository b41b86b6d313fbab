"""Reads the database that a restore has put aside: what it still knows that the backup does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg2
from django.db import connection

from accounts.errors import Refused

FIELD = "--old-database"


@dataclass(frozen=True, slots=True)
class LostEvent:
    """One event of the audit log that the backup does not have."""

    at: datetime
    name: str
    actor: str
    domain: str
    subject: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class OldDatabase:
    """An open connection to it; nothing is ever written."""

    session: Any

    def lost_events(self, since: datetime) -> list[LostEvent]:
        """Return what happened after a moment. No verb changes anything without an event (A1)."""
        rows = self._rows(
            "SELECT e.at, e.name, e.actor_email, coalesce(c.primary_domain, ''), e.subject, e.old_value, e.new_value"
            " FROM accounts_auditevent e LEFT JOIN accounts_customer c ON c.id = e.customer_id"
            " WHERE e.at > %s ORDER BY e.id",
            [since],
        )
        return [LostEvent(*row) for row in rows]

    def allowed(self) -> set[tuple[int, int, int | None]]:
        """Return the access that was allowed last: customer, reseller and subscription, None for the console."""
        return set(
            self._rows("SELECT customer_id, reseller_id, subscription_id FROM subscriptions_accessgrant WHERE allowed")
        )

    def last_numbers(self) -> dict[str, int]:
        """Return the last number that each sequence gave."""
        return dict(
            self._rows(
                "SELECT sequencename::text, last_value FROM pg_sequences"
                " WHERE schemaname = 'public' AND last_value IS NOT NULL"
            )
        )

    def _rows(self, sql: str, params: list[Any] | None = None) -> list[Any]:
        try:
            with self.session.cursor() as cursor:
                cursor.execute(sql, params)
                return list(cursor.fetchall())
        except psycopg2.Error as error:
            raise Refused(f"This database cannot be read: {error}".strip(), FIELD) from error


@contextmanager
def opened(where: str | None) -> Iterator[OldDatabase | None]:
    """Open the old database, or give None where there is none.

    where: its name on the same server, as the same role, or its URL. Raises Refused.
    """
    if not where:
        yield None
        return
    try:
        if "://" in where:
            session = psycopg2.connect(where)
        else:
            own = connection.get_connection_params()
            session = psycopg2.connect(**{**own, "dbname": where, "cursor_factory": None})
    except psycopg2.Error as error:
        raise Refused(f"This database cannot be opened: {error}".strip(), FIELD) from error
    try:
        session.set_session(readonly=True)
        yield OldDatabase(session)
    finally:
        session.close()
