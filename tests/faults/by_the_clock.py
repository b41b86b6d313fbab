"""An agent inside a console whose access ends or narrows by the clock, and processes whose own clock is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from django.test import Client
from django.urls import reverse

from subscriptions.access import desired, propagation
from subscriptions.access.comparison import Desired
from subscriptions.access.extent import Extent
from tests.access.world import World, wish
from tests.client import signed_in, url_of

# Seconds in which an end or a narrowing of these tests comes true: long enough to save it and look once before.
SOON = 4


def inside(world: World) -> Client:
    """The browser of an agent who has entered, and sees users."""
    client = signed_in(world.agent)
    client.post(reverse("enter_console", kwargs={"domain": world.customer.primary_domain}))
    assert get(client, world, "users") == 200
    return client


def get(client: Client, world: World, page: str) -> int:
    return client.get(url_of(page, world.customer)).status_code


def save(world: World, box: Desired) -> None:
    """Save a box, and what was bought from the vendor beside it as it is."""
    own = wish(world.customer, world.reseller, True, world.own)
    desired.save_reseller_access(
        actor=world.admin, customer=world.customer, desired=[box, own], agreed=[world.reseller.pk]
    )


def let_it_end(world: World) -> None:
    """Open everything, and give the console an end that is near."""
    save(world, wish(world.customer, world.reseller, True))
    propagation.apply_due_changes()
    assert world.console().effective_until is None
    end = replace(wish(world.customer, world.reseller, True), extent=Extent(lasts=timedelta(seconds=SOON)))
    save(world, end)


def ahead(**by: int) -> dict[str, str]:
    """The environment of a process whose clock is ahead by that much, or behind."""
    shift = timedelta(**by).total_seconds()
    return {"PYTHONPATH": str(Path(__file__).parent / "shifted"), "CLOCK_IS_AHEAD": str(shift)}
