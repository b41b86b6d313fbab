"""Signs messages as Standard Webhooks 1.0 says (https://www.standardwebhooks.com), with secrets kept encrypted.

A secret is `whsec_` and 32 random bytes as base64. While one is replaced, a message carries a signature of each.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from typing import Final

from accounts.encrypting import lock_for
from accounts.models import WebhookEndpoint

_PREFIX: Final = "whsec_"
_BYTES: Final = 32
# How long a receiver may go on with the secret before: time to bring the new one to every machine.
OVERLAP: Final = timedelta(hours=24)
SECRETS: Final = "accounts.webhooks.secret"


def new_secret() -> str:
    return _PREFIX + b64encode(secrets.token_bytes(_BYTES)).decode()


def sealed(secret: str) -> str:
    """Return a secret as it is kept."""
    return lock_for(SECRETS).encrypt(secret.encode()).decode()


def opened(kept: str) -> str:
    """Return a secret that is kept. Raises InvalidToken where SECRET_KEY was changed without the older one."""
    return lock_for(SECRETS).decrypt(kept.encode()).decode()


def secrets_of(endpoint: WebhookEndpoint, *, overlaps: bool) -> list[str]:
    """Return the secrets that a message is signed with, the newest first. overlaps: whether the old one counts."""
    kept = [endpoint.secret, *([endpoint.old_secret] if overlaps and endpoint.old_secret else [])]
    return [opened(each) for each in kept]


def signature(keys: Iterable[str], message_id: str, timestamp: int, body: str) -> str:
    """Return the header `webhook-signature`: a v1 signature by each of some secrets."""
    signed = f"{message_id}.{timestamp}.{body}".encode()
    return " ".join(
        "v1," + b64encode(hmac.new(b64decode(key.removeprefix(_PREFIX)), signed, sha256).digest()).decode()
        for key in keys
    )
