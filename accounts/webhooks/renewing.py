"""Encrypts the secrets of webhooks under the newest SECRET_KEY, before an older one goes."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from accounts.encrypting import lock_for
from accounts.models import WebhookEndpoint
from accounts.webhooks.signing import SECRETS

_BATCH: Final = 500


def renew_webhook_secrets(*, actor: None) -> int:
    """Encrypt every secret again, in the system's name; returns of how many endpoints.

    No event: nothing about any endpoint changes. Raises InvalidToken for one whose key is not known any more.
    """
    keys = list(WebhookEndpoint.objects.filter(removed_at=None).order_by("pk").values_list("pk", flat=True))
    return sum(_renew(keys[start : start + _BATCH]) for start in range(0, len(keys), _BATCH))


@transaction.atomic
def _renew(keys: list[int]) -> int:
    rows = list(WebhookEndpoint.objects.select_for_update().filter(pk__in=keys, removed_at=None).order_by("pk"))
    for row in rows:
        row.secret, row.old_secret = _renewed(row.secret), _renewed(row.old_secret)
    WebhookEndpoint.objects.bulk_update(rows, ["secret", "old_secret"])
    return len(rows)


def _renewed(kept: str) -> str:
    return lock_for(SECRETS).rotate(kept.encode()).decode() if kept else ""
