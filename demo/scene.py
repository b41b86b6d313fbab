"""Everybody of the example world, as its parts know them."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password

from accounts.actor import Actor
from accounts.models import Customer, Reseller
from accounts.organisations import VENDOR, Organisation
from demo import cast


@dataclass
class Scene:
    """Everybody by domain or address, as the verbs made them."""

    customers: dict[str, Customer] = field(default_factory=dict)
    resellers: dict[str, Reseller] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    # Hashed once: argon2 is made to take long.
    password: str = field(default_factory=lambda: make_password(cast.PASSWORD))

    def organisation(self, domain: str) -> Organisation:
        return self.customers.get(domain) or self.resellers.get(domain) or VENDOR

    def admin_of(self, domain: str) -> Actor:
        """A super admin of a customer of whom nobody signs in."""
        return self.actors[f"admin@{domain}"]

    def others(self) -> list[str]:
        """The domains of the customers that make the list long."""
        return [domain for _name, domain in cast.customers()]
