"""Who is not called alive: a loop that stands still, and a worker each of whose processes is stuck."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from celery.worker import state

from accounts.models import Heartbeat
from reseller_console import heart
from reseller_console.heart import Heart, HeartOfWorker

pytestmark = pytest.mark.django_db(transaction=True)


class Request:
    """What Celery keeps of a task that a process of the pool is at."""

    def __init__(self, name: str) -> None:
        self.id = name


@pytest.mark.parametrize("counts", [0, 3600])
def test_without_a_pulse_there_is_no_beat(monkeypatch: pytest.MonkeyPatch, counts: int) -> None:
    monkeypatch.setattr(heart, "PULSE_COUNTS", counts)
    one = Heart(["mail"])
    one.stop()
    one.start()
    one.join()
    assert Heartbeat.objects.filter(name="mail").exists() == (counts > 0)


def test_a_worker_beats_until_each_of_its_processes_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heart, "STUCK_AFTER", 0.1)
    monkeypatch.setattr(state, "active_requests", requests := {Request("first")})
    consumer = SimpleNamespace(pool=SimpleNamespace(num_processes=2), steps=[])
    worker = HeartOfWorker(consumer)
    worker.heart = Heart([])

    def pulses() -> bool:
        assert worker.heart is not None
        before = worker.heart.pulsed_at
        worker.feel(consumer)
        return worker.heart.pulsed_at > before

    assert pulses()
    time.sleep(0.2)
    assert pulses()  # one of two
    requests.add(Request("second"))
    assert pulses()  # it has just begun
    time.sleep(0.2)
    assert not pulses()
    requests.pop()
    assert pulses()
