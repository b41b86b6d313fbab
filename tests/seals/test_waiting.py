"""What waits for its seal, as those who watch are told it (A5)."""

from __future__ import annotations

from django.db import connection, transaction

from accounts.models import AuditEvent
from accounts.seals.waiting import waiting
from tests.seals.log import EVENTS, Log


def test_A5_exactly_what_no_seal_holds_waits_and_since_its_first_event(log: Log) -> None:
    log.seal()
    assert (waiting().events, waiting().since, waiting().seconds) == (0, None, 0)
    first, *_others = log.write(3)
    log.tamper(f"UPDATE {EVENTS} SET at = at - interval '20 minutes' WHERE id = %s", first)
    found = waiting()
    assert found.events == 3
    assert found.since == AuditEvent.objects.get(pk=first).at
    assert 1200 <= found.seconds < 1300
    assert waiting(at_most=2).events == 2
    log.seal()
    assert waiting().events == 0


def test_A5_what_is_not_final_waits_for_no_seal(log: Log) -> None:
    log.seal()
    with transaction.atomic():
        log.write()
        assert waiting().events == 0
    assert waiting().events == 1


def test_A5_what_waits_is_found_by_the_index_however_long_the_log_is(log: Log) -> None:
    log.write(3)
    log.seal()
    log.write()
    with connection.execute_wrapper(_explained):
        assert waiting().events == 1


def _explained(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
    if EVENTS in sql:
        with context["cursor"].db.connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}", params)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            cursor.execute("RESET enable_seqscan")
        assert "Seq Scan" not in plan, plan
        assert "transaction" in plan
    return execute(sql, params, many, context)
