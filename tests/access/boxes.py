"""The boxes of the page *Reseller access* as tests tick and save them."""

from __future__ import annotations

from accounts.actor import Actor
from accounts.models import AuditEvent
from subscriptions.access import desired
from subscriptions.access.comparison import Desired
from subscriptions.access.desired import Saved
from subscriptions.models import AccessChange, AccessGrant
from tests.access.world import World, wish


def save(world: World, *wishes: Desired, agreed: bool = True, actor: Actor | None = None) -> Saved:
    return desired.save_reseller_access(
        actor=actor or world.admin,
        customer=world.customer,
        desired=wishes,
        agreed=[w.reseller_id for w in wishes] if agreed else [],
    )


def console(world: World, allowed: bool) -> Desired:
    return wish(world.customer, world.reseller, allowed)


def own(world: World, allowed: bool) -> Desired:
    return wish(world.customer, world.reseller, allowed, world.own)


def everything() -> tuple[list[object], ...]:
    """All that a save could change."""
    return (
        list(AccessGrant.objects.order_by("id").values()),
        list(AccessChange.objects.order_by("id").values()),
        list(AuditEvent.objects.order_by("id").values()),
    )
