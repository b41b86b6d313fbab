"""A temporary password is shown once, to who made it, and kept nowhere."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounts import keeping
from accounts.models import AuditEvent, Kept, OrgUnit, User
from tests.access.world import World
from tests.client import signed_in
from tests.factories import fresh
from tests.web.console.users_world import person, url

PASSWORD_SHAPE = re.compile(r"<code[^>]*>((?:[a-z2-9]{4}-){3}[a-z2-9]{4})</code>")


@pytest.fixture
def admin(world: World) -> Client:
    return signed_in(world.admin.user)


@pytest.fixture
def agent(world: World) -> Client:
    client = signed_in(world.agent)
    client.post(reverse("enter_console", kwargs={"domain": world.customer.primary_domain}))
    return client


def kept_somewhere(password: str, client: Client, response: Any) -> list[str]:
    """Where a password is found that should be nowhere but on the page that shows it once."""
    places = {
        "address": str([url for url, _status in response.redirect_chain]) + str(response.request),
        "cookies": str(client.cookies),
        "session": str([session.get_decoded() for session in Session.objects.all()]),
        "trail": str(list(AuditEvent.objects.values())),
        "people": str(list(User.objects.values())),
        "kept": str([bytes(row.sealed) for row in Kept.objects.all()]) + str(list(Kept.objects.values("lookup"))),
    }
    return [name for name, text in places.items() if password in text]


def test_a_temporary_password_is_shown_once_and_kept_nowhere(
    world: World, agent: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Reloading its page resets nothing again: it is a GET, and it finds nothing any more."""
    caplog.set_level(logging.DEBUG)
    plain = person(world, "Plain")
    response = agent.post(url(world, "user_reset_password", plain))
    assert response.status_code == 303
    page = agent.get(response["Location"])
    [password] = PASSWORD_SHAPE.findall(page.content.decode())
    assert "no-store" in page["Cache-Control"]
    assert fresh(plain).check_password(password)
    page.redirect_chain = [(response["Location"], 303)]
    assert kept_somewhere(password, agent, page) == []
    assert password not in caplog.text
    again = agent.get(response["Location"])
    assert not PASSWORD_SHAPE.findall(again.content.decode())
    assert "was shown already" in again.content.decode()
    assert fresh(plain).check_password(password), "a reload resets nothing"
    assert password not in agent.get(url(world, "user", plain)).content.decode()


def test_a_waiting_password_is_for_the_browser_and_the_person_it_was_made_by(
    world: World, agent: Client, admin: Client
) -> None:
    """Also encrypted: neither the row nor the cookie alone says it. HEAD, as link previews send it, takes nothing."""
    plain = person(world, "Plain")
    place = agent.post(url(world, "user_reset_password", plain))["Location"]
    row = Kept.objects.get()
    assert not re.search(rb"([a-z2-9]{4}-){3}", bytes(row.sealed))
    assert not PASSWORD_SHAPE.findall(admin.get(place).content.decode())
    admin.cookies["kept"] = agent.cookies["kept"].value
    assert not PASSWORD_SHAPE.findall(admin.get(place).content.decode()), "the cookie of someone else"
    agent.head(place)
    cookie = agent.cookies.pop("kept")
    assert not PASSWORD_SHAPE.findall(agent.get(place).content.decode()), "without the cookie"
    agent.cookies["kept"] = cookie.value
    assert cookie["httponly"]
    assert PASSWORD_SHAPE.findall(agent.get(place).content.decode())


def test_a_password_that_nobody_came_for_is_gone_after_minutes(world: World, admin: Client) -> None:
    place = admin.post(url(world, "user_reset_password", person(world, "Plain")))["Location"]
    Kept.objects.update(expires_at=Now())
    assert not PASSWORD_SHAPE.findall(admin.get(place).content.decode())
    keeping.forget_expired()
    assert not Kept.objects.exists()


def test_a_new_person_gets_a_temporary_password_or_none(world: World, admin: Client) -> None:
    root = OrgUnit.objects.get(customer=world.customer)
    data = {"given_name": "New", "email": "new.one", "org_unit": root.pk, "password": "temporary"}
    response = admin.post(url(world, "user_new"), data, follow=True)
    [password] = PASSWORD_SHAPE.findall(response.content.decode())
    made = User.objects.get(email=f"new.one@{world.customer.primary_domain}")
    assert made.check_password(password) and made.must_change_password
    assert kept_somewhere(password, admin, response) == []
    again = admin.post(url(world, "user_new"), data)
    assert again.status_code == 422
    assert not PASSWORD_SHAPE.findall(again.content.decode())
    response = admin.post(url(world, "user_new"), {**data, "email": "new.two", "password": "link"})
    made = User.objects.get(email=f"new.two@{world.customer.primary_domain}")
    assert response["Location"] == url(world, "user", made)
    assert not made.has_usable_password() and not made.must_change_password


@pytest.mark.parametrize("email", ["new@gmail.com", "new@ＧＭＡＩＬ．com", "a b", "@", ""])
def test_P6_nobody_is_created_with_an_address_that_cannot_be_used(email: str, world: World, admin: Client) -> None:
    root = OrgUnit.objects.get(customer=world.customer)
    data = {"given_name": "New", "email": email, "org_unit": root.pk, "password": "link"}
    response = admin.post(url(world, "user_new"), data)
    assert response.status_code == 422
    assert "email" in response.context["form"].errors
