"""Workers and a scheduler that are gone or stand still are missed, each within a minute (R8)."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import psutil
import pytest

from accounts.background import heartbeats
from accounts.mail import post
from accounts.organisations import VENDOR
from accounts.roles import Role
from reseller_console.local import processes
from reseller_console.local.processes import Child
from tests.factories import put_person
from tests.faults.conftest import Ready
from tests.faults.crowd import eventually
from tests.servers import CeleryWorker

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def test_readiness_fails_within_a_minute_of_a_stop_of_any_of_them_while_a_mail_waits(
    start_worker: Callable[..., CeleryWorker],
    start_beat: Callable[..., Child],
    start_web: Callable[..., Callable[[], Ready]],
) -> None:
    beat = start_beat()
    others = start_worker("--exclude-queues", "mail")
    mail = start_worker("--queues", "mail")
    web = start_web()
    eventually(lambda: web().status == 200)
    eventually(lambda: None not in web().said["sweep_seconds"].values())

    mail.kill()
    post.queue("password_reset", [put_person(VENDOR, Role.SUPER_ADMIN)], nudge=False)
    # A little later, so that each is missed by itself and the minute is waited for once.
    time.sleep(heartbeats.INTERVAL)
    processes.kill(beat)
    eventually(lambda: web().said["failing"] == ["workers"], within=60)
    assert web().said["heartbeat_seconds"]["access"] < heartbeats.OLDEST
    eventually(lambda: web().said["failing"] == ["workers", "scheduler"], within=60)

    start_beat()
    mail.start()
    eventually(lambda: web().status == 200)
    # Frozen is as good as gone.
    family = [psutil.Process(others.pid), *psutil.Process(others.pid).children(recursive=True)]
    for process in family:
        process.send_signal(signal.SIGSTOP)
    eventually(lambda: web().said["failing"] == ["workers"], within=60)
    for process in family:
        process.send_signal(signal.SIGCONT)
    eventually(lambda: web().status == 200)
