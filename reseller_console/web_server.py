"""How gunicorn runs this product: `--config python:reseller_console.web_server` and the class of its workers.

gunicorn's own stop accepting and go on listening until all is finished: a client that connects in those seconds is let
in by the kernel, and cut off at the end. The front must not send a form twice that may have been worked on, so it was
lost.
"""

from __future__ import annotations

import select
import time
from typing import Any, Final

from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from reseller_console import garbage
from reseller_console.listeners import is_open_elsewhere, let_nobody_new_in
from reseller_console.metrics import files

# Seconds in which a connection that had begun before is complete: the way to the front and back.
_UNDER_WAY: Final = 0.02
# Seconds for all of them: where another worker goes on, new ones come without end.
_AT_MOST: Final = 1.0


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Takes in what waits at the door and closes it, once it was told to end; then finishes what it has."""

    def set_accept_enabled(self, enabled: bool) -> None:
        """Begin or stop to accept; for good where this process ends."""
        super().set_accept_enabled(enabled)
        if not self.alive and not enabled:
            for listener in self.sockets:
                if not is_open_elsewhere(listener, self.ppid):
                    let_nobody_new_in(listener)
                self._take_in(listener)
                listener.close()
            self.sockets: list[Any] = []

    def _take_in(self, listener: Any) -> None:
        until = time.monotonic() + _AT_MOST
        while time.monotonic() < until and select.select([listener], [], [], _UNDER_WAY)[0]:
            self.accept(listener)


class Log(Logger):  # type: ignore[misc]  # as above
    """gunicorn's own lines, written as all others are."""

    def setup(self, cfg: Any) -> None:
        """Take over where the lines go, and not how they look."""
        super().setup(cfg)
        from reseller_console.log_lines import formatter  # noqa: PLC0415  reads the settings

        for handler in self.error_log.handlers:
            handler.setFormatter(formatter())


# --- What gunicorn reads here, by these names ---------------------------------------------------

logger_class = Log


def on_starting(server: Any) -> None:
    """Before the first worker: the place in which they count together, beside their heartbeats."""
    files.begin(server.cfg.worker_tmp_dir)


def post_worker_init(worker: Any) -> None:
    """A worker has loaded the application."""
    garbage.look_less_often()


def child_exit(server: Any, worker: Any) -> None:
    """A worker has ended, in whatever way."""
    try:
        files.put_away(worker.pid)
    except Exception:  # what is only counted must not end the web server
        server.log.exception("what worker %s has counted could not be kept", worker.pid)


def on_exit(server: Any) -> None:
    """The web server ends."""
    files.end()
