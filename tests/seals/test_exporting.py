"""Events for a collector: final ones only, none missed and none twice (A5)."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent
from accounts.seals import exporting
from reseller_console.local.postgres import APPLICATION, OWNER
from tests import servers
from tests.seals.log import EVENTS, INSERT, Log


def export(*words: str) -> list[dict[str, Any]]:
    output = StringIO()
    call_command("export_audit_events", *words, stdout=output)
    return [json.loads(line) for line in output.getvalue().splitlines()]


def ids(lines: list[dict[str, Any]]) -> list[int]:
    return [line["event"]["id"] for line in lines]


def test_A5_a_collector_misses_nothing_and_gets_nothing_twice(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_PIECE", 3)
    first = log.write(7)
    log.tamper(f"UPDATE {EVENTS} SET transaction = NULL WHERE id <= %s", first[3])
    with closing(psycopg2.connect(log.server.url(user=APPLICATION))) as late, late.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
        cursor.execute(INSERT, ["late"])
        [(held,)] = cursor.fetchall()
        second = log.write(4)
        collected = export()
        assert ids(collected) == first, "nothing behind a transaction that goes on"
        late.commit()
    more = export("--after", collected[-1]["position"])
    assert ids(more) == [held, *second]
    assert export("--after", more[-1]["position"]) == []
    for place in range(len(collected)):
        assert ids(export("--after", collected[place]["position"])) == [*first[place + 1 :], held, *second]


def test_A5_a_line_says_everything_of_its_event(log: Log) -> None:
    [number] = log.write(new={"name": "Zoë\n“½”"})
    [line] = export()
    event = AuditEvent.objects.get(pk=number)
    # As many digits behind the second as are not 0.
    assert datetime.fromisoformat(line["event"].pop("at")).replace(tzinfo=UTC) == event.at
    assert line["event"] == {
        "v": 2,
        "transaction": int(line["position"].split(".")[2]),
        "id": number,
        "name": "CREATE_USER",
        "actor_kind": "system",
        "actor_email": "",
        "actor_organisation": "",
        "on_behalf_of": "",
        "subject": "person 0",
        "new_value": {"name": "Zoë\n“½”"},
    }


def test_A5_after_a_restore_a_collector_goes_on_in_the_new_era(log: Log) -> None:
    sealed = log.write(3)
    log.seal()
    waiting = log.write(2)
    collected = export()
    with servers.connected_as(OWNER):
        call_command("begin_seal_era", "--reason", "restored", stdout=StringIO())
    log.seal()
    after = log.write(1)
    assert ids(collected) == [*sealed, *waiting]
    going_on = ids(export("--after", collected[-1]["position"]))
    # What the database had beyond its last seal comes once more: the new era seals it.
    assert going_on[:2] == waiting and going_on[-1:] == after
    assert ids(export()) == [*sealed, *going_on]


@pytest.mark.parametrize("position", ["7", "1.1.2", "1.1.2.x", "1.1.2.-3", "1;1;2;3"])
def test_a_position_that_is_none_is_refused(log: Log, position: str) -> None:
    with pytest.raises(CommandError, match=r"--after: .* is no position"):
        export("--after", position)
