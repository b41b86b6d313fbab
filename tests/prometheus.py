"""Debian's prometheus and promtool, and one that runs for a test."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from reseller_console.local import places, processes
from reseller_console.local.processes import Child
from reseller_console.local.valkey import free_port

DEPLOY = places.CHECKOUT / "deploy" / "prometheus"
# Seconds; it takes one.
START_LIMIT = 60.0


def program(name: str) -> str:
    """A program of Debian's package; without it the test is skipped, and in continuous integration it fails."""
    found = shutil.which(name)
    if found is None:
        reason = f"no {name} on this machine: on Debian and Ubuntu apt install prometheus"
        if "CI" in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@dataclass
class Prometheus:
    """One running Prometheus with the files of deploy/prometheus, word for word but for what is given.

    Attributes:
        directory: where its files and its data are.
        changes: what stands in those files, and what stands here in its place.
    """

    directory: Path
    changes: Mapping[str, str]
    port: int = field(default_factory=free_port)
    _child: Child | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        executable = program("prometheus")
        self._write()
        log = self.directory / "log"
        argv = [
            executable,
            f"--config.file={self.directory / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.directory / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]
        with log.open("ab") as out:
            self._child = processes.start(argv, cwd=self.directory, stdout=out, stderr=out)
        deadline = time.monotonic() + START_LIMIT
        while not self._is_ready():
            if self._child.popen.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"Prometheus did not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it."""
        if self._child:
            processes.stop(self._child)
            self._child = None

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """Return what an expression gives now: its labels and values."""
        found: list[dict[str, Any]] = self._get(f"query?{urlencode({'query': expression})}")["result"]
        return found

    def number(self, expression: str) -> float | None:
        """Return the one number that an expression gives; None where it gives nothing."""
        found = self.ask(expression)
        return float(found[0]["value"][1]) if found else None

    def alerts(self) -> dict[str, dict[str, Any]]:
        """Return the alerts that fire, by their names."""
        found = self._get("alerts")["alerts"]
        return {alert["labels"]["alertname"]: alert for alert in found if alert["state"] == "firing"}

    def targets(self) -> dict[str, str]:
        """Return how each web server was, by its name; empty where all is well: what went wrong."""
        return {each["labels"]["instance"]: each["lastError"] for each in self._get("targets")["activeTargets"]}

    def _get(self, path: str) -> Any:
        with urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}", timeout=10) as answer:
            return json.load(answer)["data"]

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5):
                return True
        except (URLError, OSError):
            return False

    def _write(self) -> None:
        left = set(self.changes)
        for file in DEPLOY.glob("*.yml"):
            text = file.read_text()
            for here, there in self.changes.items():
                if here in text:
                    left.discard(here)
                    text = text.replace(here, there)
            (self.directory / file.name).write_text(text)
        assert not left, f"{left} is not in deploy/prometheus any more"
