from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from reseller_console.local import places, processes
from tests import servers
from tests.servers import CeleryWorker

# Seconds between two sweeps here: how long a lost nudge costs.
SWEEP_INTERVAL = 1
SWEEPS = {name: str(SWEEP_INTERVAL) for name in ("ACCESS_SWEEP_INTERVAL", "JOB_SWEEP_INTERVAL")}


@pytest.fixture(autouse=True)
def _whatever_is_saved_is_due_at_once(settings: Settings) -> None:
    settings.ACCESS_PROPAGATION_MAX = 0


@pytest.fixture
def start_beat(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Starts the real scheduler, which sweeps every second."""
    started: list[processes.Child] = []

    def start() -> None:
        options = ["--schedule", str(tmp_path / "beat"), "--pidfile", "", "--loglevel", "INFO"]
        with (tmp_path / "beat.log").open("ab") as log:
            started.append(
                processes.start(
                    [sys.executable, "-m", "celery", "-A", "reseller_console", "beat", *options],
                    cwd=places.CHECKOUT,
                    env=servers.environment(SWEEPS),
                    stdout=log,
                    stderr=log,
                )
            )

    yield start
    for child in started:
        processes.stop(child)


@pytest.fixture
def worker_and_beat(start_worker: Callable[..., CeleryWorker], start_beat: Callable[[], None]) -> CeleryWorker:
    """One real worker that answers, and the scheduler."""
    start_beat()
    return start_worker()
