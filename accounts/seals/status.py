"""What the sealer says of itself, for /health/ready and for those who look why nothing is sealed (A5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db import connection
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from accounts.models import Sealing

# Seconds between two looks of the sealer, and how old the last one may be.
INTERVAL: Final = 60
OLDEST: Final = 5 * 60
_ROW: Final = 1


class Trouble(StrEnum):
    """Why the log is not sealed as it should be."""

    NO_SEALER = "no_sealer"
    OUTSIDE_AWAY = "outside_away"
    # The database is not the one that was sealed: an operator begins an era.
    RESTORED = "restored"
    # What is there contradicts itself: verify_audit says how.
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Status:
    """trouble: None where all is well. since: when that began; None where it was never otherwise."""

    trouble: Trouble | None
    since: datetime | None


def say_looked(*, outside_away: bool, stopped: Trouble | None) -> None:
    """Note that the sealer has looked, and what stood in its way: since when is kept while it lasts."""
    away, since = ("outside_away_since", "stopped_since")
    Sealing.objects.get_or_create(pk=_ROW)
    Sealing.objects.filter(pk=_ROW).exclude(stopped_because=stopped or "").update(stopped_since=None)
    Sealing.objects.filter(pk=_ROW).update(
        looked_at=Now(),
        stopped_because=stopped or "",
        **{
            away: Coalesce(F(away), Now()) if outside_away else None,
            since: Coalesce(F(since), Now()) if stopped else None,
        },
    )


def looked_seconds_ago() -> float | None:
    """Return how many seconds ago the sealer last looked; None where none ever did."""
    row = Sealing.objects.filter(pk=_ROW).annotate(age=Now() - F("looked_at")).values_list("age", flat=True).first()
    return row.total_seconds() if row is not None else None


def status() -> Status:
    """Return whether the log is sealed, and since when it is not. The worst trouble counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT looked_at, stopped_because, stopped_since, outside_away_since,"
            " looked_at < statement_timestamp() - %s * interval '1 second' FROM accounts_sealing WHERE id = %s",
            [OLDEST, _ROW],
        )
        row = cursor.fetchone()
    if row is None:
        return Status(Trouble.NO_SEALER, None)
    looked_at, because, stopped_since, away_since, is_late = row
    if is_late:
        return Status(Trouble.NO_SEALER, looked_at)
    if because:
        return Status(Trouble(because), stopped_since)
    return Status(Trouble.OUTSIDE_AWAY, away_since) if away_since else Status(None, None)
