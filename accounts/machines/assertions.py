"""What a machine signs with its key (RFC 7523): who it is, for whom it asks, and until when.

Read strictly: RS256 alone, with the key that the header names, of the account that the claims name. Whatever else is in
it, an assertion of more than 16 kB, a header of lists in lists or a moment that is no number, is refused as forged.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import jwt
from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from jwt.types import Options

from accounts.clock import database_now
from accounts.machines.key_pairs import public_key_in
from accounts.models import ServiceAccount, ServiceAccountKey

# Characters; the original's clients send some 900.
_LONGEST: Final = 16_000
_ALGORITHM: Final = "RS256"
# Seconds that an assertion is good for at most, and that clocks may differ.
LASTS_AT_MOST: Final = 3_600
LEEWAY: Final = 10
# The year 9999: what comes later is no moment that anything here can hold.
_LAST_MOMENT: Final = 253_402_300_799 - LASTS_AT_MOST
# What PyJWT and Python's own parsers raise at what is no assertion.
_UNREADABLE: Final = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)
# Only the signature: what the claims say is compared here, with the clock of the database.
_OPTIONS: Final[Options] = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
_WORKING: Final = Q(revoked_at=None, expires_at__gt=Now(), account__suspended_at=None, account__deleted_at=None) & Q(
    account__reseller__suspended_at=None
)


# For whom an assertion is made that asks for a token, beside our own address: what clients of the original write,
# whatever their file says.
TOKEN_ENDPOINT: Final = frozenset({"https://oauth2.googleapis.com/token"})
# And one that is shown in the place of a token: the services that we serve, as the original's are called.
SERVICES: Final = frozenset(
    f"https://{name}.googleapis.com/" for name in ("admin", "cloudsupport", "groupssettings", "licensing", "reseller")
)


def own_addresses() -> frozenset[str]:
    """Return our own address, and those of our token endpoint, as an assertion may name them."""
    here = settings.CONSOLE_URL.rstrip("/")
    return frozenset({here, f"{here}/", f"{here}/token", f"{here}/oauth2/v4/token"})


class BadAssertion(Exception):
    """It says nothing that can be believed. The message is in English, for those who write clients."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a machine has signed. until: its end, by its own word and with the leeway of clocks."""

    account: ServiceAccount
    key: ServiceAccountKey
    claims: dict[str, Any]
    until: datetime

    @property
    def subject(self) -> str:
        """The address of the person for whom it asks; empty: for itself."""
        subject = self.claims.get("sub", "")
        return "" if subject == self.account.email else subject


def verified(text: str, audiences: Collection[str]) -> Assertion:
    """Return what an assertion says. audiences: for whom it must be made. Raises BadAssertion."""
    key = _key_named_in(text)
    try:
        claims = jwt.decode(text, public_key_in(key.certificate), algorithms=[_ALGORITHM], options=_OPTIONS)
    except _UNREADABLE as error:
        raise BadAssertion("Invalid JWT Signature.") from error
    if claims.get("iss") != key.account.email:
        raise BadAssertion("Invalid JWT: the issuer is not the account of the key.")
    _require_texts(claims)
    if not _audiences_in(claims) & set(audiences):
        raise BadAssertion("Invalid JWT: the audience is none of ours.")
    return Assertion(key.account, key, claims, _end_of(claims))


def _key_named_in(text: str) -> ServiceAccountKey:
    """Return the key that an assertion names, where it works and so does its account. Raises BadAssertion."""
    if len(text) > _LONGEST or not text.isascii() or text.count(".") != 2:
        raise BadAssertion("Invalid JWT: not a signed assertion.")
    try:
        header = jwt.get_unverified_header(text)
    except _UNREADABLE as error:
        raise BadAssertion("Invalid JWT: the header cannot be read.") from error
    if header.get("alg") != _ALGORITHM:
        raise BadAssertion(f"Invalid JWT: sign with {_ALGORITHM}.")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid.isalnum():
        raise BadAssertion("Invalid JWT: the header names no key.")
    found = ServiceAccountKey.objects.filter(_WORKING, kid=kid)
    key = found.select_related("account__customer", "account__reseller").first()
    if key is None:
        raise BadAssertion("Invalid JWT: there is no such key, or it works no more.")
    return key


def _require_texts(claims: dict[str, Any]) -> None:
    """Raise BadAssertion where a claim that we read is no text, or one that no database takes."""
    for name in ("sub", "scope"):
        value = claims.get(name, "")
        if not isinstance(value, str) or "\0" in value or not value.isprintable():
            raise BadAssertion(f"Invalid JWT: {name} is not a text.")


def _audiences_in(claims: dict[str, Any]) -> set[str]:
    said = claims.get("aud")
    said = said if isinstance(said, list) else [said]
    return {each for each in said if isinstance(each, str)}


def _end_of(claims: dict[str, Any]) -> datetime:
    """Return when an assertion ends. Raises BadAssertion for one that is over, to come, or lasts too long."""
    now = database_now().timestamp()
    issued, ends = _moment(claims, "iat"), _moment(claims, "exp")
    begins = _moment(claims, "nbf") if "nbf" in claims else issued
    if max(issued, begins) > now + LEEWAY:
        raise BadAssertion("Invalid JWT: issued in the future. Check iat, and the clock of this machine.")
    if ends <= now - LEEWAY:
        raise BadAssertion("Invalid JWT: expired. Check exp, and the clock of this machine.")
    if ends - issued > LASTS_AT_MOST or ends <= issued:
        raise BadAssertion("Invalid JWT: it must last an hour at most. Check iat and exp.")
    return datetime.fromtimestamp(ends + LEEWAY, UTC)


def _moment(claims: dict[str, Any], name: str) -> float:
    """Return a moment in seconds since 1970. Raises BadAssertion for what is none."""
    value = claims.get(name)
    # True is a number to Python, and NaN is in no order with others.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LAST_MOMENT:
        raise BadAssertion(f"Invalid JWT: {name} is not a number of seconds.")
    return float(value)
