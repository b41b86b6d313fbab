"""What an installation writes down while nobody works with it but its health checks: nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accounts.mail import post
from accounts.models import Sweep
from accounts.organisations import VENDOR
from accounts.roles import Role
from reseller_console.local.processes import Child
from tests.factories import put_person
from tests.faults.conftest import Ready
from tests.faults.crowd import eventually
from tests.servers import READY_LIMIT, CeleryWorker, environment, manage

pytestmark = pytest.mark.faults

NEVER = datetime.min.replace(tzinfo=UTC)
# The kinds that `start_beat` sweeps every second.
FREQUENT = ("access", "jobs", "licences", "mail")


def ends() -> dict[str, datetime]:
    return {sweep.name: sweep.ended_at or NEVER for sweep in Sweep.objects.filter(name__in=FREQUENT)}


def each_is_swept_again() -> None:
    """Wait until a sweep of each kind has ended since."""
    before, deadline = ends(), time.monotonic() + READY_LIMIT
    while not all(ends().get(kind, NEVER) > before.get(kind, NEVER) for kind in FREQUENT):
        assert time.monotonic() < deadline, (before, ends())
        time.sleep(0.2)


def is_healthy(worker: CeleryWorker, ready: Callable[[], Ready]) -> bool:
    """Ask as docker-compose.yml and monitoring do."""
    inspect = ["celery", "-A", "reseller_console", "inspect", "ping", "--destination", worker.name, "--timeout", "5"]
    pinged = subprocess.run([sys.executable, "-m", *inspect], env=environment(), capture_output=True, check=False)
    return not (pinged.returncode or manage("check_heartbeat", "scheduler").returncode) and ready().status == 200


def test_sweeps_and_health_checks_that_find_nothing_write_nothing(
    start_beat: Callable[..., Child],
    start_worker: Callable[..., CeleryWorker],
    start_web: Callable[..., Callable[[], Ready]],
    tmp_path: Path,
) -> None:
    # As in Compose: only web servers have the place of the files (E019).
    worker = start_worker(environment={"MEDIA_ROOT": str(tmp_path / "nowhere")})
    start_beat()
    ready = start_web()
    each_is_swept_again()
    eventually(lambda: is_healthy(worker, ready), within=READY_LIMIT)
    logs = [worker.log, tmp_path / "beat.log", tmp_path / "web.log"]
    before = [log.read_text() for log in logs]
    assert is_healthy(worker, ready)
    each_is_swept_again()
    assert [log.read_text()[len(read) :] for log, read in zip(logs, before, strict=True)] == ["", "", ""]

    post.queue("password_reset", [put_person(VENDOR, Role.SUPER_ADMIN)], nudge=False)
    deadline = time.monotonic() + READY_LIMIT
    while "mail: 1 done" not in worker.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "mail: 1 done" in worker.log.read_text()
