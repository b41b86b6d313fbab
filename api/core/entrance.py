"""Who calls: a machine that shows a token, over HTTPS, as often as is decent (X2, X3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest

from accounts.actor import Actor
from accounts.machines.tokens import show
from api.core.envelopes import InvalidCredentials, LoginRequired
from api.core.errors import ApiError, Forbidden

_UNKNOWN: Final = "unknown_api_token"  # how settings_sign_in.py calls the limit


@dataclass(frozen=True, slots=True)
class Entered:
    """A machine that has shown its token. account_id: of whom its calls are counted."""

    actor: Actor
    scopes: frozenset[str]
    account_id: int


def require_secure(request: HttpRequest) -> None:
    """Refuse plain HTTP where pages are led to HTTPS: a token that was sent so has been seen, and is not led on."""
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise Forbidden("Use HTTPS. Replace this token: it was sent in the clear.")


def enter(request: HttpRequest) -> Entered:
    """Return who calls, as the database has it at this instant (R11). Raises ApiError."""
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise LoginRequired
    shown = show(text.strip())
    if shown is None:
        if not ratelimit.consume(request, app="allauth.account", action=_UNKNOWN, limit_get=True):
            raise ApiError(429, "rateLimitExceeded", "Rate Limit Exceeded", headers={"Retry-After": "60"})
        raise InvalidCredentials
    return Entered(shown.actor(get_adapter().get_client_ip(request)), shown.scopes, shown.account.pk)


def require_person(entered: Entered) -> None:
    """Refuse an account that acts for itself (X2): it holds no role, and what is open without one is open to people.

    So it is in the original for a service account that was assigned no role. Raises Forbidden.
    """
    if entered.actor.user.pk is None:
        raise Forbidden(
            "Not Authorized to access this resource/api. A service account holds no role: let it act for a person of"
            " your organisation (subject)."
        )
