"""If-Match is compared under the lock that the change holds: of two that read the same, one writes (api.md, 10)."""

from __future__ import annotations

from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection

from accounts.errors import Refused
from accounts.machines.uploads import begin_upload
from accounts.models import ApiUpload, OrgUnit, User
from tests.api.machines import account_of
from tests.api.serving import UNITS, Caller
from tests.races import second_waits_for_first


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


def test_of_two_files_begun_at_once_the_one_too_many_is_refused(transactional_db: None, ana: User) -> None:
    account = account_of(ana)

    def begin() -> None:
        begin_upload(account_id=account.pk, person_id=ana.pk, path="/x", metadata="", content_type="", size=None)

    for _ in range(9):
        begin()
    with pytest.raises(Refused):
        second_waits_for_first(begin, begin)
    assert ApiUpload.objects.count() == 10
