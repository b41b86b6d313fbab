"""After a restore an operator begins a new era, and verifying says so (A5)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import AuditEvent, Seal, SealEra
from reseller_console.local.postgres import DATABASE, OWNER
from tests import servers
from tests.seals.log import EVENTS, Log, run

COPY = "copied_for_restores"


def begin(log: Log, reason: str = "restored from Monday") -> str:
    output = StringIO()
    with servers.connected_as(OWNER):
        call_command("begin_seal_era", "--reason", reason, stdout=output)
    return output.getvalue()


@pytest.fixture
def backup(log: Log) -> Iterator[Log]:
    """A database in which ten events were sealed, and two were not; its backup, and what happened since."""
    log.write(10)
    log.seal()
    log.write(2)
    connection.close()
    run(log.server, f"DROP DATABASE IF EXISTS {COPY} WITH (FORCE)", database="postgres")
    run(log.server, f"CREATE DATABASE {COPY} TEMPLATE {DATABASE}", database="postgres")
    log.seal()
    log.write(3)
    log.seal()
    connection.close()
    for name, becomes in ((DATABASE, "of_before"), (COPY, DATABASE)):
        run(log.server, f"ALTER DATABASE {name} RENAME TO {becomes}", database="postgres")
    try:
        yield log
    finally:
        connection.close()
        run(log.server, f"DROP DATABASE {DATABASE} WITH (FORCE)", database="postgres")
        run(log.server, f"ALTER DATABASE of_before RENAME TO {DATABASE}", database="postgres")


def test_A5_a_restored_database_is_sealed_on_in_a_new_era_and_verifying_says_so(backup: Log) -> None:
    log = backup
    assert log.seal() == 0, "it is another database than the one that was sealed"
    lost = Seal.objects.count()
    assert lost == 1
    written_before = log.write(2)
    assert "Era 2 has begun" in begin(log)
    after = log.write(3)
    assert log.seal() == 2
    leftover, own = Seal.objects.filter(era_id=2).order_by("number")
    assert (leftover.is_leftover, leftover.events) == (True, 4), "two of the backup, two of before the era"
    assert (own.is_leftover, own.events) == (False, 4), "three, and that the era began"
    assert log.sealed_ids()[-4:-3] == [AuditEvent.objects.get(name="BEGIN_SEAL_ERA").pk]
    assert set(written_before) < set(log.sealed_ids()) and log.sealed_ids()[-3:] == after
    verdict = log.verdict()
    assert (verdict.problems, verdict.events, verdict.unsealed) == ([], AuditEvent.objects.count(), 0)
    era = SealEra.objects.get(number=2)
    assert verdict.notes == [
        f"Era 2 began at {era.began_at.isoformat()}: restored from Monday",
        "2 seals of era 1 are kept outside alone: the restore was to before them.",
    ]
    log.restarted()
    log.write()
    assert log.seal() == 1, "and it goes on"


def test_A5_transactions_that_begin_anew_are_sealed_in_their_era(log: Log) -> None:
    """On another server they count from below: what was sealed had numbers of the old one."""
    log.write(10)
    log.seal()
    tail = log.write(3)
    log.tamper(f"UPDATE {EVENTS} SET transaction = (transaction::text::bigint + 1000000)::text::xid8")
    # As the old server had sealed them.
    log.tamper("DELETE FROM accounts_seal")
    shutil.rmtree(log.outside)
    log.tamper(f"DELETE FROM {EVENTS} WHERE id = %s", tail[-1] + 1)
    begun_low = log.write(2)
    begin(log, "another server")
    own = log.write(2)
    while log.seal_next(at_most=4):
        pass
    assert sorted(log.sealed_ids()) == sorted(AuditEvent.objects.values_list("pk", flat=True))
    assert len(log.sealed_ids()) == len(set(log.sealed_ids()))
    assert log.sealed_ids()[:2] == begun_low, "in the order of their transactions"
    assert log.sealed_ids()[-2:] == own
    log.seal()
    assert log.verdict().problems == []
    # In what was left over, too, an inserted and a removed event is named.
    log.tamper(f"UPDATE {EVENTS} SET id = -5 WHERE id = %s", tail[0])
    assert [problem.split(" ")[1] for problem in log.verdict().problems] == ["-5", str(tail[0])]


def test_A5_a_transaction_counter_that_went_back_stops_the_sealer(log: Log) -> None:
    log.write()
    log.seal()
    log.tamper("UPDATE accounts_seal SET last_transaction = last_transaction + 1000000")
    log.write()
    assert log.seal() == 0
    assert log.verdict().problems != []


def test_A5_an_era_in_the_middle_of_what_was_left_over_goes_on_with_it(log: Log) -> None:
    written = log.write(9)
    begin(log, "first")
    assert log.seal_next(at_most=4)
    begin(log, "second")
    while log.seal_next(at_most=4):
        pass
    assert sorted(log.sealed_ids()) == sorted(AuditEvent.objects.values_list("pk", flat=True))
    assert set(written) < set(log.sealed_ids())
    log.seal()
    assert log.verdict().problems == []


def test_A5_an_era_needs_a_reason_and_the_owner(log: Log) -> None:
    for reason in ("", "  ", "x" * 301):
        with pytest.raises(CommandError, match="--reason: Say why"):
            begin(log, reason)
    with pytest.raises(Exception, match="permission denied"):
        call_command("begin_seal_era", "--reason", "restored")
    assert SealEra.objects.count() == 1
    begin(log)
    said = AuditEvent.objects.get(name="BEGIN_SEAL_ERA")
    assert (said.new_value, said.customer_id) == ({"era": 2, "reason": "restored from Monday"}, None)
