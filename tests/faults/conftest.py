from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pytest_django import Settings

from reseller_console.local import processes
from reseller_console.local.processes import Child
from reseller_console.local.valkey import free_port
from tests import servers


class Ready(NamedTuple):
    """What /health/ready answered; status 0 and nothing said where nobody did."""

    status: int
    said: dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
def _as_in_production(application_role: None) -> None:
    """What is taken from a process is taken from one of the same role."""


@pytest.fixture(autouse=True)
def _whatever_is_saved_is_due_at_once(settings: Settings) -> None:
    settings.ACCESS_PROPAGATION_MAX = 0


@pytest.fixture
def start_gunicorn(tmp_path: Path) -> Iterator[Callable[..., int]]:
    """Starts a real gunicorn; returns its port."""
    started: list[Child] = []

    def start(environment: dict[str, str] | None = None) -> int:
        port = free_port()
        options = ["--bind", f"127.0.0.1:{port}", "--threads", "2", "--no-control-socket"]
        argv = [sys.executable, "-m", "gunicorn", "reseller_console.wsgi", *options]
        started.append(servers.started(argv, tmp_path / "web.log", environment or {}))
        return port

    yield start
    for child in started:
        processes.stop(child)


@pytest.fixture
def start_web(start_gunicorn: Callable[..., int]) -> Callable[..., Callable[[], Ready]]:
    """Starts a real gunicorn; returns what asks its readiness."""

    def start(environment: dict[str, str] | None = None) -> Callable[[], Ready]:
        port = start_gunicorn(environment)
        return lambda: _ready(port)

    return start


def _ready(port: int) -> Ready:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=10) as answer:
            return Ready(answer.status, json.load(answer))
    except urllib.error.HTTPError as error:
        return Ready(error.code, json.load(error))
    except OSError:
        return Ready(0, {})
