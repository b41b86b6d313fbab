"""A console opened less far than everything, as an admin saves it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from accounts.clock import database_now
from accounts.models import Customer, User
from accounts.permissions import Permission
from accounts.roles import AGENT_PERMISSIONS
from subscriptions.access import ending, propagation
from subscriptions.access.extent import Extent
from subscriptions.models import AccessChange
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing
from tests.access.boxes import console, save
from tests.access.world import DAY, World, pass_time
from tests.factories import fresh


def open_as_far_as(
    world: World, level: str = Level.FULL, end: datetime | timedelta | None = None, standing: str = Standing.ALL
) -> AccessChange:
    """Save how far the console is opened; end: a moment, or how long it lasts."""
    lasts = end if isinstance(end, timedelta) else None
    extent = Extent(level, None if lasts else end, lasts, standing)  # type: ignore[arg-type]  # one of the two is None
    [change] = save(world, replace(console(world, True), extent=extent)).changes
    return change


def may(agent: User, customer: Customer) -> Collection[Permission]:
    """What an agent may do in a console at this instant."""
    person = fresh(agent)
    return {permission for permission in AGENT_PERMISSIONS if person.has_perm(permission, customer)}


def until(moment: datetime | None) -> float:
    """Seconds from now on."""
    assert moment is not None
    return (moment - database_now()).total_seconds()


def sweep() -> int:
    """Do what a worker does at a sweep; returns how much."""
    return sum(ending.batches()) + sum(propagation.batches())


def settle() -> int:
    """Let a day pass, and a worker sweep."""
    pass_time(DAY)
    return sweep()
