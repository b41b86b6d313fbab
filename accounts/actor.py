"""Who does something: the first thing every verb asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from django.utils.translation import gettext as _

from accounts.errors import Refused
from accounts.models import User
from accounts.proof import is_fresh

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.models import ScimToken, ServiceAccount


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at work, and the IP address they work from; `None` in place of an actor is the system itself.

    console_session_id: the entry through which an external user is in a console (R15).
    activation_id: the activation that opened it to them, where it is open only on request (R20).
    is_support_partner: they are of a reseller and act as the customer's support partner (A4, S9).
    is_stale: their last proof of who they are is too old to give anything (P13, accounts/proof.py).
    token: what a program of an organisation works with (P15). Then `user` has no row: it carries the token's name into
    events, and nothing is open to it but what authorise_token() in authorisation.py opens.
    client: the service account that acts for `user` (X2), or for itself alone: then `user` has no row, and no role.
    """

    user: User
    ip_address: str | None = None
    is_support_partner: bool = False
    console_session_id: int | None = None
    activation_id: int | None = None
    is_stale: bool = False
    token: ScimToken | None = None
    client: ServiceAccount | None = None

    @classmethod
    def of_machine(cls, account: ServiceAccount, person: User | None, ip_address: str | None) -> Actor:
        """Return the person for whom a machine acts; None: it acts for itself, holds no role, and is no active person.

        It has no fresh proof: it gives nothing that asks for one (X1, P13).
        """
        itself = {
            "customer": account.customer,
            "reseller": account.reseller,
            "is_vendor": account.is_vendor,
            "is_active": False,
        }
        user = person or User(email=account.email, name=account.name, **itself)
        return cls(user=user, ip_address=ip_address, is_stale=True, client=account)

    @classmethod
    def of_token(cls, token: ScimToken, ip_address: str | None) -> Actor:
        """Return the program that shows this token. It has no fresh proof: it gives nothing that asks for one (P13)."""
        name = f"{token.name} (SCIM)"
        user = User(email=name, name=name, customer=token.customer, reseller=token.reseller)
        return cls(user=user, ip_address=ip_address, is_stale=True, token=token)

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
            activation_id=getattr(request, "activation_id", None),
            is_stale=not is_fresh(request.session),
        )

    def as_support_partner(self) -> Actor:
        """Return the same person, marked as the customer's support partner."""
        return replace(self, is_support_partner=True)
