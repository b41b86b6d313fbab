"""Who is there while machines fail. Needs Django with the database of the cluster."""

from __future__ import annotations

from django.conf import settings
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory

from accounts.models import User
from drill.load import Browser, Place
from tests.access.world import make_world
from tests.web.console.access_page import box

CUSTOMERS = 12


def people(webs: list[tuple[str, int]]) -> list[Place]:
    """Make customers, each with a super admin and an agent, and sign them in."""
    worlds = [make_world() for _ in range(CUSTOMERS)]
    return [
        Place(
            customer=world.customer.pk,
            domain=world.customer.primary_domain,
            box=box(world.reseller),
            admin=_signed_in(world.admin.user, webs, number),
            agent=_signed_in(world.agent, webs, number),
        )
        for number, world in enumerate(worlds)
    ]


def _signed_in(person: User, webs: list[tuple[str, int]], number: int) -> Browser:
    client = Client()
    client.force_login(person, backend="accounts.backends.SignInBackend")
    request = RequestFactory().get("/")
    token = get_token(request)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    # Half of them begin at each web server.
    start = number % len(webs)
    return Browser([*webs[start:], *webs[:start]], cookies | {settings.CSRF_COOKIE_NAME: token})
