"""The web server as the image starts it, on a port of its own and on the database of the test."""

from __future__ import annotations

import http.client
import json
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from reseller_console.local import places, processes
from reseller_console.local.processes import Child
from reseller_console.local.valkey import free_port
from tests import servers

# Seconds until the first answer; it takes about three on an idle machine.
READY_LIMIT = 60.0


def command() -> list[str]:
    """What the Dockerfile starts, without the program and where it listens."""
    found = re.findall(r"^CMD (\[.*\])$", (places.CHECKOUT / "Dockerfile").read_text(), re.MULTILINE)
    program, bind, where, *options = json.loads(found[-1])
    assert (program, bind, where) == ("gunicorn", "--bind", "0.0.0.0:8000")
    return list(options)


@dataclass
class Web:
    """One gunicorn that can be stopped and started again where it was."""

    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    worker_class: str = "reseller_console.web_server.Worker"
    _child: Child | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        argv = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", *command()]
        argv[argv.index("--worker-class") + 1] = self.worker_class
        self._child = servers.started(argv, self.log, {"TRUSTED_PROXY_COUNT": "1", **self.environment})
        deadline = time.monotonic() + READY_LIMIT
        while not self._answers():
            if self._child.popen.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the web server did not start:\n{self.log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it as a deployment does: what is under way is finished."""
        if self._child:
            processes.stop(self._child, grace=40)
            self._child = None

    def kill(self) -> None:
        """End it at once."""
        if self._child:
            processes.kill(self._child)
            self._child = None

    @property
    def pid(self) -> int:
        """The process id of its master."""
        assert self._child is not None, "not started"
        return self._child.popen.pid

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection to it, past every front."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def _answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/health/live", timeout=5):
                return True
        except (URLError, OSError):
            return False
