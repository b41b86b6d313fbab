"""Sealing: the final events that no seal holds yet, one seal after the other (A5).

A seal is written whole, or not at all, at whatever instruction a sealer is killed. Two of them never seal at once, and
neither waits for the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from accounts.clock import database_now
from accounts.database.time_limits import sweep_transaction
from accounts.models import Seal, SealKey
from accounts.seals import merkle
from accounts.seals.canonical import FORM, record_sql
from accounts.seals.keys import is_signed, public_of
from accounts.seals.parts import Part, parts
from accounts.seals.records import SIZE, Position, Row, are_ascending, rows
from accounts.seals.statements import NONE_BEFORE, digest_of, last_of, statement_of

# Events of one seal at most: what is made again for the proof of one of them, and what one statement reads.
AT_MOST: Final = 10_000
# Seals of one transaction at most: of what is read, half the time is planning for each month of the log.
TOGETHER: Final = 10
# Any number of our own: who has it seals, or begins an era.
SEALERS: Final = 0x5EA1_0001


class Broken(Exception):
    """The log cannot be sealed on: its last seal is not what a sealer wrote, or the order of events is not."""


def seal_next(key: Ed25519PrivateKey, *, at_most: int = AT_MOST) -> int:
    """Seal the next events; return how many seals were made: none where another process is at it.

    at_most: events of one seal. Raises Broken.
    """
    with sweep_transaction():
        if not _is_alone():
            return 0
        before = Seal.objects.select_related("era").defer("leaves").order_by("-era_id", "-number").first()
        if before and not is_signed(statement_of(before), before.signature, before.key_id):
            raise Broken(f"{before} is not signed by the key that it names")
        found = parts()
        # What a restored database had beyond its seals comes first, and ends with the era's own first seal.
        for part in [part for part in found if part.era == found[-1].era and not part.is_over]:
            if leaves := _read(part, at_most * TOGETHER):
                size = at_most * SIZE
                for start in range(0, len(leaves), size):
                    before = _write(part, leaves[start : start + size], before, key)
                    part = replace(part, sealed_up_to=last_of(before), greatest_id=before.greatest_id)  # noqa: PLW2901
                return -(-len(leaves) // size)
        return 0


def _is_alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALERS])
        return bool(cursor.fetchone()[0])


def _read(part: Part, at_most: int) -> bytes:
    """Return the records of its next events; the database makes them, from one reading."""
    for statement in part.reads(part.sealed_up_to, limit=at_most):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT string_agg({record_sql(FORM)}, ''::bytea) FROM ({statement}) e")  # noqa: S608  ours
            [leaves] = cursor.fetchone()
        if leaves:
            return bytes(leaves)
    return b""


def _write(part: Part, leaves: bytes, before: Seal | None, key: Ed25519PrivateKey) -> Seal:
    found = rows(leaves)
    if not are_ascending(found, part.sealed_up_to):
        raise Broken(f"events behind {part.sealed_up_to} are not in their order")
    public, _is_new = SealKey.objects.get_or_create(public=public_of(key))
    first, last = Position(*found[0][:2]), Position(*found[-1][:2])
    seal = Seal(
        era=part.era,
        number=before.number + 1 if before and before.era == part.era else 1,
        is_leftover=part.is_leftover,
        form=FORM,
        first_transaction=first.transaction,
        first_id=first.id,
        last_transaction=last.transaction,
        last_id=last.id,
        greatest_id=max(part.greatest_id, *[number for _transaction, number, _at, _leaf in found]),
        events=len(found),
        root=root(found).hex(),
        leaves=leaves,
        records=sha256(leaves).hexdigest(),
        previous=digest_of(statement_of(before)) if before else NONE_BEFORE,
        sealed_at=database_now(),
        key=public,
    )
    seal.signature = key.sign(statement_of(seal)).hex()
    Seal.objects.bulk_create([seal])
    return seal


def root(found: Sequence[Row]) -> bytes:
    """Return the root of the tree over a seal's events."""
    return merkle.root_of([leaf for _transaction, _number, _at, leaf in found])
