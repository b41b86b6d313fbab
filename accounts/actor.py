"""Who does something: the first thing every verb asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at work, and the address it works from; `None` in place of an actor is the system itself."""

    user: User
    ip_address: str | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> Actor:
        """Return the signed-in person of a request. Proxies are believed as far as TRUSTED_PROXY_COUNT says."""
        assert request.user.is_authenticated
        return cls(user=request.user, ip_address=get_adapter().get_client_ip(request))
