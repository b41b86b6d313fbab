"""What tests of the directory's pages need."""

from __future__ import annotations

from django.test import Client

from tests.access.world import propagate, sell
from tests.cast import Cast
from tests.client import signed_in, url_of


def enter(cast: Cast) -> Client:
    """The browser of an agent in Acme's console."""
    sell(cast.acme.customer, cast.resale_one.reseller)
    propagate()
    ana = signed_in(cast.resale_one.agent)
    ana.post(url_of("enter_console", cast.acme.customer))
    return ana
