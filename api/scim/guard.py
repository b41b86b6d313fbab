"""Who may enter: a program that shows a token of an organisation, over HTTPS, as often as is decent (P15)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from scim2_models import ForbiddenException, UnauthorizedException

from accounts.actor import Actor
from accounts.models import Customer, Reseller, ScimToken
from accounts.provisioning.showing import show
from api.scim.errors import MethodNotAllowed, TooManyRequests

ENTRANCE: Final = "SCIM token"
_UNKNOWN: Final = "unknown_scim_token"  # how settings_sign_in.py calls the limit


class ScimRequest(HttpRequest):
    """A request of a program that has shown its token."""

    token: ScimToken
    actor: Actor
    organisation: Customer | Reseller


View = Callable[..., HttpResponse]


def require_secure(request: HttpRequest) -> None:
    """Refuse plain HTTP where pages are led to HTTPS: a token that was sent so has been seen, and is not led on."""
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise ForbiddenException(detail="Use HTTPS. Replace this token: it was sent in the clear")


def with_token(*methods: str) -> Callable[[View], View]:
    """Let in a program with a token that works. methods: what the view answers; HEAD goes with GET."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: ScimRequest, **kwargs: Any) -> HttpResponse:
            _let_in(request)
            method = "GET" if request.method == "HEAD" else str(request.method)
            if method not in methods:
                raise MethodNotAllowed(methods)
            return view(request, **kwargs)

        inner.entrance = ENTRANCE  # type: ignore[attr-defined]
        return inner

    return decorate


def _let_in(request: ScimRequest) -> None:
    scheme, _space, code = request.headers.get("Authorization", "").partition(" ")
    shown = show(code.strip()) if scheme.lower() == "bearer" else None
    if shown is None:
        if not ratelimit.consume(request, app="allauth.account", action=_UNKNOWN, limit_get=True):
            raise TooManyRequests
        raise UnauthorizedException(detail="The token is missing, unknown, revoked or over")
    if shown.too_many:
        raise TooManyRequests
    request.token, request.organisation = shown.token, shown.token.organisation
    request.actor = Actor.of_token(shown.token, get_adapter().get_client_ip(request))
