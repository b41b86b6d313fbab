"""Activations as tests make them (R20)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accounts.actor import Actor
from accounts.console_sessions.activations import end_activation
from accounts.models import Activation, User
from accounts.models.activations import Approval
from accounts.roles import Role
from subscriptions.access.activating import activate, approve_activation, give_more_time
from subscriptions.models import AccessPolicy
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing
from tests.access.narrowing import open_as_far_as, settle
from tests.access.world import World
from tests.factories import put_person

HOUR = timedelta(hours=1)
REASON = "The printers of the front desk do not print."


def put_on_request(world: World, standing: str = Standing.NOTHING, level: str = Level.FULL) -> None:
    """The console is open only when needed, and that is in effect."""
    open_as_far_as(world, level, standing=standing)
    settle()


def approved_by(world: World, approval: str, longest: timedelta = 4 * HOUR) -> None:
    """Who approves activations, as the customer chose."""
    AccessPolicy.objects.update_or_create(
        customer=world.customer, defaults={"activation_approval": approval, "activation_longest": longest}
    )


def activated(world: World, agent: User | None = None, **wanted: Any) -> Activation:
    """Activate access for two hours; wanted: other arguments."""
    defaults = {"lasts": 2 * HOUR, "reason": REASON, "case_number": "C-7"}
    return activate(actor=Actor(agent or world.agent), customer=world.customer, **{**defaults, **wanted})


def colleague(world: World, *roles: Role) -> User:
    """Someone else of the reseller; a reseller admin where no roles are given."""
    return put_person(world.reseller, *(roles or (Role.RESELLER_ADMIN,)))


def more(world: World, lasts: timedelta = HOUR, **wanted: str) -> Activation:
    """Give the running activation more time."""
    said = {"reason": REASON, "case_number": ""} | wanted
    return give_more_time(actor=Actor(world.agent), customer=world.customer, lasts=lasts, **said)


def approve(world: World, made: Activation, actor: Actor | None = None) -> Activation:
    """Approve what waits, as a super admin of the customer where nobody else is named."""
    return approve_activation(actor=actor or world.admin, customer=world.customer, activation_id=made.pk)


def end(world: World, made: Activation, actor: Actor | None = None) -> bool:
    """End an activation, as a super admin where nobody else is named."""
    return end_activation(actor=actor or world.admin, customer=world.customer, number=made.number)


__all__ = [
    "HOUR",
    "REASON",
    "Approval",
    "activated",
    "approve",
    "approved_by",
    "colleague",
    "end",
    "more",
    "put_on_request",
]
