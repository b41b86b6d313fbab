"""How the door answers: JSON in English, and errors in the form of OAuth (RFC 6749, 5.2)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import BadRequest, DisallowedHost, SuspiciousOperation
from django.db import DatabaseError, InterfaceError
from django.http import HttpResponse, JsonResponse
from django.http.request import UnreadablePostError

from api.core.errors import ApiError

logger = logging.getLogger(__name__)

# Seconds after which it is worth asking again: where too much was wrong, and where the database was away.
_AFTER_TOO_MANY = 60
_AFTER_AWAY = 10


class OAuthError(Exception):
    """What a client is told when it gets nothing. code: one of OAuth's; description: for those who write clients."""

    def __init__(self, status: int, code: str, description: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(description)
        self.status, self.code, self.description = status, code, description
        self.headers = dict(headers or {})


def too_many() -> OAuthError:
    """Return the error of a client that asked wrongly too often."""
    return OAuthError(429, "rate_limit_exceeded", "Too many requests.", {"Retry-After": str(_AFTER_TOO_MANY)})


def answered(payload: dict[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return an answer."""
    return JsonResponse(payload, status=status, headers=dict(headers or {}))


def refused(error: Exception) -> HttpResponse:
    """Return the answer to what went wrong; what is our own fault is logged, and said in one word."""
    if isinstance(error, ApiError):
        code = "rate_limit_exceeded" if error.status == 429 else "invalid_token"
        error = OAuthError(error.status, code, error.message, error.headers)
    elif isinstance(error, BadRequest | SuspiciousOperation | DisallowedHost | UnreadablePostError):
        error = OAuthError(400, "invalid_request", "The request cannot be read.")
    elif isinstance(error, DatabaseError | InterfaceError):
        logger.error("the database did not answer a machine at the door", exc_info=error)
        error = OAuthError(503, "temporarily_unavailable", "Try again.", {"Retry-After": str(_AFTER_AWAY)})
    elif not isinstance(error, OAuthError):
        logger.error("a machine at the door was not answered", exc_info=error)
        error = OAuthError(500, "server_error", "Something went wrong here.")
    payload = {"error": error.code, "error_description": error.description}
    return answered(payload, error.status, error.headers)
