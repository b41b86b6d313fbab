"""What allauth's MFA asks of this product: how secrets are stored, and what a passkey is bound to."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings

from accounts.encrypting import lock_for
from accounts.models import User

# A key of its own for this purpose, made from SECRET_KEY.
_PURPOSE: Final = "accounts.second_factor"


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Secrets are encrypted: a copy of the database alone gives nobody a second factor."""

    def encrypt(self, text: str) -> str:
        return lock_for(_PURPOSE).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt what was stored under this key or one of SECRET_KEY_FALLBACKS; raises InvalidToken for others."""
        return lock_for(_PURPOSE).decrypt(encrypted_text.encode()).decode()

    def renewed(self, encrypted_text: str) -> str:
        """Return the same under the newest key, so that the older ones can go (manage.py renew_factor_secrets)."""
        return lock_for(_PURPOSE).rotate(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        """Return what the app shows beside the code: under which address the console is reached."""
        return urlsplit(settings.CONSOLE_URL).hostname or "console"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Bind passkeys to the address of the console: what a request calls this host is not believed.

        Only in the demo, which has several names, by the request: a browser takes no passkey for an IP address.
        """
        host = context.request.get_host().partition(":")[0] if settings.DEMO else None
        return {"id": host or urlsplit(settings.CONSOLE_URL).hostname or "", "name": self.get_totp_issuer()}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, str | bytes]:
        """Say whose the passkey is, as the browser shows it when it offers several."""
        entity: dict[str, str | bytes] = super().get_public_key_credential_user_entity(user)
        return entity | {"display_name": user.name}
