"""Errors as clients of each API read them: the older APIs list reasons, the newer ones name one status (api.md, 11).

GAM reads `status` before the reasons and takes it for one that it does not know: the older APIs have none, but where
the original's front door answers for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.core.errors import ApiError

# google.rpc.Code of an HTTP status.
_STATUS: Final[Mapping[int, str]] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}
REALM: Final = 'Bearer realm="API"'


class FrontDoorError(ApiError):
    """An error of who asks, before any API is: the older APIs carry its status too."""


class LoginRequired(FrontDoorError):
    """No token came with the call."""

    def __init__(self) -> None:
        message = (
            "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or "
            "other valid authentication credential."
        )
        super().__init__(401, "required", message, "Authorization", {"WWW-Authenticate": REALM})


class InvalidCredentials(FrontDoorError):
    """The token opens nothing, whatever the reason (X3)."""

    def __init__(self) -> None:
        message = (
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
            "valid authentication credential."
        )
        super().__init__(
            401, "authError", message, "Authorization", {"WWW-Authenticate": f'{REALM}, error="invalid_token"'}
        )


class InsufficientScopes(FrontDoorError):
    """The token has none of the scopes of which the method asks for one."""

    def __init__(self, scopes: frozenset[str]) -> None:
        asked = " ".join(sorted(scopes))
        header = f'{REALM}, error="insufficient_scope", scope="{asked}"'
        super().__init__(
            403,
            "insufficientPermissions",
            "Request had insufficient authentication scopes.",
            headers={"WWW-Authenticate": header},
        )


def older(error: ApiError) -> dict[str, Any]:
    """Return an error as Reseller, Directory, Reports, Licensing and Groups Settings say it."""
    said = {"domain": "global", "reason": error.reason, "message": error.message}
    if error.location:
        is_header = error.location in ("Authorization", "If-Match")
        said |= {"locationType": "header" if is_header else "parameter", "location": error.location}
    found: dict[str, Any] = {"code": error.status, "message": error.message, "errors": [said]}
    if isinstance(error, FrontDoorError):
        found |= _details(error)
    return {"error": found}


def newer(error: ApiError) -> dict[str, Any]:
    """Return an error as Cloud Support says it."""
    found: dict[str, Any] = {"code": error.status, "message": error.message} | _details(error)
    if error.status == 400 and error.location:
        violation = {"field": error.location, "description": error.message}
        found["details"] = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}]
    return {"error": found}


def _details(error: ApiError) -> dict[str, Any]:
    """Return the status, and what clients read beside it."""
    found: dict[str, Any] = {
        "status": _STATUS.get(error.status, "INVALID_ARGUMENT" if error.status < 500 else "INTERNAL")
    }
    reason = {InvalidCredentials: "ACCESS_TOKEN_INVALID", InsufficientScopes: "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
    if type(error) in reason:
        info = {"reason": reason[type(error)], "domain": "googleapis.com"}
        found["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", **info}]
    return found
