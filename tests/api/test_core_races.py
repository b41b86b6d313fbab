"""If-Match is compared under the lock that the change holds: of two that read the same, one writes (api.md, 10)."""

from __future__ import annotations

from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import OrgUnit, User
from tests.api.serving import UNITS, Caller


@pytest.fixture
def both(transactional_db: None, ana: User, units: Caller) -> list[Caller]:
    return [units, Caller.of(ana)]


def written_at_once(both: list[Caller], path: str, etag: str) -> list[int]:
    """What two that write at the same time are told, the smaller status first."""
    statuses: list[int] = []
    barrier = Barrier(2)

    def write(caller: Caller, name: str) -> None:
        barrier.wait()
        statuses.append(caller.send("PATCH", path, {"name": name}, If_Match=etag).status_code)
        connection.close()

    threads = [Thread(target=write, args=(caller, f"{uuid4()}")) for caller in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


def test_of_two_that_read_the_same_one_writes(both: list[Caller]) -> None:
    for _ in range(5):
        [unit] = OrgUnit.objects.exclude(parent=None).exclude(name="Éditions")
        path = f"{UNITS}/{unit.name}"
        [first, second] = written_at_once(both, path, both[0].get(path).json()["etag"])
        # The other one finds it changed, or gone from where it was.
        assert first == 200
        assert second in (404, 412)
