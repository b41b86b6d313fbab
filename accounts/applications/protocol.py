"""What clients send and get (RFC 6749, RFC 7636, OpenID Connect): read by oauthlib, answered by validator.py (X7)."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any, Final

from allauth.core.context import request_context
from allauth.idp.oidc.internal.oauthlib.utils import extract_headers, extract_params, get_uri
from django.db import transaction
from django.http import HttpRequest
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.openid import Server
from oauthlib.openid.connect.core.exceptions import ConsentRequired

from accounts.actor import Actor
from accounts.applications.validator import Validator
from accounts.machines.tokens import new_text
from accounts.models import ServiceAccount
from accounts.models.machines import TOKEN_LASTS_AT_MOST

GRANTS: Final = ("authorization_code", "refresh_token")
# What a refresh token begins with, as all secrets of ours.
_REFRESH_PREFIX: Final = "rcref_"
_LASTS: Final = int(TOKEN_LASTS_AT_MOST.total_seconds())


class NoApplication(Exception):
    """Nobody can be asked: there is no such application in the person's organisation, or it may not lead there."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an application asks of a person. prompt: what it wants them to do first; led_to: where they go then."""

    account: ServiceAccount
    scopes: list[str]
    prompt: frozenset[str]
    led_to: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client is answered: a token, or an error of OAuth's."""

    payload: dict[str, Any]
    status: int


class Declined(Exception):
    """The application is told that it gets nothing. url: where its person is led with that."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def asked_in(request: HttpRequest, actor: Actor) -> Asked:
    """Return what the query of a request asks of the actor.

    Raises NoApplication; Declined where the application is to hear that it asks wrongly.
    """
    with request_context(request):
        try:
            scopes, said = _server(actor).validate_authorization_request(
                get_uri(request), "GET", None, _headers(request)
            )
            request_said: Request = said["request"]
            _require_s256(request_said)
        except errors.FatalClientError as error:
            raise NoApplication from error
        except errors.OAuth2Error as error:
            raise Declined(error.in_uri(error.redirect_uri)) from error
    prompt = frozenset((request.GET.get("prompt") or "").split())
    if "none" in prompt:
        _decline(request_said, ConsentRequired(state=request_said.state))
    return Asked(request_said.client.application, list(scopes), prompt, request_said.redirect_uri)


def allowed(request: HttpRequest, actor: Actor) -> str:
    """Note that the actor allows what the query of a request asks; returns where they are led, with a code.

    Raises as asked_in() and accounts.applications.allowing.allow_application() do.
    """
    asked = asked_in(request, actor)
    with request_context(request), transaction.atomic():
        headers, _body, _status = _server(actor).create_authorization_response(
            get_uri(request), "GET", None, _headers(request), asked.scopes
        )
    return str(headers["Location"])


def refused(request: HttpRequest, actor: Actor) -> str:
    """Return where the actor is led who does not allow what the query of a request asks. Raises as asked_in() does."""
    asked = asked_in(request, actor)
    error = errors.AccessDeniedError(state=request.GET.get("state"))
    return str(error.in_uri(asked.led_to))


def exchanged(request: HttpRequest) -> Answer:
    """Return the tokens for a code or a refresh token, or the error, as oauthlib has found it.

    In one transaction: that something was used twice ends its consent, whatever is answered.
    """
    with request_context(request), transaction.atomic():
        _headers_out, body, status = _server(None).create_token_response(*extract_params(request))
    payload: dict[str, Any] = json.loads(body)
    return Answer(payload, status)


def _server(actor: Actor | None) -> Server:
    return Server(
        Validator(actor),
        token_expires_in=_LASTS,
        token_generator=lambda _request: new_text(),
        refresh_token_generator=lambda _request: _REFRESH_PREFIX + secrets.token_urlsafe(48),
    )


def _require_s256(said: Request) -> None:
    """Refuse a challenge that is the verifier itself: RFC 7636 allows it only to those who can do nothing else."""
    if said.code_challenge is not None and said.code_challenge_method != "S256":
        raise errors.UnsupportedCodeChallengeMethodError(request=said)


def _decline(said: Request, error: errors.OAuth2Error) -> None:
    raise Declined(error.in_uri(said.redirect_uri))


def _headers(request: HttpRequest) -> dict[str, str]:
    headers: dict[str, str] = extract_headers(request)
    return headers
