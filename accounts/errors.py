from __future__ import annotations

from typing import Literal

from django.core.exceptions import ValidationError
from django.utils.functional import Promise

# Why a change is refused, as the API's clients tell it apart; people read the sentence.
Reason = Literal["invalid", "duplicate", "conditionNotMet", "notFound", "forbidden", "badRequest"]


class Refused(Exception):
    """A change that the rules refuse.

    message: what is wrong and what is allowed instead, for the person who asked for it.
    field: the argument it is about, as forms and commands name it; empty where it is about none.
    reason: "invalid" where something is wrong with what was asked, "conditionNotMet" where it is how things are that
    forbids it, "badRequest" where it can never be asked of this; the others say what they say.
    """

    def __init__(self, message: Promise | str, field: str = "", *, reason: Reason = "invalid") -> None:
        self.message = str(message)
        super().__init__(self.message)
        self.field = field
        self.reason = reason

    @classmethod
    def because(cls, error: ValidationError, field: str) -> Refused:
        """Return what a validator found wrong with a field."""
        return cls(" ".join(error.messages), field)


class Duplicate(Refused):
    """There is one already."""

    def __init__(self, message: Promise | str, field: str = "") -> None:
        super().__init__(message, field, reason="duplicate")


class LastAdmin(Refused):
    """A person would be taken away who is the last active admin of their organisation (P7, P11)."""

    def __init__(self, message: Promise | str, field: str = "") -> None:
        super().__init__(message, field, reason="conditionNotMet")
