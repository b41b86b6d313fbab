"""What a client is told of what was raised: refusals of verbs by their reason, never by their words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from django.core.exceptions import (
    BadRequest as BadRequestOfDjango,
)
from django.core.exceptions import (
    DisallowedHost,
    ObjectDoesNotExist,
    PermissionDenied,
    SuspiciousOperation,
    TooManyFieldsSent,
    ValidationError,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.http.request import UnreadablePostError

from accounts.errors import Duplicate, Refused
from accounts.locking import is_busy
from accounts.proof import ProofNeeded
from api.core.errors import ApiError, BadRequest, Forbidden, NotFound

logger = logging.getLogger(__name__)

# HTTP of the reasons that a refusal can have.
_STATUS: Final[Mapping[str, int]] = {
    "duplicate": 409,
    "conditionNotMet": 412,
    "invalid": 400,
    "badRequest": 400,
    "forbidden": 403,
    "notFound": 404,
}
# Seconds after which it is worth asking again: a lock is had for as long as a verb works, a server starts in a few.
_BUSY, _AWAY = 2, 10


def error_of(error: Exception) -> ApiError:
    """Return what is said of what happened. What is the service's own fault is logged and said in one word."""
    if isinstance(error, ApiError):
        return error
    for kinds, say in _SAYS:
        if isinstance(error, kinds):
            return say(error)
    if is_busy(error):
        return _once_more("Another change is at work. Try again in some seconds.", _BUSY)
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("the database is away")
        return _once_more("The service is away. Try again in some seconds.", _AWAY)
    logger.error("a call of the API failed", exc_info=error)
    return ApiError(500, "backendError", "Backend Error")


def _once_more(message: str, seconds: int) -> ApiError:
    return ApiError(503, "backendError", message, headers={"Retry-After": str(seconds)})


def _refused(error: Exception) -> ApiError:
    assert isinstance(error, Refused)
    reason = "duplicate" if isinstance(error, Duplicate) else getattr(error, "reason", "invalid")
    return ApiError(_STATUS.get(reason, 400), reason, error.message, error.field)


def _bad(_error: Exception) -> ApiError:
    return BadRequest("The request cannot be read.")


def _unproved(_error: Exception) -> ApiError:
    return Forbidden("This gives something: a super admin does it in the console, with a fresh proof of who they are.")


_BAD: Final = (
    BadRequestOfDjango,
    SuspiciousOperation,
    DisallowedHost,
    TooManyFieldsSent,
    ValidationError,
    RecursionError,
    UnreadablePostError,
)
# The first that fits counts.
_SAYS: Final[tuple[tuple[tuple[type[Exception], ...], Callable[[Exception], ApiError]], ...]] = (
    ((Refused,), _refused),
    ((ProofNeeded,), _unproved),
    ((PermissionDenied,), lambda _error: Forbidden()),
    ((Http404, ObjectDoesNotExist), lambda _error: NotFound()),
    (_BAD, _bad),
)
