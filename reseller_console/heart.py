"""Lets a worker or the scheduler say that it works, in rows (accounts/background/heartbeats.py).

A thread writes the rows, so that a database that hangs holds up no loop; the loop tells the thread that it goes round,
so that a process that stands still, or whose pool does, is not called alive.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from typing import Any, Final

from celery import bootsteps
from celery.worker import state
from django.conf import settings
from django.db import Error, connection

from accounts.background import heartbeats

logger = logging.getLogger(__name__)

# Seconds between two signs of a worker's loop, and for how long one counts.
PULSE: Final = 5
PULSE_COUNTS: Final = 20
# Seconds at one task after which a pool process is taken for stuck; a turn takes about two.
STUCK_AFTER: Final = 60


class Heart(threading.Thread):
    """Beats at once and then every ten seconds, as long as it feels a pulse."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(name="heart", daemon=True)
        self.names = list(names)
        self._stopped = threading.Event()
        self.pulsed_at = time.monotonic()

    def pulse(self) -> None:
        """Note that the loop goes round."""
        self.pulsed_at = time.monotonic()

    def run(self) -> None:
        """Beat until stopped; a database that is away is asked again."""
        while True:
            if time.monotonic() - self.pulsed_at < PULSE_COUNTS:
                self._beat()
            if self._stopped.wait(heartbeats.INTERVAL):
                return

    def stop(self) -> None:
        """End after the beat that is under way."""
        self._stopped.set()

    def _beat(self) -> None:
        try:
            heartbeats.beat(self.names)
        except Error as error:
            logger.warning("no heartbeat was written: %s", error)
        finally:
            connection.close()  # a pool process that is started again must not inherit it


class HeartOfWorker(bootsteps.StartStopStep):
    """Beats for each queue of a worker while it consumes, and not every process of its pool is stuck."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self.heart: Heart | None = None
        self.timer: Any = None
        self.seen: dict[str, float] = {}

    def start(self, consumer: Any) -> None:
        """Begin, each time the broker has been reached."""
        self.heart = Heart(name for name in consumer.app.amqp.queues.consume_from if name in settings.SWEEPS)
        self.timer = consumer.timer.call_repeatedly(PULSE, self.feel, (consumer,))
        self.heart.start()

    def stop(self, consumer: Any) -> None:
        """End: the broker is away, or the worker ends."""
        if self.heart:
            self.heart.stop()
        if self.timer:
            self.timer.cancel()

    def feel(self, consumer: Any) -> None:
        """Pulse, unless each process of the pool has been at one task for too long."""
        now = time.monotonic()
        self.seen = {request.id: self.seen.get(request.id, now) for request in state.active_requests}
        stuck = [began for began in self.seen.values() if now - began > STUCK_AFTER]
        if self.heart and len(stuck) < consumer.pool.num_processes:
            self.heart.pulse()
