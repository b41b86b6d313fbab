"""The two places with a page *Provisioning* (P15)."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from accounts.models import ScimToken
from web.own_area import OwnArea


class Area(OwnArea):
    """Where a request was made."""

    @property
    def list_url(self) -> str:
        return self.page("provisioning")

    @property
    def new_url(self) -> str:
        return self.page("provisioning_new")

    @property
    def shown_url(self) -> str:
        """Where a token is shown once."""
        return self.page("provisioning_token")

    @property
    def tenant_url(self) -> str:
        """What the provider is told, as it calls it: where people and groups are below."""
        return settings.CONSOLE_URL.rstrip("/") + reverse("scim_users").removesuffix("/Users")

    def url(self, token: ScimToken, deed: str) -> str:
        """Return the URL of what is done with a token."""
        return self.page(f"provisioning_{deed}", scim_token_id=token.pk)
