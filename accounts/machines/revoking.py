"""A machine gives its token back (RFC 7009)."""

from __future__ import annotations

from django.db.models.functions import Now

from accounts.machines.tokens import digest_of
from accounts.models import ApiToken


def give_back(token: str) -> bool:
    """End a token of a service account by the one who shows it. Returns False for one that does nothing.

    No event: it ends within the hour by itself, and nothing of the organisation's changes.
    """
    working = ApiToken.objects.filter(digest=digest_of(token), revoked_at=None, expires_at__gt=Now(), consent=None)
    return working.update(revoked_at=Now()) == 1
