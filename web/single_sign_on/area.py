"""The two places with a page *Single sign-on* (P15)."""

from __future__ import annotations

from web.own_area import OwnArea


class Area(OwnArea):
    """Where a request was made."""

    @property
    def list_url(self) -> str:
        return self.page("single_sign_on")

    @property
    def urls(self) -> dict[str, str]:
        """The URLs of what is done on the page, by what it is."""
        return {deed: self.page(f"single_sign_on_{deed}") for deed in ("test", "on", "off", "remove", "unlink")}
