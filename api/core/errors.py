"""Errors that a method raises. In which envelope a client reads them is the API's own: api/core/envelopes.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self


class ApiError(Exception):
    """A call that is answered with an error.

    status: of HTTP. reason: as the original's APIs name it, for programs. message: in English, for people.
    location: the parameter that it is about. headers: of the answer.
    """

    def __init__(
        self, status: int, reason: str, message: str, location: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.location = location
        self.headers = headers or {}
        self.afterwards: tuple[Callable[[], object], ...] = ()

    def then(self, *steps: Callable[[], object]) -> Self:
        """Let something be done when the transaction of the call is rolled back: what is counted stays counted."""
        self.afterwards += steps
        return self


class NotFound(ApiError):
    """There is no such thing, or it is a stranger's. what: the name of the parameter that names it."""

    def __init__(self, what: str = "") -> None:
        super().__init__(404, "notFound", f"Resource Not Found: {what}" if what else "Not Found", what)


class Invalid(ApiError):
    """A value cannot be. what: the name of the parameter or field."""

    def __init__(self, what: str, message: str = "") -> None:
        super().__init__(400, "invalid", message or f"Invalid Input: {what}", what)


class BadRequest(ApiError):
    """A request contradicts itself, or what is there."""

    def __init__(self, message: str) -> None:
        super().__init__(400, "badRequest", message)


class Forbidden(ApiError):
    """The person, or the client, may not."""

    def __init__(self, message: str = "Not Authorized to access this resource/api") -> None:
        super().__init__(403, "forbidden", message)


class ConditionNotMet(ApiError):
    """What the call takes for granted is not so."""

    def __init__(self, message: str = "Precondition Failed") -> None:
        super().__init__(412, "conditionNotMet", message)


class DuplicateEntity(ApiError):
    """There is one already."""

    def __init__(self, message: str = "Entity already exists.") -> None:
        super().__init__(409, "duplicate", message)


class NotServed(ApiError):
    """The document has the method, and this service does not answer it."""

    def __init__(self, method: str) -> None:
        super().__init__(501, "notImplemented", f"{method} is not served here.")
