"""Which roles cannot be given in a customer's console any more, and why (S12).

The reason may lie in a package above this one: as with permissions and windows, an authentication backend answers.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from django.contrib.auth import get_backends
from django.utils.functional import Promise

from accounts.models import Customer
from accounts.roles import Role


@runtime_checkable
class ClosesRoles(Protocol):
    """An authentication backend that knows when a role has had its time."""

    def closed_roles(self, customer: Customer) -> dict[Role, Promise]:
        """Return the roles that this customer cannot give, each with the reason for a person to read."""


def closed_roles(customer: Customer) -> dict[Role, Promise]:
    """Return the roles that this customer cannot give; anyone who holds one keeps it until it is taken."""
    found: dict[Role, Promise] = {}
    for backend in get_backends():
        if isinstance(backend, ClosesRoles):
            found |= backend.closed_roles(customer)
    return found
