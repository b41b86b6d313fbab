"""R17 and R16: the duration of an approval, and an end that came before it."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from subscriptions.models import AccessChange, AccessGrant
from tests.access.boxes import own, save
from tests.access.requests_world import WEEK, chosen, close, give, let_requests_age, request_access
from tests.access.world import World, propagate

VOICE = "1010330004"  # what World.own is


def test_R16_the_duration_counts_from_when_the_approval_is_due(world: World) -> None:
    close(world)
    asked = request_access(world)
    let_requests_age(timedelta(days=3))
    give(world, asked)
    [change] = AccessChange.objects.filter(grant=world.console(), settled_at=None)
    assert change.ends_at == change.due_at + WEEK


def test_R16_an_end_that_has_come_and_is_not_written_down_yet_is_in_nobodys_way(world: World) -> None:
    save(world, own(world, True))
    propagate()
    past = Now() - timedelta(hours=1)
    console_grant = AccessGrant.objects.filter(pk=world.console().pk)
    console_grant.update(ends_at=past, effective_until=past, effective_ends_at=past)
    asked = request_access(world, skus=[VOICE])
    give(world, asked, chosen(asked, subscriptions=[world.own]))
    assert (world.console().allowed, world.opened().allowed) == (True, True)
