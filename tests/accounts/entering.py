"""An agent in a customer's console."""

from __future__ import annotations

from django.test import Client

from tests.access.world import World
from tests.client import signed_in, url_of


def inside(world: World, **said: str) -> Client:
    """An agent's browser after it has entered."""
    client = signed_in(world.agent)
    response = client.post(url_of("enter_console", world.customer), said)
    assert response.headers["Location"] == url_of("console_home", world.customer)
    return client
