"""On which support contracts a reseller's access rests, in the words of the person who keeps them (R19, S9).

Contracts are kept in a package above this one. As with permissions and windows, an authentication backend answers.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from django.contrib.auth import get_backends

from accounts.models import Customer


@runtime_checkable
class KnowsContracts(Protocol):
    """An authentication backend whose people work under support contracts."""

    def contracts_in(self, customer: Customer) -> dict[int, list[str]]:
        """Return the services under contract at a customer for each reseller, by its id; one query."""


def contracts_in(customer: Customer) -> dict[int, list[str]]:
    """Return the services that each reseller supports under contract at this customer, by the reseller's id."""
    found: dict[int, list[str]] = {}
    for backend in get_backends():
        if isinstance(backend, KnowsContracts):
            found |= backend.contracts_in(customer)
    return found
