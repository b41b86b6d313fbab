"""Whether there is a worker for each queue, and a scheduler: each of them says so in a row every ten seconds.

By the database's clock. Who says it, and when it is no longer true: reseller_console/heart.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db.models import F
from django.db.models.functions import Now

from accounts.models import Heartbeat

# The row of the scheduler; workers have one for each of their queues.
SCHEDULER: Final = "scheduler"
# Seconds between two beats, and how old the last one may be: readiness fails within a minute of a standstill.
INTERVAL: Final = 10
OLDEST: Final = 30


def beat(names: Iterable[str]) -> None:
    """Say that there is someone. In one order, so that two workers never wait for each other in a circle."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, beat_at=Now()) for name in sorted(names)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at"],
    )


def ages(names: Iterable[str]) -> dict[str, float | None]:
    """Return how many seconds ago each was last heard of; None where it never was."""
    found = dict(Heartbeat.objects.annotate(age=Now() - F("beat_at")).values_list("name", "age"))
    return {name: round(found[name].total_seconds(), 1) if name in found else None for name in names}


def is_fresh(age: float | None) -> bool:
    """Tell whether a beat of that age says that someone is there. One of the future does not: a clock was set back."""
    return age is not None and abs(age) <= OLDEST
