"""Through which window of access people from outside are in a console at this instant (R10, R15).

A later window has another name: anyone who comes back after access was closed and given again enters again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from django.contrib.auth import get_backends

from accounts.models import Customer, User


@dataclass(frozen=True, slots=True)
class Window:
    """What lets a person in: its name, and whether as the customer's support partner (A4).

    activation_id: the activation that does, where the console is open only on request (R20).
    """

    name: str
    as_support_partner: bool
    activation_id: int | None = None


@runtime_checkable
class KnowsWindows(Protocol):
    """An authentication backend whose people get into consoles for a time only."""

    def windows_in(self, customer: Customer, people: Collection[int]) -> dict[int, Window]:
        """Return the window of each of these people, by their ids, that is in force now; one query."""


def windows_in(customer: Customer, people: Collection[int]) -> dict[int, Window]:
    """Return the windows of those of these people whom a backend lets in now, by their ids."""
    found: dict[int, Window] = {}
    for backend in get_backends():
        asked = set(people) - found.keys()
        if asked and isinstance(backend, KnowsWindows):
            found |= backend.windows_in(customer, asked)
    return found


def window_of(person: User, customer: Customer) -> Window | None:
    """Return the window of access that lets this person into a customer's console now; None where none does."""
    return windows_in(customer, [person.pk]).get(person.pk) if person.reseller_id else None
