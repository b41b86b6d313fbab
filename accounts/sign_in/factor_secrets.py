"""The secrets of apps and recovery codes under a new key (docs/operations.md, SECRET_KEY)."""

from __future__ import annotations

from typing import Final

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.sign_in.factor_adapter import FactorAdapter

_KEYS: Final = ("secret", "seed")
# Rows of one transaction: a person who signs in meanwhile waits for no more than these.
BATCH: Final = 200


def renew_factor_secrets(*, actor: None) -> int:
    """Encrypt every secret again under the newest key, in the system's name; returns how many.

    No event: nothing about anybody's factor changes. Raises InvalidToken for a secret whose key is not known any more.
    """
    done, last = 0, 0
    while rows := _batch(last):
        done, last = done + len(rows), rows[-1]
    return done


@transaction.atomic
def _batch(after: int) -> list[int]:
    stored = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)
    rows = list(stored.select_for_update().filter(pk__gt=after).order_by("pk")[:BATCH])
    for row in rows:
        row.data |= {key: FactorAdapter().renewed(row.data[key]) for key in _KEYS if key in row.data}
    Authenticator.objects.bulk_update(rows, ["data"])
    return [row.pk for row in rows]
