"""The two places with a page *Domains* (P9)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from django.urls import reverse

from accounts.models import Domain
from accounts.permissions import Permission
from web.own_area import OwnArea
from web.requests import ConsoleRequest


@dataclass(frozen=True)
class Area(OwnArea):
    """Where a request was made."""

    may_change: bool = True

    @classmethod
    def console(cls, request: ConsoleRequest) -> Self:
        return replace(super().console(request), may_change=Permission.MANAGE_DOMAINS in request.permissions)

    @property
    def list_url(self) -> str:
        return self.page("domains")

    @property
    def add_url(self) -> str:
        return self.page("domain_add")

    @property
    def console_url(self) -> str:
        """What the URLs of the console begin with."""
        return reverse("console_home", kwargs={"domain": self.at})

    def url(self, row: Domain, deed: str = "") -> str:
        """Return the URL of a domain, or of what is done with it."""
        return self.page(f"domain_{deed}" if deed else "own_domain", domain_id=row.pk)
