"""The clock of the web server is wrong: what it opens, closes and saves goes by the database's (R8).

Twenty minutes: how long Django lets a session last is the one thing that a web server asks its own clock (decision 20).
"""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.clock import database_now
from subscriptions.models import AccessChange
from subscriptions.models.level import Level
from tests.access.world import World, make_world
from tests.client import signed_in, url_of
from tests.faults.by_the_clock import ahead, inside, let_it_end
from tests.faults.crowd import eventually
from tests.web.console.access_page import Page

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

AT_ONCE = {"ACCESS_PROPAGATION_MIN": "0", "ACCESS_PROPAGATION_MEDIAN": "1", "ACCESS_PROPAGATION_MAX": "2"}
TOKEN = "a" * 32  # of the check that a form comes from our pages


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser at a real web server, signed in as a person is in a test's client."""

    port: int
    session: str

    @classmethod
    def of(cls, port: int, client: Client) -> Browser:
        return cls(port, client.cookies[settings.SESSION_COOKIE_NAME].value)

    def ask(self, path: str, form: Mapping[str, Any] | None = None) -> tuple[int, str]:
        cookies = f"{settings.SESSION_COOKIE_NAME}={self.session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
        sent = urllib.parse.urlencode(form, doseq=True).encode() if form is not None else None
        headers = {"Cookie": cookies, "X-CSRFToken": TOKEN}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", sent, headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  our own server
                assert urllib.parse.urlsplit(answer.url).path == path, answer.url
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def status(self, world: World, page: str) -> int:
        return self.ask(url_of(page, world.customer))[0]


@pytest.mark.parametrize("minutes", [20, -20])
def test_R8_a_web_server_whose_clock_is_off_lets_in_and_out_at_the_right_moment(
    start_gunicorn: Callable[..., int], minutes: int
) -> None:
    world = make_world()
    port = start_gunicorn({**ahead(minutes=minutes), **AT_ONCE})
    agent, admin = Browser.of(port, inside(world)), Browser.of(port, signed_in(world.admin.user))
    eventually(lambda: agent.status(world, "user_new") == 200)

    # Narrowed there, on the page itself.
    url = url_of("reseller_access", world.customer)
    page = Page(Client(), url, html=admin.ask(url)[1]).narrow(world.reseller, level=Level.VIEW)
    status, said = admin.ask(url, page.form() | {"confirmed": "1"})
    assert status == 200, said[:500]
    change = AccessChange.objects.filter(grant=world.console()).latest("generation")
    assert change.level == Level.VIEW
    assert abs((change.due_at - database_now()).total_seconds()) < 60
    eventually(lambda: agent.status(world, "user_new") == 403)
    assert agent.status(world, "users") == 200

    # And an end that comes in seconds comes in seconds.
    let_it_end(world)
    assert agent.status(world, "users") == 200
    eventually(lambda: agent.status(world, "users") == 403)
    assert admin.status(world, "reseller_access") == 200
