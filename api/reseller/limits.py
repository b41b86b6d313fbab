"""How often a reseller's people may ask what is none of theirs, as on the pages: one counter for both doors (P4)."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Final

from allauth.core import ratelimit
from django.http import HttpRequest

from accounts.rate_limits import Limit
from api.core.call import Call
from api.core.errors import ApiError

_HOUR: Final = 3600


def require_room(call: Call, limit: Limit) -> None:
    """Raise 429 where a person has reached a limit: also for what they would be told otherwise, whichever it is."""
    if not ratelimit.consume(_counting(call), action=limit, user=call.actor.user, dry_run=True):
        raise ApiError(
            429, "rateLimitExceeded", "Too many of these were wrong or taken.", headers={"Retry-After": str(_HOUR)}
        )


def count(call: Call, limit: Limit) -> None:
    """Count what was told; not in a transaction that is rolled back."""
    ratelimit.consume(_counting(call), action=limit, user=call.actor.user)


def counted(call: Call, limit: Limit, error: ApiError, *more: Callable[[], object]) -> ApiError:
    """Return an error that is counted when the transaction of the call is over. more: to be done then too."""
    return error.then(lambda: count(call, limit), *more)


def _counting(call: Call) -> HttpRequest:
    """Return the request as one that is counted: of a GET allauth counts nothing."""
    request = copy(call.request)
    request.method = "POST"
    return request
