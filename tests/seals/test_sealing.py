"""Sealing: what is final is sealed once, in its order, whatever happens to the sealer (A5)."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from hashlib import sha256

import psycopg2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import DatabaseError, connection, transaction

from accounts.models import AuditEvent, Seal
from accounts.seals import sealing
from accounts.seals.keys import public_of, signing_key
from accounts.seals.records import records
from accounts.seals.sealing import SEALERS, seal_next
from accounts.seals.statements import NONE_BEFORE, digest_of, statement_of
from reseller_console.local import places
from reseller_console.local.postgres import APPLICATION, SEALER
from tests import servers
from tests.seals.log import INSERT, KEY, Log


def rfc6962(leaves: list[bytes]) -> bytes:
    """The definition of the tree, word for word: split at the largest power of two below the number."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + rfc6962(leaves[:split]) + rfc6962(leaves[split:])).digest()


def test_A5_what_is_final_is_sealed_once_in_the_order_of_transactions(log: Log) -> None:
    written = log.write(5)
    assert log.seal() == 1
    assert log.seal() == 0, "nothing new"
    more = log.write(3)
    assert log.seal() == 1
    assert log.sealed_ids() == [*written, *more]
    assert log.verdict().problems == []


def test_A5_a_seal_says_root_chain_and_signature(log: Log) -> None:
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_of(signing_key(KEY))))
    previous = NONE_BEFORE
    for number, size in enumerate([1, 2, 3, 5, 7, 8, 13], start=1):
        log.write(size)
        log.seal()
        seal = Seal.objects.select_related("era").get(number=number)
        assert seal.root == rfc6962([record.leaf for record in records(seal.leaves)]).hex()
        assert seal.previous == previous
        previous = digest_of(statement_of(seal))
        key.verify(bytes.fromhex(seal.signature), statement_of(seal))
        said = json.loads(statement_of(seal))
        assert (said["events"], said["number"], said["root"]) == (size, number, seal.root)
        assert abs(seal.sealed_at.timestamp() - time.time()) < 60, "by the database's clock"


def test_A5_who_commits_late_is_sealed_once_in_the_later_seal(log: Log) -> None:
    """A real transaction that is held open while others commit, with its number and moment drawn before theirs."""
    before = log.write(2)
    with closing(psycopg2.connect(log.server.url(user=APPLICATION))) as late, late.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
        cursor.execute(INSERT, ["late"])
        [(held,)] = cursor.fetchall()
        after = log.write(3)
        assert held < after[0]
        assert log.seal() == 1
        assert log.sealed_ids() == before, "nothing behind a transaction that goes on is final"
        assert log.seal() == 0
        late.commit()
    assert log.seal() == 1
    assert log.sealed_ids() == [*before, held, *after]
    assert AuditEvent.objects.get(pk=held).at < Seal.objects.get(number=1).sealed_at, "it was drawn before that seal"
    assert log.verdict().problems == []


def test_A5_events_of_before_transactions_were_noted_are_the_first_stretch(log: Log) -> None:
    """As the migration finds them: without a transaction, in the order of their numbers."""
    written = log.write(25)
    log.tamper("UPDATE accounts_auditevent SET transaction = NULL WHERE id <= %s", written[19])
    while log.seal_next(at_most=8):
        pass
    assert log.sealed_ids() == written
    assert [seal.events for seal in Seal.objects.order_by("number")] == [8, 8, 4, 5]
    log.seal()
    assert log.verdict().problems == []


def test_A5_many_events_of_one_transaction_are_split_over_seals(log: Log) -> None:
    with transaction.atomic():
        written = [event for _ in range(10) for event in log.write(3)]
    while log.seal_next(at_most=7):
        pass
    assert log.sealed_ids() == written
    log.seal()
    assert log.verdict().problems == []


def test_A5_the_application_cannot_say_which_transaction_wrote_an_event(log: Log) -> None:
    statement = INSERT.replace("(name,", "(transaction, name,").replace("VALUES (", "VALUES ('7', ")
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement, ["forged"])


def test_A5_two_sealers_do_not_seal_at_once_and_do_not_wait(log: Log) -> None:
    log.write(3)
    with closing(psycopg2.connect(log.server.url(user=APPLICATION))) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALERS])
        began = time.monotonic()
        assert log.seal() == 0
        assert time.monotonic() - began < 2
    assert log.seal() == 1


def test_A5_a_last_seal_that_no_sealer_wrote_is_not_built_upon(log: Log) -> None:
    log.write()
    log.seal()
    log.tamper("UPDATE accounts_seal SET signature = repeat('00', 64)")
    log.write()
    with servers.connected_as(SEALER), pytest.raises(sealing.Broken, match="is not signed"):
        seal_next(log.sealer.key)


def sealer_process(log: Log) -> subprocess.Popen[bytes]:
    storage = json.dumps({"BACKEND": "accounts.seals.outside.SealFolder", "OPTIONS": {"location": str(log.outside)}})
    own = {"AUDIT_SEAL_KEY": KEY, "AUDIT_SEALS_STORAGE": storage, "DATABASE_SEALER_URL": log.server.url(user=SEALER)}
    return subprocess.Popen(
        [sys.executable, str(places.CHECKOUT / "manage.py"), "seal_audit_log", "--every", "0"],
        env=servers.environment({**own, "DATABASE_URL": ""}),
        stderr=subprocess.DEVNULL,
    )


def test_A5_a_sealer_that_is_killed_anywhere_loses_and_doubles_nothing(log: Log) -> None:
    """Real processes, ended by SIGKILL while others write."""
    url, done = log.server.url(user=APPLICATION), threading.Event()

    def write() -> None:
        with closing(psycopg2.connect(url)) as session, session.cursor() as cursor:
            # A hundred a second of each: without a pause nearly all the time went into sealing what they wrote.
            while not done.wait(0.01):
                for _ in range(random.randint(1, 20)):  # noqa: S311  no secret
                    cursor.execute(INSERT, ["person"])
                session.commit()

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(6):
            sealers = [sealer_process(log), sealer_process(log)]
            seen = Seal.objects.count()
            until = time.monotonic() + 60
            while Seal.objects.count() <= seen + 2 and time.monotonic() < until:
                time.sleep(0.05)
            time.sleep(random.random() / 5)  # noqa: S311  the same
            for sealer in sealers:
                sealer.send_signal(signal.SIGKILL)
                sealer.wait()
    finally:
        done.set()
        for writer in writers:
            writer.join()
    assert Seal.objects.count() > 12
    log.seal()
    verdict = log.verdict()
    assert (verdict.problems, verdict.unsealed) == ([], 0)
    sealed = log.sealed_ids()
    assert len(sealed) == len(set(sealed)) == AuditEvent.objects.count() == verdict.events
    assert len(log.files()) == Seal.objects.count()


def test_A5_the_sealing_process_does_not_start_without_its_key() -> None:
    for key, says in (("", "is empty"), ("c2VzYW1l", "holds no key")):
        ended = servers.manage("seal_audit_log", "--once", extra_environment={"AUDIT_SEAL_KEY": key})
        assert ended.returncode == 1
        assert "reseller_console.E020" in ended.stderr and says in ended.stderr
        assert "sesame" not in ended.stderr and "c2VzYW1l" not in ended.stderr
