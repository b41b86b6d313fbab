"""Sealing a million events against reading them, verifying them, and what noting a transaction costs (A5)."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings

from accounts.audit_log import batches
from accounts.models import AuditEvent, Seal
from accounts.seals.parts import parts
from accounts.seals.sealer import Sealer
from accounts.seals.sealing import AT_MOST, seal_next
from accounts.seals.verifying import verify
from benchmarks.measure import alternately, table
from reseller_console.local.postgres import SEALER, make_roles

EVENTS = int(os.environ.get("BENCHMARK_EVENTS", "1000000"))
# Events of one transaction: bulk changes write as many, pages one.
EACH = 1000
ROUNDS = 3

_FILL = """
    INSERT INTO accounts_auditevent (name, actor_kind, actor_id, actor_email, actor_organisation, on_behalf_of,
        customer_id, subject, target_kind, target_id, new_value, ip_address)
    SELECT CASE WHEN g %% 1000 < 600 THEN 'login_success' ELSE 'CREATE_USER' END, 'customer', 900000000 + g,
        'person' || g || '@large.example', 'Large', '', 5, 'person' || g || '@large.example', 'user', 800000000 + g,
        '{"name": "Person", "email": "person@large.example"}', '192.0.2.7'
    FROM generate_series(1, %s) g
"""
_ONE = """
    INSERT INTO {table} (id, name, actor_kind, actor_id, actor_email, actor_organisation, on_behalf_of, customer_id,
        subject, target_kind, target_id, new_value, ip_address)
    VALUES (nextval('accounts_auditevent_id_seq'), 'CREATE_USER', 'customer', 7, 'person@large.example', 'Large', '', 5,
        'person@large.example', 'user', 8, '{{"name": "Person", "email": "person@large.example"}}', '192.0.2.7')
"""


class _Nowhere:
    """Takes what is read, and keeps nothing."""

    def write(self, read: str) -> int:
        return len(read)


def run() -> None:
    """Print the comparisons."""
    _measure_saving()
    make_roles(os.environ["DATABASE_URL"])
    with tempfile.TemporaryDirectory() as outside:
        storage = {"BACKEND": "accounts.seals.outside.SealFolder", "OPTIONS": {"location": outside}}
        with override_settings(STORAGES={**settings.STORAGES, "audit_seals": storage}):
            _measure_sealing()


def _measure_sealing() -> None:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        for _ in range(EVENTS // EACH):
            cursor.execute(_FILL, [EACH])
        cursor.execute("VACUUM ANALYZE accounts_auditevent")
    print(f"\n{AuditEvent.objects.count():,} events made in {time.perf_counter() - began:.0f} s")
    ways = {
        "reading them by raw psycopg2, in their order": _read,
        "COPY of them to nowhere": _copy,
        "reading them as an export of the log does": _export,
        "sealing them": _seal,
    }
    times = alternately(ways, ROUNDS)
    table(f"Sealing {EVENTS:,} events", times, next(iter(ways)))
    _take_seals_away()
    began = time.perf_counter()
    sealer, sealed = Sealer(Ed25519PrivateKey.generate()), 0
    with _as_sealer():
        while sealed == 0 or sealer.is_behind:
            sealed += sealer.look()
    print(f"  sealed, and {sealed} seals kept in a folder outside: {time.perf_counter() - began:.1f} s")
    began = time.perf_counter()
    verdict = verify()
    assert not verdict.problems and verdict.events >= EVENTS, verdict
    print(f"  verified, each event fetched and hashed: {time.perf_counter() - began:.1f} s")


def _read() -> None:
    """The floor: raw psycopg2, 10,000 rows at once."""
    [part] = parts()
    with transaction.atomic():
        for number, statement in enumerate(part.reads(part.sealed_up_to)):
            with connection.connection.cursor(name=f"read_{number}") as cursor:
                cursor.itersize = AT_MOST
                cursor.execute(statement)
                for _row in cursor:
                    pass


def _copy() -> None:
    [part] = parts()
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        for statement in part.reads(part.sealed_up_to):
            cursor.copy_expert(f"COPY ({statement}) TO STDOUT", _Nowhere())


def _export() -> None:
    for batch in batches(AuditEvent.objects.filter(customer_id=5), 1000):
        assert batch


def _seal() -> None:
    key = Ed25519PrivateKey.generate()
    with _as_sealer():
        while seal_next(key):
            pass
    assert Seal.objects.count() >= EVENTS // AT_MOST
    _take_seals_away()


@contextmanager
def _as_sealer() -> Iterator[None]:
    """Let Django's connection be the sealer's for the block, as in production."""
    values = connection.settings_dict
    administrator = values["USER"]
    connection.close()
    values["USER"] = SEALER
    try:
        yield
    finally:
        connection.close()
        values["USER"] = administrator


def _take_seals_away() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM accounts_seal; DELETE FROM accounts_sealkey")
        cursor.execute("RESET session_replication_role")


def _measure_saving() -> None:
    """A month of the log as it is, and one whose events know no transaction: 500 events each, committed one by one."""
    with connection.cursor() as cursor:
        for name in ("with_transaction", "without_transaction"):
            cursor.execute(f"CREATE TABLE {name} (LIKE accounts_auditevent INCLUDING ALL)")
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'without_transaction' AND indexdef ~ 'transaction, id'"
        )
        [index] = cursor.fetchone()
        cursor.execute(f"DROP INDEX {index}; ALTER TABLE without_transaction ALTER transaction DROP DEFAULT")
    ways = {name: partial(_save, name) for name in ("without_transaction", "with_transaction")}
    table("Saving 500 events", alternately(ways, 20), "without_transaction")


def _save(name: str) -> None:
    statement = _ONE.format(table=name)
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute(statement)
