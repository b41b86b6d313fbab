"""What a program is told when nothing was done, in the form of RFC 7644, 3.12. In English: programs read it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from django.core.exceptions import (
    BadRequest,
    DisallowedHost,
    PermissionDenied,
    SuspiciousOperation,
    TooManyFieldsSent,
    ValidationError,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404
from pydantic import ValidationError as Invalid
from scim2_models import Error, SCIMException

from accounts.errors import Duplicate, LastAdmin, Refused
from accounts.locking import is_busy
from accounts.proof import ProofNeeded

logger = logging.getLogger(__name__)

# What the verbs call an argument, and how programs call it.
_ATTRIBUTES: Final[Mapping[str, str]] = {
    "email": "userName",
    "name": "displayName",
    "external_id": "externalId",
    "given_name": "name.givenName",
    "family_name": "name.familyName",
}
# Seconds after which it is worth asking again.
RETRY_AFTER: Final = 2


class TooManyRequests(SCIMException):
    """A program asks more often than it may."""

    status = 429
    _default_detail = "Too many requests. Try again in a minute"


class MethodNotAllowed(SCIMException):
    """A resource does not answer a method."""

    status = 405

    def __init__(self, methods: tuple[str, ...]) -> None:
        self.methods = [*methods, *(["HEAD"] if "GET" in methods else [])]
        super().__init__(detail=f"Use {', '.join(self.methods)}")


def error_of(error: Exception) -> Error:
    """Return what is said of what happened; what is the service's own fault is logged and said in one word."""
    for kinds, say in _SAYS:
        if isinstance(error, kinds):
            return say(error)
    if is_busy(error) or isinstance(error, OperationalError | InterfaceError):
        return Error(status=503, detail="Another change is at work. Try again in some seconds.")
    logger.error("a request of a program failed", exc_info=error)
    return Error(status=500, detail="The service failed. Try again later.")


def _refused(error: Exception) -> Error:
    """Return 409 for what contradicts what is there, and 400 with its name for a value that cannot be."""
    assert isinstance(error, Refused)
    attribute = _ATTRIBUTES.get(error.field, error.field)
    detail = f"{attribute}: {error.message}" if attribute else error.message
    if isinstance(error, Duplicate):
        return Error(status=409, scim_type="uniqueness", detail=detail)
    if isinstance(error, LastAdmin) or not attribute:
        return Error(status=409, detail=error.message)
    return Error(status=400, scim_type="invalidValue", detail=detail)


def _invalid(error: Exception) -> Error:
    assert isinstance(error, Invalid)
    return Error.from_validation_errors(error)[0]


def _bad(_error: Exception) -> Error:
    return Error(status=400, scim_type="invalidSyntax", detail="The request cannot be read")


def _scim(error: Exception) -> Error:
    assert isinstance(error, SCIMException)
    return error.to_error()


def _gone(_error: Exception) -> Error:
    return Error(status=404, detail="There is no such resource")


def _denied(_error: Exception) -> Error:
    return Error(status=403, detail="The token does not allow this")


def _unproved(_error: Exception) -> Error:
    detail = "This concerns an admin, and gives something: a super admin does it in the console, with a fresh proof"
    return Error(status=403, detail=detail)


# The first that fits counts.
_SAYS: Final[tuple[tuple[tuple[type[Exception], ...], Callable[[Exception], Error]], ...]] = (
    ((SCIMException,), _scim),
    ((Invalid,), _invalid),
    ((Refused,), _refused),
    ((ProofNeeded,), _unproved),
    ((PermissionDenied,), _denied),
    ((Http404,), _gone),
    # Deeper than anything that means something.
    ((BadRequest, SuspiciousOperation, DisallowedHost, TooManyFieldsSent, ValidationError, RecursionError), _bad),
)
