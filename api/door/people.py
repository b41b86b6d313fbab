"""For whom a token acts, in the claims of OpenID Connect: no more than its scopes open."""

from __future__ import annotations

from typing import Any, Final

from accounts.actor import Actor
from accounts.machines.claims import EMAIL, PROFILE, claims_about
from accounts.machines.tokens import Shown
from api.core.envelopes import InsufficientScopes

_ANY: Final = EMAIL | PROFILE | {"openid"}


def require_scope(scopes: frozenset[str]) -> None:
    """Refuse a token without any scope that names people. Raises InsufficientScopes."""
    if not scopes & _ANY:
        raise InsufficientScopes(_ANY)


def about(shown: Shown) -> dict[str, Any]:
    """Return what is said of a token to the one who shows it."""
    client = shown.account.unique_id
    said = {"azp": client, "aud": client, "scope": " ".join(sorted(shown.scopes)), "access_type": "online"}
    claims = claims_of(shown.actor(None), shown.scopes)
    if "email" in claims:
        claims["email_verified"] = "true"
    return {**said, **{name: claims[name] for name in ("sub", "email", "email_verified") if name in claims}}


def claims_of(actor: Actor, scopes: frozenset[str]) -> dict[str, Any]:
    """Return the claims about the person for whom a machine acts; of one for itself: about the account."""
    assert actor.client is not None
    return {"sub": actor.client.unique_id, **claims_about(actor.user, scopes)}
