"""Asks for the sweeps (settings.SWEEPS): `celery beat` runs it.

It keeps its times in memory and by a clock that nobody can set, so no file and no date can silence it. At its start
everything is due: the database knows which sweep has just been (accounts/background/sweeping.py).
"""

from __future__ import annotations

import time
from typing import Any, Final

from celery import beat
from django.conf import settings

from accounts.background import nudging
from accounts.background.heartbeats import SCHEDULER
from reseller_console.heart import PULSE, Heart


class Scheduler(beat.Scheduler):
    """Sends what is due, and says when it wants to be asked again."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.due: Final = dict.fromkeys(settings.SWEEPS, time.monotonic())
        self.heart: Heart | None = None

    def tick(self, *_unused: Any, **_options: Any) -> float:
        """Ask for every sweep that is due; return the seconds until the next one, five at most."""
        self._pulse()
        for name, sweep in settings.SWEEPS.items():
            if self.due[name] <= time.monotonic():
                self.due[name] = time.monotonic() + sweep.interval
                nudging.ask_for_sweep(sweep.task)
        return min(max(min(self.due.values()) - time.monotonic(), 0.01), PULSE)

    def _pulse(self) -> None:
        if self.heart is None:
            self.heart = Heart([SCHEDULER])
            self.heart.start()
        self.heart.pulse()
