"""What waits for its seal, for those who watch whether the sealer is at work (A5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from accounts.seals.parts import parts

# Events that are looked at; where there are more, they are at least so many.
AT_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many final events no seal holds yet, since when the first of them waits, and for how many seconds."""

    events: int
    since: datetime | None
    seconds: float


def waiting(at_most: int = AT_MOST) -> Waiting:
    """Return what waits: on a page of the log, as far as `at_most` events."""
    behind = [
        statement for part in parts() if not part.is_over for statement in part.reads(part.sealed_up_to, limit=at_most)
    ]
    each = " UNION ALL ".join(f"(SELECT w.at FROM ({statement}) w)" for statement in behind)  # noqa: S608  ours
    age = "coalesce(extract(epoch FROM statement_timestamp() - min(w.at)), 0)::float"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), min(w.at), {age} FROM ({each}) w")  # noqa: S608  as above
        return Waiting(*cursor.fetchone())
