"""Verifying names the first event that is not as it was sealed; what is done here only a superuser can do (A5)."""

from __future__ import annotations

import shutil
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import AuditEvent, Seal
from accounts.seals import comparing, sealing, verifying
from accounts.seals.canonical import FORM
from accounts.seals.keys import public_of, signing_key
from accounts.seals.sealer import Sealer
from tests.seals.log import ANOTHER_KEY, EVENTS, KEY, Log


@pytest.fixture
def written(log: Log) -> list[int]:
    """Thirty events in three seals."""
    found = []
    for _ in range(3):
        found += log.write(10)
        assert log.seal() == 1
    assert log.first_problem() == ""
    return found


def verified(*words: str) -> tuple[int, str]:
    """The exit status of the command, and what it says."""
    output = StringIO()
    try:
        call_command("verify_audit", *words, stdout=output)
    except CommandError as error:
        return error.returncode, f"{output.getvalue()}{error}"
    return 0, output.getvalue()


def test_A5_a_log_as_it_was_sealed_is_verified(log: Log, written: list[int]) -> None:
    log.write(2)
    assert verified() == (0, "3 seals and 30 events are as they were sealed; 2 events wait for their seal.\n")


COLUMNS = [
    "at = at - interval '1 day'",
    "name = 'logout'",
    "actor_kind = 'vendor'",
    "actor_id = 7",
    "actor_email = 'eve@elsewhere.example'",
    "actor_organisation = 'Elsewhere'",
    "actor_reseller_id = 7",
    "on_behalf_of = 'Elsewhere'",
    "customer_id = 7",
    "subject = 'person 5 '",
    "target_kind = 'user', target_id = 7",
    "access_change_id = 7",
    "console_session_id = 7",
    "activation_id = 7",
    "old_value = '{}'",
    "new_value = 'null'",
    "ip_address = '192.0.2.7'",
    "client_id = 7",
    "client_name = 'Elsewhere'",
]


def test_A5_a_changed_event_is_named_whatever_was_changed(log: Log, written: list[int]) -> None:
    changed = written[: len(COLUMNS)]
    for number, column in zip(changed, COLUMNS, strict=True):
        log.tamper(f"UPDATE {EVENTS} SET {column} WHERE id = %s", number)
    assert log.verdict().problems == [f"event {number} was changed" for number in changed]
    status, said = verified()
    assert status == 1
    assert said.endswith(f"The first: event {changed[0]} was changed")


def test_A5_every_column_of_an_event_is_sealed() -> None:
    """One that comes new is left out on purpose only: it needs a form of its own (accounts/seals/canonical.py)."""
    tampered = {part.split(" = ")[0].strip() for column in COLUMNS for part in column.split(", ")}
    assert tampered | {"id"} == {field.column for field in AuditEvent._meta.concrete_fields}


def test_A5_an_event_deleted_in_the_middle_is_named(log: Log, written: list[int]) -> None:
    moment = AuditEvent.objects.get(pk=written[14]).at
    log.tamper(f"DELETE FROM {EVENTS} WHERE id = %s", written[14])
    assert log.verdict().problems == [f"event {written[14]} of {moment.isoformat()} was removed"]


def test_A5_a_tail_of_events_that_was_cut_off_is_named(log: Log, written: list[int]) -> None:
    log.tamper(f"DELETE FROM {EVENTS} WHERE id >= %s", written[25])
    assert log.first_problem().startswith(f"event {written[25]} of ")
    assert len(log.verdict().problems) == 5


def test_A5_a_tail_that_was_cut_off_with_its_seals_is_named(log: Log, written: list[int]) -> None:
    """The database alone knows nothing of it: the place outside does."""
    moment = AuditEvent.objects.get(pk=written[10]).at
    log.tamper(f"DELETE FROM {EVENTS} WHERE id >= %s; DELETE FROM accounts_seal WHERE number >= 2", written[10])
    cut = f"event {written[10]} of {moment.isoformat()} is the first of seals 1/2 to 1/3"
    assert log.verdict().problems == [f"the tail was cut off: {cut}, which are kept outside alone"]
    shutil.move(log.outside, log.outside.with_name("elsewhere"))
    log.outside.touch()
    status, said = verified("--public-key", public_of(signing_key(KEY)))
    assert status == 2 and "a tail that was cut off is not found" in said


def test_A5_an_inserted_event_is_named(log: Log, written: list[int]) -> None:
    [(middle,)] = log.tamper(f"SELECT transaction::text::bigint FROM {EVENTS} WHERE id = %s", written[14])
    beyond = written[-1] + 5
    # Of before transactions were noted, between two, within one behind and in front of its event; 0 is nobody's.
    for number, transaction in ((beyond, None), (beyond, middle - 1), (beyond, middle), (0, middle), (beyond, 0)):
        with log.kept():
            log.tamper(
                f"INSERT INTO {EVENTS} (id, at, transaction, name, actor_kind, actor_email, actor_organisation,"
                " on_behalf_of, subject) SELECT %s, at, %s::text::xid8, name, actor_kind, '', '', '', 'new'"
                f" FROM {EVENTS} WHERE id = %s",
                number,
                transaction,
                written[14],
            )
            says = f"event {number} was inserted, or moved to where it stands: no seal has it"
            assert log.verdict().problems == [f"{says} in transaction {transaction or 0}"]


def test_A5_exchanged_events_are_named(log: Log, written: list[int]) -> None:
    one, other = written[12], written[17]
    for number, becomes in ((one, -1), (other, one), (-1, other)):
        log.tamper(f"UPDATE {EVENTS} SET id = %s WHERE id = %s", becomes, number)
    # Their transactions went with them: neither stands where it was sealed.
    assert log.first_problem().startswith(f"event {one} was moved: sealed in transaction ")
    pair = f"(a.id, b.id) IN (({one}, {other}), ({other}, {one}))"
    log.tamper(f"UPDATE {EVENTS} a SET transaction = b.transaction FROM {EVENTS} b WHERE {pair}")
    assert log.verdict().problems == [
        f"event {one} was exchanged with event {other}",
        f"event {other} was exchanged with event {one}",
    ]


def test_A5_a_moved_event_is_named(log: Log, written: list[int]) -> None:
    later = "transaction = (transaction::text::bigint + 9)::text::xid8"
    log.tamper(f"UPDATE {EVENTS} SET {later} WHERE id = %s", written[4])
    assert log.first_problem().startswith(f"event {written[4]} was moved: sealed in transaction ")


def test_A5_a_removed_seal_is_named_and_its_events_are_compared_with_those_outside(
    log: Log, written: list[int]
) -> None:
    log.tamper("DELETE FROM accounts_seal WHERE number = 2")
    assert log.verdict().problems == ["seal 1/2 was removed"]
    log.tamper(f"UPDATE {EVENTS} SET subject = 'x' WHERE id = %s", written[12])
    assert log.verdict().problems == ["seal 1/2 was removed", f"event {written[12]} was changed"]


CHANGES = (
    "root = repeat('0', 64)",
    "events = events - 1",
    "previous = repeat('0', 64)",
    "sealed_at = sealed_at + interval '1 second'",
    "signature = repeat('0', 128)",
    "leaves = set_byte(leaves, 55, 255 - get_byte(leaves, 55))",
    "leaves = substr(leaves, 57)",
    "last_id = last_id + 100",
    "greatest_id = greatest_id + 100",
    "is_leftover = true",
    "form = 0",
)


def test_A5_a_changed_seal_is_named(log: Log, written: list[int]) -> None:
    for change in CHANGES:
        with log.kept():
            log.tamper(f"UPDATE accounts_seal SET {change} WHERE number = 2")
            assert "seal 1/2 " in log.first_problem(), change
    assert log.first_problem() == ""


def test_A5_a_changed_reason_of_an_era_is_named(log: Log, written: list[int]) -> None:
    log.tamper("UPDATE accounts_sealera SET reason = 'nothing happened'")
    assert log.first_problem() == "seal 1/1 was changed, or signed by a key that is not known"


def test_A5_a_chain_that_was_made_anew_with_another_key_is_named(
    log: Log, written: list[int], settings: Settings
) -> None:
    """With all of the database, and a key of their own: the place outside knows neither the key nor the seals."""
    log.tamper(f"UPDATE {EVENTS} SET subject = 'x' WHERE id = %s; TRUNCATE accounts_seal, accounts_sealkey", written[4])
    outside = settings.STORAGES["audit_seals"]
    elsewhere = {**outside, "OPTIONS": {"location": str(log.outside.with_name("elsewhere"))}}
    settings.STORAGES = {**settings.STORAGES, "audit_seals": elsewhere}
    log.sealer = Sealer(signing_key(ANOTHER_KEY))
    assert log.seal() == 1
    assert log.first_problem() == "", "by itself it is whole"
    settings.STORAGES = {**settings.STORAGES, "audit_seals": outside}
    assert log.first_problem() == "seal 1/1 was changed, or signed by a key that is not known"


def test_A5_with_the_key_too_a_chain_that_was_made_anew_is_not_the_one_outside(log: Log, written: list[int]) -> None:
    log.tamper(
        f"UPDATE {EVENTS} SET subject = 'x' WHERE id = %s; DELETE FROM accounts_seal WHERE number > 1", written[14]
    )
    storage = log.outside.with_name("kept")
    shutil.copytree(log.outside, storage)
    shutil.rmtree(log.outside)
    log.restarted()
    assert log.seal() == 1
    shutil.rmtree(log.outside)
    shutil.move(storage, log.outside)
    problems = log.verdict().problems
    assert problems[0] == "another seal 1/2 is kept outside than the database has"
    assert problems[1].startswith("the tail was cut off")


def test_A5_a_key_may_change_and_both_are_known(log: Log, written: list[int]) -> None:
    log.write(2)
    log.sealer = Sealer(signing_key(ANOTHER_KEY))
    assert log.seal() == 1
    assert verified()[0] == 0


def test_A5_verifying_reads_many_small_seals_together_and_few_events_at_once(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(12):
        log.write(3)
        log.seal()
    asked: list[int] = []
    plain = comparing.Comparison.compare

    def compare(self: comparing.Comparison, part: object, after: object, sealed: list[object], form: int) -> None:
        asked.append(len(sealed))
        plain(self, part, after, sealed, form)  # type: ignore[arg-type]

    monkeypatch.setattr(comparing.Comparison, "compare", compare)
    assert log.verdict().events == 36
    assert asked == [36], "one reading for all of them"
    monkeypatch.setattr(verifying, "AT_MOST", 5)
    monkeypatch.setattr(verifying, "TOGETHER", 2)
    assert log.verdict().events == 36
    assert asked[1:] == [9, 9, 9, 9]
    assert Seal.objects.count() == 12


def test_A5_seals_of_before_events_had_another_column_still_hold(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each seal is read in the form in which its events were written, and the next one in that of today."""
    monkeypatch.setattr(sealing, "FORM", 1)
    log.write(3)
    log.seal()
    monkeypatch.undo()
    log.write(3)
    log.seal()
    assert list(Seal.objects.order_by("number").values_list("form", flat=True)) == [1, FORM]
    assert FORM > 1 and log.verdict().problems == []
