"""What is said of a person in the claims of OpenID Connect: no more than scopes open."""

from __future__ import annotations

from typing import Any, Final

from accounts.machines.scopes import PREFIX
from accounts.models import User

EMAIL: Final = frozenset({"email", f"{PREFIX}userinfo.email"})
PROFILE: Final = frozenset({"profile", f"{PREFIX}userinfo.profile"})


def claims_about(person: User, scopes: frozenset[str]) -> dict[str, Any]:
    """Return the claims about a person; without a row: about a service account, which stands for itself."""
    claims: dict[str, Any] = {"sub": person.public_id} if person.pk else {}
    if scopes & EMAIL:
        claims |= {"email": person.email, "email_verified": True}
        if organisation := person.customer or person.reseller:
            claims["hd"] = organisation.primary_domain
    if scopes & PROFILE:
        claims["name"] = person.name
        if person.pk:
            claims |= {"given_name": person.given_name, "family_name": person.family_name}
    return claims
