"""Who is this actor now, may they, and why? Asked of the database in the transaction that writes (P8, R11, R24)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from django.contrib.auth import get_backends
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.factors import is_locked_out
from accounts.models import Customer, Reseller, ScimToken, User
from accounts.permissions import Fact, Permission
from accounts.proof import ProofNeeded
from accounts.roles import Role

_PERMISSIONS: Final = {str(permission): permission for permission in Permission}
# P15: what a program may do with a token of its organisation. No role, no licence, no password.
TOKEN_PERMISSIONS: Final = frozenset({Permission.MANAGE_USERS, Permission.MANAGE_GROUPS})
# A token that opens something at this instant.
WORKING: Final = Q(revoked_at=None, expires_at__gt=Now(), reseller__suspended_at=None)


def permissions_on(user: User, customer: Customer) -> frozenset[Permission]:
    """Return what this person may do in this console at this instant; asks every backend, caches nothing (R11)."""
    return frozenset(_PERMISSIONS[held] for held in user.get_all_permissions(customer) if held in _PERMISSIONS)


def person_now(actor: Actor) -> User:
    """Return the actor as the database has them now (P8).

    Raises PermissionDenied for a person who left, and for one who still has to add a second factor: what acts for
    them behind the pages, a job or a machine, is refused too (P12).
    """
    person = User.objects.select_related("customer", "reseller").filter(pk=actor.user.pk, is_active=True).first()
    if person is None:
        raise PermissionDenied(_("Your role does not allow this."))
    if is_locked_out(person):
        raise PermissionDenied(_("A second factor is required of you. Add one first."))
    return person


def holds(actor: Actor, role: Role) -> bool:
    """Tell what the database says now: whether this person is active and holds a role (P8, R11)."""
    person = User.objects.filter(pk=actor.user.pk, is_active=True, role_assignments__role=role).first()
    return person is not None and not is_locked_out(person)


def authorise(actor: Actor, permission: Permission, customer: Customer) -> None:
    """Ask again, in the transaction that writes, with what the database says now (P8, R11).

    Raises PermissionDenied where the person may not, or may not any more.
    """
    if actor.token is not None:
        authorise_token(actor.token, permission, customer)
        return
    if not person_now(actor).has_perm(permission, customer):
        raise PermissionDenied(_("Your role does not allow this."))


def authorise_token(token: ScimToken, permission: Permission, organisation: Customer | Reseller) -> None:
    """Ask again whether a token works, and opens this in an organisation: its own only (P15). Raises PermissionDenied.

    permission: what it takes in a customer's console; of a reseller's people the same.
    """
    found = ScimToken.objects.filter(WORKING, pk=token.pk).first()
    if found is None or permission not in TOKEN_PERMISSIONS or found.organisation != organisation:
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


def require_fresh_proof(actor: Actor | None) -> None:
    """Let through the system, and a person whose proof of who they are is fresh (P13). Raises ProofNeeded.

    Part of every verb that gives, at the point where it knows that something is given; no verb that takes asks.
    """
    if actor is not None and actor.is_stale:
        raise ProofNeeded


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
