"""The two places of a page about an organisation itself: a customer's account, and a reseller's pages of its staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from django.urls import reverse

from accounts.models import Customer, Reseller
from web.requests import ConsoleRequest, ResellerRequest


@dataclass(frozen=True)
class OwnArea:
    """Where a request was made. prefix: of the names of its URLs; at: the customer's domain in them, if any."""

    prefix: str
    base: str
    owner: Customer | Reseller
    at: str = ""

    @classmethod
    def console(cls, request: ConsoleRequest) -> Self:
        return cls("", "console/base.html", request.customer, request.customer.primary_domain)

    @classmethod
    def reseller(cls, request: ResellerRequest) -> Self:
        return cls("reseller_", "reseller/base.html", request.reseller)

    @property
    def is_console(self) -> bool:
        return bool(self.at)

    def page(self, name: str, **names: int) -> str:
        """Return the URL of a page, by its name without the prefix."""
        where = {"domain": self.at} if self.at else {}
        return reverse(f"{self.prefix}{name}", kwargs={**where, **names})
