"""What the list of a person's sessions says of each: the browser, the address and when it was last seen."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.db.models import F
from django.test import Client
from django.urls import reverse

from accounts.models import Customer
from accounts.roles import Role
from tests.factories import make_customer, make_person

pytestmark = pytest.mark.django_db
FIREFOX, CHROME = "Firefox/133.0", "Chrome/131.0"


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make_person(make_customer("Acme"), Role.SUPER_ADMIN))
    look(client)
    return client


def look(client: Client, browser: str = FIREFOX, address: str = "192.0.2.1") -> tuple[str, str, datetime]:
    """Open a page; returns what the list says of the session then."""
    page = reverse("console_home", args=[Customer.objects.get().primary_domain])
    assert client.get(page, headers={"User-Agent": browser}, REMOTE_ADDR=address).status_code == 200
    session = UserSession.objects.get(session_key=client.session.session_key)
    return session.user_agent, session.ip, session.last_seen_at


def age(**ago: int) -> datetime:
    UserSession.objects.update(last_seen_at=F("last_seen_at") - timedelta(**ago))
    seen: datetime = UserSession.objects.get().last_seen_at
    return seen


def test_last_seen_moves_at_most_once_a_minute(client: Client) -> None:
    before = age(seconds=50)
    assert look(client)[2] == before
    before = age(seconds=11)
    assert look(client)[2] > before + timedelta(seconds=60)


def test_another_browser_or_address_is_said_at_once(client: Client) -> None:
    assert look(client)[:2] == (FIREFOX, "192.0.2.1")
    assert look(client, CHROME)[:2] == (CHROME, "192.0.2.1")
    assert look(client, CHROME, "192.0.2.2")[:2] == (CHROME, "192.0.2.2")
    long = "x" * 1000
    first = look(client, long)
    assert long.startswith(first[0])
    assert look(client, long) == first


def test_a_session_with_a_new_key_is_in_the_list(client: Client) -> None:
    session = client.session
    session.cycle_key()
    client.cookies["sessionid"] = str(session.session_key)
    assert look(client)[:2] == (FIREFOX, "192.0.2.1")
