"""What an installation writes down while nobody works with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts import sweeping
from accounts.mail import post
from accounts.roles import Role
from reseller_console.local.processes import Child
from tests.access.world import make_person
from tests.servers import READY_LIMIT, CeleryWorker

pytestmark = pytest.mark.faults

# Seconds. Sweeps come every second, so each has come a few times.
WATCHED = 6.0
FREQUENT = ("access", "jobs", "licences", "mail")


def all_swept_again() -> None:
    """Wait until each frequent kind has been swept at least twice more."""
    for _ in range(2):
        time.sleep(WATCHED / 2)
        ages = sweeping.ages()
        assert all((age := ages[kind]) is not None and age < WATCHED for kind in FREQUENT), ages


def test_sweeps_that_find_nothing_write_nothing(
    start_beat: Callable[..., Child], start_worker: Callable[..., CeleryWorker], tmp_path: Path
) -> None:
    worker = start_worker()
    start_beat()
    all_swept_again()
    logs = [worker.log, tmp_path / "beat.log"]
    before = [log.read_text() for log in logs]
    all_swept_again()
    assert [log.read_text()[len(read) :] for log, read in zip(logs, before, strict=True)] == ["", ""]

    post.queue("password_reset", [make_person(Role.SUPER_ADMIN)], nudge=False)
    deadline = time.monotonic() + READY_LIMIT
    while "mail: 1 done" not in worker.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "mail: 1 done" in worker.log.read_text()
