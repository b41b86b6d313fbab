"""The two places with a page *Service accounts* (X2)."""

from __future__ import annotations

from accounts.models import ServiceAccount, ServiceAccountKey
from web.own_area import OwnArea


class Area(OwnArea):
    """Where a request was made."""

    @property
    def list_url(self) -> str:
        return self.page("service_accounts")

    @property
    def new_url(self) -> str:
        return self.page("service_account_new")

    def url(self, account: ServiceAccount, deed: str = "") -> str:
        """Return the URL of an account, or of what is done with it."""
        return self.page(f"service_account_{deed}" if deed else "service_account", account_id=account.pk)

    def key_url(self, key: ServiceAccountKey, deed: str) -> str:
        """Return the URL of what is done with a key."""
        return self.page(f"service_account_key_{deed}", account_id=key.account_id, key_id=key.pk)
