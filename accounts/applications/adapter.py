"""What allauth's `idp.oidc` asks of this product: who issues, whom a token names, and with which key it is signed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client, PrivateKey
from django.conf import settings

from accounts.applications.signing_keys import keys
from accounts.machines.claims import claims_about
from accounts.machines.tokens import digest_of
from accounts.models import User


class OidcAdapter(DefaultOIDCAdapter):  # type: ignore[misc]  # allauth has no types
    """Ours."""

    def hash_token(self, token: str) -> str:
        """Return what is kept of a code or a refresh token, as of all tokens."""
        return digest_of(token)

    def get_issuer(self) -> str:
        """Return the URL of this installation, whatever the request calls it."""
        return settings.CONSOLE_URL.rstrip("/")

    def get_user_sub(self, client: Client, user: User) -> str:
        """Return by which number a person is known, as in the API."""
        return user.public_id

    def get_user_by_sub(self, client: Client, sub: str) -> User | None:
        """Return whom a number names, if they work here."""
        return User.objects.filter(public_id=sub, is_active=True).first()

    def get_claims(
        self, purpose: str, user: User, client: Client, scopes: Iterable[str], email: str | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """Return what is said of a person, as far as the scopes go."""
        return claims_about(user, frozenset(scopes))

    def list_private_keys(self, **_kwargs: Any) -> list[PrivateKey]:
        """Return the keys from the database in place of the settings; all of them count at once."""
        return [PrivateKey(pem=key.pem, issued_at=key.row.made_at) for key in keys()]
