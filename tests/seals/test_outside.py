"""The place outside: what it is away from is kept when it is back, and a restored database is not sealed on (A5)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client

from accounts.models import Seal, Sealing
from accounts.seals import outside
from accounts.seals.outside import SealFolder
from accounts.seals.sealing import seal_next
from accounts.seals.statements import statement_of
from tests.seals.log import EVENTS, Log


@contextmanager
def away(log: Log) -> Iterator[None]:
    """The folder is gone, and a file that no folder can be made in is in its place."""
    elsewhere = log.outside.with_name("elsewhere")
    log.outside.rename(elsewhere)
    log.outside.touch()
    try:
        yield
    finally:
        log.outside.unlink()
        elsewhere.rename(log.outside)


def health() -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/health/ready").json()
    return found


def test_A5_each_seal_is_a_file_with_the_digests_of_its_events(log: Log) -> None:
    log.write(3)
    log.seal()
    assert log.files() == ["0001/000000/000000001.seal"]
    seal = Seal.objects.select_related("era").get()
    statement, signature, *lines = (log.outside / log.files()[0]).read_text().splitlines()
    assert (statement, signature) == (statement_of(seal).decode(), seal.signature)
    assert [int(line.split()[1]) for line in lines] == log.sealed_ids()
    assert sha256(bytes(seal.leaves)).hexdigest() == json.loads(statement)["records"]
    assert [path.name for path in (log.outside / "keys").iterdir()] == [seal.key_id]
    assert (log.outside / log.files()[0]).stat().st_mode & 0o222 == 0, "nobody writes to it again"


def test_A5_the_outside_away_sealing_goes_on_and_health_says_since_when(log: Log) -> None:
    log.write()
    log.seal()
    assert (health()["seals"], health()["seals_since"]) == ("ok", None)
    with away(log):
        log.write()
        assert log.seal() == 1
        since = health()["seals_since"]
        assert since[:10] == Sealing.objects.get().looked_at.isoformat()[:10]
        log.write()
        assert log.seal() == 1
        assert (health()["seals"], health()["seals_since"]) == ("outside_away", since)
        assert Seal.objects.count() == 3
        assert "seals" not in health()["failing"], "pages work, events are written and sealed"
        log.restarted()
        assert log.seal() == 0
        assert health()["seals_since"] == since, "it began before the sealer was started again"
    assert len(log.files()) == 1
    assert log.seal() == 0
    assert len(log.files()) == 3, "it caught up"
    assert health()["seals"] == "ok"
    assert log.verdict().notes == []


def test_A5_a_place_outside_that_was_lost_is_filled_again(log: Log) -> None:
    for _ in range(3):
        log.write()
        log.seal()
    files = {name: (log.outside / name).read_bytes() for name in log.files()}
    shutil.rmtree(log.outside)
    log.restarted()
    log.seal()
    assert {name: (log.outside / name).read_bytes() for name in log.files()} == files


def test_A5_a_file_is_there_whole_or_not_at_all(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the machine stops in the middle of writing one."""
    log.write(2)

    def stop(*_arguments: object) -> None:
        raise OSError("the machine stops")

    with monkeypatch.context() as patched:
        patched.setattr("accounts.seals.outside.os.fsync", stop)
        log.seal()
    assert log.files() == []
    assert health()["seals"] == "outside_away"
    log.seal()
    assert len(log.files()) == 1
    assert isinstance(outside.read((1, 1)), outside.Kept)
    assert SealFolder(location=str(log.outside)).listdir("nowhere") == ([], [])


def test_A5_a_database_whose_tail_was_cut_off_is_not_sealed_on(log: Log) -> None:
    first = log.write(2)
    log.seal()
    second = log.write(2)
    log.seal()
    log.tamper(f"DELETE FROM {EVENTS} WHERE id >= %s; DELETE FROM accounts_seal WHERE number = 2", second[0])
    log.write()
    for _ in range(2):
        assert log.seal() == 0
        assert health()["seals"] == "restored"
        log.restarted()
    assert log.sealed_ids() == first


def test_A5_another_seal_outside_stops_the_sealer(log: Log) -> None:
    log.write()
    log.seal()
    [name] = log.files()
    (log.outside / name).chmod(0o600)
    (log.outside / name).write_text("another\n")
    log.restarted()
    log.write()
    assert log.seal() == 0
    assert health()["seals"] == "broken"
    assert log.first_problem() == "0001/000000/000000001.seal is no seal"


def test_A5_health_says_that_nobody_seals(log: Log) -> None:
    assert (health()["seals"], health()["seals_since"]) == ("no_sealer", None)
    log.seal()
    assert health()["seals"] == "ok"
    log.tamper("UPDATE accounts_sealing SET looked_at = now() - interval '6 minutes'")
    found = health()
    assert found["seals"] == "no_sealer"
    assert found["seals_since"] is not None


def test_A5_a_large_log_is_sealed_in_turns_and_the_sealer_says_that_it_is_at_work(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write(5)
    monkeypatch.setattr("accounts.seals.sealing.TOGETHER", 1)
    monkeypatch.setattr("accounts.seals.sealer.seal_next", partial(seal_next, at_most=2))
    monkeypatch.setattr("accounts.seals.sealer.TURN", -1.0)
    assert log.seal() == 1 and log.sealer.is_behind
    assert (health()["seals"], len(log.files())) == ("ok", 1), "it is at work"
    monkeypatch.setattr("accounts.seals.sealer.TURN", 30.0)
    assert log.seal() == 2 and not log.sealer.is_behind
    monkeypatch.setattr("accounts.seals.sealer.TURN", -1.0)
    shutil.rmtree(log.outside)
    log.restarted()
    log.seal()
    assert (len(log.files()), log.sealer.is_behind) == (1, True)
