"""The page between a binding change and its doing: what it means, and whether that is wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest

from accounts.models import Customer
from subscriptions.lifecycle.confirming import Look, change_as_shown
from web.orders.forms import NumberForm

T = TypeVar("T")
EDIT, CONFIRM = "edit", "confirm"


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What stands on that page. has_changed: something else was shown before."""

    look: Look
    form: NumberForm
    has_changed: bool

    @property
    def status(self) -> int:
        return 422 if self.has_changed or self.form.errors else 200


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """done: what the change returned. second: what to show first; None where it was done."""

    done: T | None
    second: SecondLook | None

    @property
    def status(self) -> int:
        return self.second.status if self.second else 200


def confirm(
    request: HttpRequest, *, customer: Customer | None, look: Callable[[], Look | None], change: Callable[[], T]
) -> Outcome[T]:
    """Do a change that this form confirms; otherwise say what to show. look: None for what binds nobody to anything.

    Raises what the change raises, also where it is only tried.
    """
    asked: list[SecondLook] = []

    def is_confirmed() -> bool:
        found = look()
        second = _second(request, found) if found else None
        if second:
            asked.append(second)
        return second is None

    done = change_as_shown(customer=customer, confirmed=is_confirmed, change=change)
    return Outcome(done, asked[0] if asked else None)


def _second(request: HttpRequest, look: Look) -> SecondLook | None:
    """Return what is left to confirm; None where this was shown as it is now, and confirmed."""
    is_sent, shown = request.POST.get("step") == CONFIRM, request.POST.get("shown")
    form = NumberForm(request.POST if is_sent else None, number=look.number)
    if is_sent and shown == look.digest and form.is_valid():
        return None
    return SecondLook(look, form, has_changed=is_sent and shown != look.digest)
