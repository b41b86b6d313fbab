"""The proof that one event is in the sealed log: a file that a short script checks without us (A5).

examples/check_event_proof.py is that script, and docs/audit-seals.md says what stands in the file.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from accounts.models import AuditEvent, Seal, SealEra, SealKey
from accounts.seals.canonical import FORMS
from accounts.seals.merkle import leaf_of, path_of
from accounts.seals.records import Position, Record, records
from accounts.seals.statements import statement_of


class NotSealed(Exception):
    """No seal holds the event yet."""


class NotAsSealed(Exception):
    """The event is not what was sealed."""


def known_keys() -> list[SealKey]:
    """Return the keys that seals were ever signed with, the first one first."""
    return list(SealKey.objects.order_by("first_used_at"))


def proof_of(event: AuditEvent) -> dict[str, Any]:
    """Return what the file of an event holds, as JSON. Raises NotSealed, NotAsSealed."""
    place = _place_of(event)
    for seal in _seals_at(place):
        found = records(seal.leaves)
        index = next((i for i, record in enumerate(found) if record.position == place), None)
        if index is not None:
            return _proof(event, seal, found, index)
    raise NotSealed


def _proof(event: AuditEvent, seal: Seal, found: list[Record], index: int) -> dict[str, Any]:
    canonical = _written(event, seal.form)
    leaves = [record.leaf for record in found]
    if leaf_of(canonical.encode()) != leaves[index]:
        raise NotAsSealed
    newest = Seal.objects.select_related("era").defer("leaves").order_by("-era_id", "-number").first()
    assert newest is not None
    return {
        "event": canonical,
        "path": [{"side": side, "digest": digest.hex()} for side, digest in path_of(leaves, index)],
        "seal": _signed(seal),
        "head": _signed(newest),
    }


def _signed(seal: Seal) -> dict[str, str]:
    return {"statement": statement_of(seal).decode(), "signature": seal.signature, "public_key": seal.key_id}


def _seals_at(place: Position) -> list[Seal]:
    """Return the seals that may hold what stands in a place: in each part of each era one at most."""
    found = []
    for era in SealEra.objects.order_by("number"):
        for is_leftover in (False, True):
            # By hand, since a comparison of rows is one look into the index, and one of columns reads all of them.
            behind = RawSQL("(last_transaction, last_id) >= (%s, %s)", list(place), BooleanField())
            seals = Seal.objects.select_related("era").filter(behind)
            of_part = seals.filter(era=era, is_leftover=is_leftover).order_by("last_transaction", "last_id")
            found += list(of_part[:1])
    return found


def _place_of(event: AuditEvent) -> Position:
    return Position(int(_ask("coalesce(e.transaction::text, '0')", event)), event.pk)


def _written(event: AuditEvent, form: int) -> str:
    return _ask(FORMS[form], event)


def _ask(what: str, event: AuditEvent) -> str:
    with connection.cursor() as cursor:
        # The moment says in which month to look.
        cursor.execute(
            f"SELECT {what} FROM accounts_auditevent e WHERE e.id = %s AND e.at = %s",  # noqa: S608  ours
            [event.pk, event.at],
        )
        return str(cursor.fetchone()[0])
