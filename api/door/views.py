"""The endpoints of the door: tokens are given, explained and taken back, and keys are published."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse

from accounts.applications.ending import give_back_consent
from accounts.applications.protocol import GRANTS, exchanged
from accounts.clock import database_now
from accounts.machines.assertions import BadAssertion
from accounts.machines.granting import BadScope, NotDelegated, grant
from accounts.machines.keys import published_certificates
from accounts.machines.revoking import give_back
from accounts.machines.tokens import Shown, show
from api.core.entrance import enter
from api.door.answers import OAuthError, answered, too_many
from api.door.people import about, claims_of, require_scope

ENTRANCE: Final = "API door"
View = Callable[..., HttpResponse]

_JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# How settings_sign_in.py calls the limits.
_WRONG_ASSERTION: Final = "wrong_assertion"
_UNKNOWN_TOKEN: Final = "unknown_api_token"  # noqa: S105  the name of a limit


def at_the_door(*methods: str) -> Callable[[View], View]:
    """Let in every client; what it shows is looked at inside. methods: what is answered; HEAD goes with GET."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, **names: Any) -> HttpResponse:
            if ("GET" if request.method == "HEAD" else request.method) not in methods:
                raise OAuthError(405, "invalid_request", "Method not allowed.", {"Allow": ", ".join(methods)})
            return view(request, **names)

        inner.entrance = ENTRANCE  # type: ignore[attr-defined]
        return inner

    return decorate


@at_the_door("POST")
def token(request: HttpRequest) -> HttpResponse:
    """Give a token for an assertion (RFC 7523), or for what a person has allowed in a browser (X7)."""
    grant_type = request.POST.get("grant_type")
    if grant_type in GRANTS:
        return _exchanged(request)
    if grant_type != _JWT_BEARER:
        known = ", ".join((_JWT_BEARER, *GRANTS))
        raise OAuthError(400, "unsupported_grant_type", f"Invalid grant_type. Send one of {known}.")
    try:
        granted = grant(request.POST.get("assertion", ""))
    except (BadAssertion, BadScope, NotDelegated) as error:
        if not ratelimit.consume(request, app="allauth.account", action=_WRONG_ASSERTION):
            raise too_many() from error
        raise _refusal_of(error) from error
    lasts = int((granted.until - database_now()).total_seconds())
    return answered({"access_token": granted.token, "expires_in": lasts, "token_type": "Bearer"})


def _exchanged(request: HttpRequest) -> HttpResponse:
    answer = exchanged(request)
    if answer.status < 400:
        return answered(answer.payload, headers={"Cache-Control": "no-store"})
    if not ratelimit.consume(request, app="allauth.account", action=_WRONG_ASSERTION):
        raise too_many()
    error = answer.payload["error"]
    raise OAuthError(answer.status, error, answer.payload.get("error_description", ""))


def _refusal_of(error: Exception) -> OAuthError:
    if isinstance(error, BadScope):
        return OAuthError(400, "invalid_scope", str(error))
    if isinstance(error, NotDelegated):
        text = "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any"
        return OAuthError(401, "unauthorized_client", f"{text} of the scopes requested: {error}.")
    return OAuthError(400, "invalid_grant", str(error))


@at_the_door("GET", "POST")
def tokeninfo(request: HttpRequest) -> HttpResponse:
    """Say what a token opens to the one who shows it, in the words of version 3."""
    shown, left = _explained(request)
    return answered({**about(shown), "exp": str(int(shown.expires_at.timestamp())), "expires_in": str(left)})


@at_the_door("GET", "POST")
def tokeninfo_v1(request: HttpRequest) -> HttpResponse:
    """The same in the words of versions 1 and 2."""
    shown, left = _explained(request)
    said = about(shown)
    names = {"issued_to": said["azp"], "audience": said["aud"], "user_id": said["sub"], "scope": said["scope"]}
    mail = {"email": said["email"], "verified_email": True} if "email" in said else {}
    return answered({**names, "expires_in": left, **mail, "access_type": said["access_type"]})


def _explained(request: HttpRequest) -> tuple[Shown, int]:
    """Return what a token opens, and its seconds that are left. Raises OAuthError."""
    shown = show(_sent(request, "access_token"))
    if shown is None:
        raise _no_token(request, "Invalid Value")
    return shown, max(0, int((shown.expires_at - database_now()).total_seconds()))


@at_the_door("GET", "POST")
def userinfo(request: HttpRequest) -> HttpResponse:
    """Say for whom a token acts, as far as its scopes go."""
    entered = enter(request)
    require_scope(entered.scopes)
    return answered(claims_of(entered.actor, entered.scopes))


@at_the_door("GET", "POST")
def revoke(request: HttpRequest) -> HttpResponse:
    """End a token (RFC 7009), as the original does: one that does nothing is an error."""
    text = _sent(request, "token")
    if not give_back_consent(text, get_adapter().get_client_ip(request)) and not give_back(text):
        raise _no_token(request, "Token expired or revoked")
    return answered({})


@at_the_door("GET")
def certificates(request: HttpRequest, email: str) -> HttpResponse:
    """Publish the certificates of an account's keys that work, by their ids."""
    found = published_certificates(email)
    if found is None:
        raise OAuthError(404, "not_found", "There is no such service account.")
    return answered(found)


def _sent(request: HttpRequest, name: str) -> str:
    return request.POST.get(name) or request.GET.get(name, "")


def _no_token(request: HttpRequest, description: str) -> OAuthError:
    if not ratelimit.consume(request, app="allauth.account", action=_UNKNOWN_TOKEN, limit_get=True):
        return too_many()
    return OAuthError(400, "invalid_token", description)
