"""The two places in which people review: a customer's console, and a reseller's pages of its staff (R22).

They share lists, forms and files. What differs is who enters (the guards of the views), the URLs and some words.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from accounts.permissions import Permission
from subscriptions.models import Review
from subscriptions.reviews.scope import Owner
from web.requests import ConsoleRequest, ResellerRequest


@dataclass(frozen=True, slots=True)
class Area:
    """Where a request was made, and what is reviewed there. prefix: of the names of its URLs."""

    prefix: str
    base: str
    owner: Owner
    may_decide: bool
    domain: str = ""

    @classmethod
    def console(cls, request: ConsoleRequest) -> Area:
        may_decide = Permission.CHANGE_RESELLER_ACCESS in request.permissions
        return cls("access_review", "console/base.html", request.customer, may_decide, request.customer.primary_domain)

    @classmethod
    def reseller(cls, request: ResellerRequest) -> Area:
        return cls("staffing_review", "reseller/base.html", request.reseller, True)

    @property
    def is_console(self) -> bool:
        return bool(self.domain)

    @property
    def list_url(self) -> str:
        return self._url("s")

    @property
    def begin_url(self) -> str:
        return self._url("_begin")

    @property
    def schedule_url(self) -> str:
        return self._url("_schedule")

    def url(self, review: Review, page: str = "") -> str:
        """Return the URL of a review, or of what is done with it."""
        return self._url(f"_{page}" if page else "", review_id=review.pk)

    def _url(self, page: str, **names: int) -> str:
        where = {"domain": self.domain} if self.domain else {}
        return reverse(f"{self.prefix}{page}", kwargs={**where, **names})
