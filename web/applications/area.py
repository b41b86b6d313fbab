"""The two places with a page *Applications* (X7)."""

from __future__ import annotations

from accounts.models import ServiceAccount
from web.own_area import OwnArea


class Area(OwnArea):
    """Where a request was made."""

    @property
    def list_url(self) -> str:
        return self.page("applications")

    @property
    def new_url(self) -> str:
        return self.page("application_new")

    def url(self, account: ServiceAccount, deed: str = "") -> str:
        """Return the URL of an application, or of what is done with it."""
        return self.page(f"application_{deed}" if deed else "application", account_id=account.pk)
