"""How one relation stands at this instant, in the terms its reseller is told (R5, R8).

What the customer is told about its own decisions is in overview.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.clock import database_now
from accounts.console_sessions.windows import window_of
from accounts.directory.addresses import person_at
from accounts.models import Customer, User
from accounts.permissions import Permission
from accounts.roles import SUPPORT_PARTNER_PERMISSIONS
from subscriptions.access import effective
from subscriptions.access.effective import IN_FORCE, AccessState, state
from subscriptions.access.extent import level_at, standing_at
from subscriptions.access.levels import narrowest, opened_by
from subscriptions.access.scope import relations_of
from subscriptions.access.standing import is_on_request
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing


@dataclass(frozen=True, slots=True)
class RelationAccess:
    """Whether the console is open to the reseller now, and what is on its way; not the customer's setting.

    since: since when access is in force; None where it is not.
    ended_at: when the last access ended, where it is closed and was open before.
    closes_at, opens_at: when a revocation comes true by itself, and by about when a worker gives access.
    level: what is open now (R18). ends_at: the end that the customer has set, where no revocation is nearer (R16).
    narrows_at, narrow_level: when less of it will be open by itself, and how much is left.
    standing: what of it stands open without an activation (R20).
    """

    state: AccessState
    since: datetime | None
    ended_at: datetime | None
    closes_at: datetime | None
    opens_at: datetime | None
    level: str = Level.FULL
    ends_at: datetime | None = None
    narrows_at: datetime | None = None
    narrow_level: str = ""
    standing: str = Standing.ALL

    @property
    def is_in_force(self) -> bool:
        return self.state in IN_FORCE

    @property
    def is_on_request(self) -> bool:
        """Whether an agent activates it first (R20)."""
        return self.is_in_force and is_on_request(self.standing)


def level_needed(agent: User, customer: Customer, permission: Permission) -> Level | None:
    """Return the level that would open a page to an agent who is inside with less; None where no level does (R18)."""
    level = narrowest([permission])
    window = window_of(agent, customer)
    if level is None or window is None:
        return None
    is_closed = window.as_support_partner and permission not in SUPPORT_PARTNER_PERMISSIONS
    return None if is_closed else level


def can_activate(agent: User, customer: Customer) -> bool:
    """Tell whether the console is open to this agent only when needed, so that they activate it first (R20)."""
    relation = relations_of(agent).filter(customer=customer).first()
    return relation is not None and access_of(relation).is_on_request


def would_open(agent: User, customer: Customer, permission: Permission) -> bool:
    """Tell whether a page that is closed to an agent opens once they have activated access (R20)."""
    relation = relations_of(agent).filter(customer=customer).first()
    access = access_of(relation) if relation else None
    return access is not None and access.is_on_request and permission in opened_by(access.level)


def known_person(customer: Customer, typed: str) -> User | None:
    """Return the person with an address whom a customer may ask about; None for strangers as for nobody.

    Its own people, and those of the organisations that the page *Reseller access* names (R19).
    """
    person = person_at(typed)
    if person is None or person.customer_id == customer.pk:
        return person
    live = AccessGrant.objects.filter(customer=customer, reseller=person.reseller_id, subscription=None, ended_at=None)
    return person if person.reseller_id is not None and live.exists() else None


def access_of(relation: AccessGrant) -> RelationAccess:
    """Tell a reseller how its access to a customer stands; `relation` comes from scope.access_relation().

    The window is read together with what waits: a worker that gives access in between would leave neither.
    """
    return access_at(with_opening(AccessGrant.objects.all()).get(pk=relation.pk), database_now())


def with_opening(grants: QuerySet[AccessGrant]) -> QuerySet[Any]:
    """Return grants with when a worker gives what waits (`opens_at`), as access_at() takes them."""
    waiting = AccessChange.objects.filter(grant=OuterRef("pk"), settled_at__isnull=True, allowed=True, gives=True)
    return grants.annotate(opens_at=Subquery(waiting.values("due_at")[:1]))


def access_at(grant: Any, now: datetime) -> RelationAccess:
    """Tell how access stands; grant: from with_opening(). now: the database's clock, asked behind it."""
    window = effective.window_of(grant)
    standing = standing_at(grant, now)
    access = state(now, window, standing, grant.opens_at)
    in_force, ends_itself = access in IN_FORCE, access in (AccessState.OPEN, AccessState.ON_REQUEST)
    is_to_narrow = in_force and grant.narrows_at is not None and grant.narrows_at > now
    return RelationAccess(
        access,
        since=window.began_at if in_force else None,
        ended_at=window.until if window.began_at is not None and not in_force else None,
        closes_at=window.until if access is AccessState.CLOSING else None,
        opens_at=None if ends_itself else grant.opens_at,
        level=level_at(grant, now),
        ends_at=window.until if ends_itself else None,
        narrows_at=grant.narrows_at if is_to_narrow else None,
        narrow_level=grant.narrow_level if is_to_narrow else "",
        standing=standing,
    )
