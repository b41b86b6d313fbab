"""The processes of the demo beside the two servers: what they run, and what they print."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reseller_console.local import places, processes
from reseller_console.local.processes import Child

# A service that ends more often than this in a minute is given up.
RESTARTS_PER_MINUTE = 5


class GivenUpError(Exception):
    """A process ends again and again."""


@dataclass
class Restarts:
    """How often something was started again in the last minute."""

    times: deque[float] = field(default_factory=deque)

    def count(self, name: str) -> None:
        """Note one restart.

        Raises:
            GivenUpError: there were too many.
        """
        now = time.monotonic()
        self.times.append(now)
        while self.times[0] < now - 60:
            self.times.popleft()
        if len(self.times) > RESTARTS_PER_MINUTE:
            raise GivenUpError(f"{name} ended {len(self.times)} times within a minute.")


@dataclass(eq=False)
class Service:
    """One process, with its output on a pipe."""

    name: str
    argv: list[str]
    environment: Mapping[str, str]
    child: Child | None = None
    restarts: Restarts = field(default_factory=Restarts)
    _unfinished_line: bytes = b""

    def start(self) -> int:
        """Start it; returns the file descriptor of its output."""
        self.child = processes.start(
            [sys.executable, *self.argv],
            cwd=places.CHECKOUT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self.child.popen.stdout is not None
        os.set_blocking(self.child.popen.stdout.fileno(), False)
        return self.child.popen.stdout.fileno()

    def ended(self) -> bool:
        """Whether it was started and is gone."""
        return self.child is not None and self.child.popen.poll() is not None

    def lines(self) -> list[str]:
        """The complete lines it printed since the last call; at its end also an incomplete one."""
        assert self.child is not None and self.child.popen.stdout is not None
        printed = b""
        while chunk := self.child.popen.stdout.read(65536):
            printed += chunk
        *complete, self._unfinished_line = (self._unfinished_line + printed).split(b"\n")
        if self.ended() and self._unfinished_line:
            complete.append(self._unfinished_line)
            self._unfinished_line = b""
        return [line.decode(errors="replace") for line in complete]


def web(port: int, logs: Path, environment: Mapping[str, str]) -> Service:
    """The web server; requests are noted in a file, trouble is shown."""
    options = ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--worker-class", "gthread", "--threads", "4"]
    options += ["--log-level", "warning", "--access-logfile", str(logs / "access.log"), "--no-control-socket"]
    options += ["--config", "python:reseller_console.web_server"]
    # Seconds: a browser's idle connection must not hold up the end.
    options += ["--graceful-timeout", "3"]
    return Service("web", ["-m", "gunicorn", *options, "reseller_console.wsgi"], environment)


def worker(environment: Mapping[str, str]) -> Service:
    """The Celery worker that makes access changes effective, and does all other work but mail."""
    return _worker("worker", ["--exclude-queues", "mail", "--concurrency", "2"], environment)


def mail_worker(environment: Mapping[str, str]) -> Service:
    """The Celery worker that sends mail."""
    return _worker("mail", ["--queues", "mail", "--concurrency", "1", "--hostname", "mail@%h"], environment)


def _worker(name: str, which: list[str], environment: Mapping[str, str]) -> Service:
    options = ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", *which]
    # The demo of a person who works as root; the production image has an account of its own.
    quiet = ["-W", "ignore:You're running the worker with superuser privileges"]
    return Service(name, [*quiet, "-m", "celery", "-A", "reseller_console", "-q", "worker", *options], environment)


def sealer(environment: Mapping[str, str], key: str, url: str) -> Service:
    """The process that seals the audit log; it alone is told the key, and the URL of the role that writes seals."""
    own = {"AUDIT_SEAL_KEY": key, "DATABASE_SEALER_URL": url, "DATABASE_URL": "", "DATABASE_OWNER_URL": ""}
    return Service("sealer", ["manage.py", "seal_audit_log"], {**environment, **own})


def beat(environment: Mapping[str, str]) -> Service:
    """The scheduler of the sweeps."""
    options = ["--loglevel", "WARNING", "--pidfile", ""]
    return Service("beat", ["-m", "celery", "-A", "reseller_console", "-q", "beat", *options], environment)
