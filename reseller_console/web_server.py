"""How gunicorn's worker processes end, so that a request that comes meanwhile is answered, here or elsewhere.

gunicorn's own stop accepting and go on listening until all is finished: who connects in those seconds is let in by the
kernel, and cut off at the end. The front must not send a form twice that may have been worked on, so it was lost.
"""

from __future__ import annotations

from typing import Any

from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Takes in what waits at the door and closes it, once it was told to end; then finishes what it has."""

    def set_accept_enabled(self, enabled: bool) -> None:
        """Begin or stop to accept; for good where this process ends."""
        super().set_accept_enabled(enabled)
        if not self.alive and not enabled:
            for listener in self.sockets:
                self._take_in(listener)
                listener.close()
            self.sockets: list[Any] = []

    def _take_in(self, listener: Any) -> None:
        accepted = -1
        while accepted != self.nr_conns:
            accepted = self.nr_conns
            self.accept(listener)
