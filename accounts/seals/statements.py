"""What a seal says: the bytes that are signed, and whose digest the next seal carries (docs/audit-seals.md)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from accounts.models import Seal, SealEra
from accounts.seals.records import Position

# What the very first seal carries in place of the digest of one before it.
NONE_BEFORE: Final = "0" * 64


def statement_of(seal: Seal) -> bytes:
    """Return what a seal says. Its `era` is read, its signature is not."""
    said: dict[str, Any] = {
        "form": seal.form,
        "era": _said_of(seal.era),
        "number": seal.number,
        "leftover": seal.is_leftover,
        "first": [seal.first_transaction, seal.first_id],
        "last": [seal.last_transaction, seal.last_id],
        "greatest_id": seal.greatest_id,
        "events": seal.events,
        "root": seal.root,
        "records": seal.records,
        "previous": seal.previous,
        "sealed_at": _written(seal.sealed_at),
        "key": seal.key_id,
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def digest_of(statement: bytes) -> str:
    """Return what the next seal carries of this one."""
    return sha256(statement).hexdigest()


def last_of(seal: Seal) -> Position:
    """Return the place of a seal's last event."""
    return Position(seal.last_transaction, seal.last_id)


def first_of(seal: Seal) -> Position:
    """Return the place of a seal's first event."""
    return Position(seal.first_transaction, seal.first_id)


def _said_of(era: SealEra) -> dict[str, Any]:
    return {
        "number": era.number,
        "after_id": era.after_id,
        "began_at": _written(era.began_at),
        "reason": era.reason,
        "database": era.database,
    }


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
