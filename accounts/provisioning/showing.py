"""A program shows its token: whose it is, and whether it has asked too much in this minute (P15)."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.db import connection

from accounts.models import ScimToken
from accounts.provisioning.tokens import digest_of

# Requests of one token in a minute: an identity provider that fills an empty directory sends some 25 a second.
MOST_IN_A_MINUTE: Final = 3_000
# Longer ones are none of ours, and are not digested.
_LONGEST: Final = 200

# Found, counted and noted as used with one statement. What does not work any more is not found.
_SHOW: Final = """
    UPDATE accounts_scimtoken t SET last_used_at = statement_timestamp(),
        counted = CASE WHEN counted_since = date_trunc('minute', statement_timestamp()) THEN counted + 1 ELSE 1 END,
        counted_since = date_trunc('minute', statement_timestamp())
    WHERE digest = %s AND revoked_at IS NULL AND expires_at > statement_timestamp()
    AND NOT EXISTS (SELECT 1 FROM accounts_reseller r WHERE r.id = t.reseller_id AND r.suspended_at IS NOT NULL)
    RETURNING id, counted"""


class Shown(NamedTuple):
    """A token that works. too_many: it has asked more in this minute than it may."""

    token: ScimToken
    too_many: bool


def show(code: str) -> Shown | None:
    """Return the token that a program shows, and note its use; None for one that does not work, whatever the reason."""
    if not code or len(code) > _LONGEST or not code.isascii():
        return None
    with connection.cursor() as cursor:
        cursor.execute(_SHOW, [digest_of(code)])
        found = cursor.fetchone()
    if found is None:
        return None
    pk, counted = found
    token = ScimToken.objects.select_related("customer", "reseller").get(pk=pk)
    return Shown(token, counted > MOST_IN_A_MINUTE)
