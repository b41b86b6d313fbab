"""What a page does with a change that the rules refuse: its form says why, or a message does."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest

from accounts.errors import Refused


class Refusals:
    """A block that may be refused, as a whole; the view goes on behind it, as where a form is not valid.

    A class, not a generator: only so does mypy know that the lines behind the block are reached.
    """

    def __init__(self, tell: Callable[[Refused], None]) -> None:
        """Make the block; tell: says to the person why it was refused."""
        self._tell = tell

    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> bool:
        if isinstance(error, Refused):
            self._tell(error)
        return isinstance(error, Refused)


def shown_on(form: BaseForm, field: str = "") -> Refusals:
    """Show a refusal on a form: beside `field`, or the field it is about; at the top where the form has none such."""

    def tell(refused: Refused) -> None:
        about = field or refused.field
        form.add_error(about if about in form.fields else None, refused.message)

    return Refusals(tell)


def told(request: HttpRequest) -> Refusals:
    """Show a refusal as a message on the next page."""
    return Refusals(lambda refused: messages.error(request, refused.message))
