"""A log that tests write, seal, and tamper with as a superuser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
from django.db import transaction

from accounts.audit import EventName, record_audit
from accounts.models import Seal
from accounts.seals.keys import signing_key
from accounts.seals.records import records
from accounts.seals.sealer import Sealer
from accounts.seals.sealing import seal_next
from accounts.seals.verifying import Verdict, verify
from reseller_console.local.postgres import DATABASE, SEALER, Postgres
from tests import servers

# Made for these tests.
KEY = "MC4CAQAwBQYDK2VwBCIEIMvuH9hoLvKWJrvslgYBaqjrXhSio1tg0wGmBgDjPtV1"
ANOTHER_KEY = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/v52klo5u5P5sVNsGoTwjcfYYaGsyzGsM8pC"
EVENTS = "accounts_auditevent"
INSERT = (
    f"INSERT INTO {EVENTS} (name, actor_kind, actor_email, actor_organisation, on_behalf_of, subject)"
    " VALUES ('CREATE_USER', 'system', '', '', '', %s) RETURNING id"
)


def run(server: Postgres, statement: str, *values: Any, database: str = DATABASE, user: str = "postgres") -> list[Any]:
    """Run SQL as the superuser, with nothing that refuses it."""
    with closing(psycopg2.connect(server.url(database, user))) as session, session.cursor() as cursor:
        session.autocommit = True
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


@dataclass
class Log:
    """The log of one test. outside: the folder of the seals. sealer: one process, as long as the test lasts."""

    server: Postgres
    outside: Path
    sealer: Sealer = field(default_factory=lambda: Sealer(signing_key(KEY)))

    def write(self, number: int = 1, **details: Any) -> list[int]:
        """Write events, each in a transaction of its own; return their numbers."""
        written = []
        for count in range(number):
            with transaction.atomic():
                event = record_audit(
                    EventName.CREATE_USER, actor=None, customer=None, subject=f"person {count}", **details
                )
            written.append(event.pk)
        return written

    def seal(self) -> int:
        """Let the sealer look once, as its own role; return how many seals it made."""
        with servers.connected_as(SEALER):
            return self.sealer.look()

    def seal_next(self, *, at_most: int) -> int:
        """Seal the next events as the sealer's own role, so many of them in one seal; return how many seals it made."""
        with servers.connected_as(SEALER):
            return seal_next(self.sealer.key, at_most=at_most)

    def restarted(self) -> None:
        """Go on with a sealer that knows nothing of before."""
        self.sealer = Sealer(signing_key(KEY))

    def tamper(self, statement: str, *values: Any) -> list[Any]:
        """Do something as the superuser, with triggers off."""
        return run(self.server, f"SET session_replication_role = replica; {statement}", *values)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Put events, seals and eras back afterwards as they are now."""
        tables = (EVENTS, "accounts_seal", "accounts_sealkey", "accounts_sealera")
        for table in tables:
            self.tamper(f"DROP TABLE IF EXISTS kept_{table}; CREATE TABLE kept_{table} AS TABLE {table}")
        try:
            yield
        finally:
            for table in tables:
                self.tamper(
                    f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}; DROP TABLE kept_{table}"
                )

    def first_problem(self) -> str:
        """What verifying names first; nothing where all is well."""
        problems = verify().problems
        return problems[0] if problems else ""

    def verdict(self) -> Verdict:
        return verify()

    def sealed_ids(self) -> list[int]:
        """The numbers of all events that seals hold, in their order, of each seal."""
        seals = Seal.objects.order_by("era_id", "number")
        return [record.position.id for seal in seals for record in records(seal.leaves)]

    def files(self) -> list[str]:
        """The files of seals outside, in their order."""
        return sorted(str(path.relative_to(self.outside)) for path in self.outside.rglob("*.seal"))
