"""Who is this actor now, may they, and why? Asked of the database in the transaction that writes (P8, R11, R24)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from django.contrib.auth import get_backends
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.models import Customer, Reseller, User
from accounts.permissions import Fact, Permission
from accounts.roles import Role


def permissions_on(user: User, customer: Customer) -> frozenset[Permission]:
    """Return what this person may do in this console at this instant; asks every backend, caches nothing (R11)."""
    return frozenset(Permission(p) for p in user.get_all_permissions(customer) if p in set(Permission))


def person_now(actor: Actor) -> User:
    """Return the actor as the database has them now (P8). Raises PermissionDenied for a person who left."""
    person = User.objects.select_related("customer", "reseller").filter(pk=actor.user.pk, is_active=True).first()
    if person is None:
        raise PermissionDenied(_("Your role does not allow this."))
    return person


def holds(actor: Actor, role: Role) -> bool:
    """Tell what the database says now: whether this person is active and holds a role (P8, R11)."""
    return User.objects.filter(pk=actor.user.pk, is_active=True, role_assignments__role=role).exists()


def authorise(actor: Actor, permission: Permission, customer: Customer) -> None:
    """Ask again, in the transaction that writes, with what the database says now (P8, R11).

    Raises PermissionDenied where the person may not, or may not any more.
    """
    if not person_now(actor).has_perm(permission, customer):
        raise PermissionDenied(_("Your role does not allow this."))


def authorise_reseller(actor: Actor, roles: Collection[Role], reseller_id: int | None = None) -> Reseller:
    """Return the reseller for which this person holds one of these roles now, unless it is suspended (P4, P8, R13).

    reseller_id: of this one only; None: whichever it is. Raises PermissionDenied.
    """
    person = person_now(actor)
    reseller = person.reseller
    if reseller is None or reseller.suspended_at is not None or not person.roles & frozenset(roles):
        raise PermissionDenied(_("Your role does not allow this."))
    if reseller_id is not None and reseller.pk != reseller_id:
        raise PermissionDenied(_("Your role does not allow this."))
    return reseller


def authorise_operator(actor: Actor | None) -> None:
    """Let the system and the vendor's operators through (P5). Raises PermissionDenied."""
    if actor is not None and not holds(actor, Role.VENDOR_OPERATOR):
        raise PermissionDenied(_("Your role does not allow this."))


@dataclass(frozen=True, slots=True)
class Explanation:
    """The facts of the one way that decides. `first_no`: what stands in the way; None where nothing does."""

    facts: Sequence[Fact]

    @property
    def allowed(self) -> bool:
        return self.first_no is None

    @property
    def told(self) -> Sequence[Fact]:
        """The facts up to the first that fails: what comes behind it decides nothing any more."""
        last = next((place for place, fact in enumerate(self.facts) if not fact.holds), len(self.facts))
        return self.facts[: last + 1]

    @property
    def first_no(self) -> Fact | None:
        return next((fact for fact in self.facts if not fact.holds), None)


@runtime_checkable
class Explains(Protocol):
    """An authentication backend that says why."""

    def facts(self, person: User, permission: Permission, customer: Customer) -> list[Fact]:
        """Return the facts of its answer in their order, all of which must hold; none where it is not asked."""


NO_WAY = Fact(False, "", gettext_lazy("They belong to an organisation that has no way into this console."))


def explain(person: User, permission: Permission, customer: Customer) -> Explanation:
    """Tell why a person has a permission in a console at this instant, or what is the first thing that they lack.

    The first way whose facts all hold decides; where none does, the one that gets furthest.
    """
    ways = [
        Explanation(facts)
        for backend in get_backends()
        if isinstance(backend, Explains) and (facts := backend.facts(person, permission, customer))
    ]
    return max(ways, key=_reach, default=Explanation([NO_WAY]))


def _reach(way: Explanation) -> tuple[bool, int]:
    return way.allowed, next((place for place, fact in enumerate(way.facts) if not fact.holds), len(way.facts))
