"""Requests for access as tests make and answer them (R17)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db.models import F

from accounts.actor import Actor
from subscriptions.access.answering import Answer, approve, seen_in
from subscriptions.access.asking import ask
from subscriptions.access.extent import Extent
from subscriptions.models import AccessRequest, Subscription
from subscriptions.models.level import Level
from tests.access.boxes import console, save
from tests.access.world import World, propagate

WEEK = timedelta(days=7)
REASON = "We repair the printers of the front desk."


def close(world: World) -> None:
    """Access is off, and that is in effect."""
    save(world, console(world, False))
    propagate()


def request_access(world: World, *, actor: Actor | None = None, **wanted: Any) -> AccessRequest:
    """Ask, as the agent, for the directory for a week; wanted: other arguments."""
    defaults = {"extent": Extent(Level.DIRECTORY, lasts=WEEK), "reason": REASON}
    return ask(actor=actor or Actor(world.agent), customer=world.customer, **{**defaults, **wanted})


def chosen(
    asked: AccessRequest,
    level: str | None = None,
    lasts: timedelta | None = WEEK,
    subscriptions: Collection[Subscription] = (),
) -> Answer:
    """The answer of a super admin who has just opened the page."""
    extent = Extent(level or asked.level, lasts=lasts)
    return Answer(extent, frozenset(s.pk for s in subscriptions), seen_in(asked))


def give(world: World, asked: AccessRequest, answer: Answer | None = None, actor: Actor | None = None) -> AccessRequest:
    answered = approve(
        actor=actor or world.admin, customer=world.customer, request_id=asked.pk, answer=answer or chosen(asked)
    )
    assert isinstance(answered, AccessRequest)
    return answered


def let_requests_age(by: timedelta) -> None:
    """Let time pass for every request."""
    AccessRequest.objects.update(asked_at=F("asked_at") - by, expires_at=F("expires_at") - by)
