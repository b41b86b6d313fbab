"""Who does something: the first thing every verb asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from django.utils.translation import gettext as _

from accounts.errors import Refused

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at work, and the IP address they work from; `None` in place of an actor is the system itself.

    console_session_id: the entry through which an external user is in a console (R15).
    is_support_partner: they are of a reseller and act as the customer's support partner (A4, S9).
    """

    user: User
    ip_address: str | None = None
    is_support_partner: bool = False
    console_session_id: int | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> Actor:
        """Return the signed-in person of a request. Proxies are believed as far as TRUSTED_PROXY_COUNT says.

        In someone else's console the guard has noted as what this person was let in (R15).
        Raises Refused where a form is only shown again after a new sign-in: nobody acts then (web/unsaved.py).
        """
        assert request.user.is_authenticated
        if getattr(request, "shows_unsaved", False):
            raise Refused(_("Nothing is saved yet."))
        return cls(
            user=request.user,
            ip_address=get_adapter().get_client_ip(request),
            is_support_partner=getattr(request, "acting_as_support_partner", False),
            console_session_id=getattr(request, "console_session_id", None),
        )

    def as_support_partner(self) -> Actor:
        """Return the same person, marked as the customer's support partner."""
        return replace(self, is_support_partner=True)
