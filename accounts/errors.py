from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.functional import Promise


class Refused(Exception):
    """A change that the rules refuse.

    message: what is wrong and what is allowed instead, for the person who asked for it.
    field: the argument it is about, as forms and commands name it; empty where it is about none.
    """

    def __init__(self, message: Promise | str, field: str = "") -> None:
        self.message = str(message)
        super().__init__(self.message)
        self.field = field

    @classmethod
    def because(cls, error: ValidationError, field: str) -> Refused:
        """Return what a validator found wrong with a field."""
        return cls(" ".join(error.messages), field)
