"""The keys that id tokens are signed with: made when one is needed, and published as long as they count."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final, NamedTuple

from allauth.core.internal import jwkkit
from cryptography.fernet import InvalidToken

from accounts.clock import database_now
from accounts.encrypting import lock_for
from accounts.machines.key_pairs import new_pair
from accounts.models import SigningKey

logger = logging.getLogger(__name__)

# How long a key signs; and is published, so that what it signed last can be verified.
_SIGNS: Final = timedelta(days=90)
_PUBLISHED: Final = timedelta(days=97)
_PURPOSE: Final = "id tokens"
_SUBJECT: Final = "id tokens"


class Key(NamedTuple):
    """One key. pem: its private half."""

    row: SigningKey
    pem: str


def keys() -> list[Key]:
    """Return the keys that are published, the newest first; makes one where none signs.

    Two processes may both make one: each signs with its own, and both are published.
    """
    now = database_now()
    found = list(_readable(SigningKey.objects.filter(made_at__gt=now - _PUBLISHED).order_by("-pk")))
    if not found or found[0].row.made_at <= now - _SIGNS:
        pair = new_pair(_SUBJECT, now, now + _PUBLISHED)
        kid = jwkkit.load_jwk_from_pem(pair.private)[0]["kid"]
        sealed = lock_for(_PURPOSE).encrypt(pair.private.encode()).decode()
        row = SigningKey.objects.create(kid=kid, certificate=pair.certificate, sealed=sealed, made_at=now)
        found.insert(0, Key(row, pair.private))
    return found


def published_certificates() -> dict[str, str]:
    """Return the certificates of the keys, by their ids."""
    return {key.row.kid: key.row.certificate for key in keys()}


def published_keys() -> list[dict[str, str]]:
    """Return the public halves of the keys as a key set has them (RFC 7517)."""
    return [{**jwkkit.load_jwk_from_pem(key.pem)[0], "use": "sig", "alg": "RS256"} for key in keys()]


def _readable(rows: Iterable[SigningKey]) -> Iterator[Key]:
    """Yield those that can be opened: one that was stored under a SECRET_KEY that is gone is replaced."""
    lock = lock_for(_PURPOSE)
    for row in rows:
        try:
            yield Key(row, lock.decrypt(row.sealed).decode())
        except InvalidToken:
            logger.warning("the key %s for id tokens was stored under another SECRET_KEY", row.kid)
