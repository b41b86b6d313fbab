"""P12: a customer asks people from outside for a second factor, at entry and with each request inside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db.models import Q
from django.test import Client

from accounts.actor import Actor
from accounts.console_sessions import entering
from accounts.console_sessions.inside import entry_in_force, lasting
from accounts.errors import Refused
from accounts.models import AuditEvent, ConsoleSession
from accounts.proof import ProofNeeded
from accounts.sign_in.factor_adapter import FactorAdapter
from subscriptions.access.policy import change_access_policy
from subscriptions.models.level import Level
from tests.access.world import World, make_world
from tests.accounts.entering import inside
from tests.accounts.signing_in import no_counted_attempts
from tests.client import make_stale, signed_in, text_of, url_of
from tests.factories import PASSWORD
from tests.second_factors import code_of, give_app, half_signed_in, show_code

__all__ = ["no_counted_attempts"]

RULES = {
    "longest": "none",
    "level": "full",
    "lasts": "none",
    "activation_longest": "4",
    "activation_approval": "at_once",
}


@pytest.fixture
def world(db: None) -> World:
    world = make_world()
    world.agent.set_password(PASSWORD)
    world.agent.save(update_fields=["password"])
    return world


def demand(world: World, *, on: bool = True, actor: Actor | None = None) -> bool:
    return change_access_policy(
        actor=actor or world.admin,
        customer=world.customer,
        longest=None,
        level=Level.FULL,
        lasts=None,
        second_factor=on,
    )


def with_factor(world: World) -> Client:
    """The agent's browser after a sign-in with an app."""
    secret = give_app(world.agent)
    client = half_signed_in(world.agent)
    show_code(client, code_of(secret))
    return client


def enter(client: Client, world: World) -> Any:
    return client.post(url_of("enter_console", world.customer))


def home(client: Client, world: World) -> Any:
    return client.get(url_of("console_home", world.customer))


def test_P12_without_one_nobody_enters_and_is_told_what_is_needed(world: World) -> None:
    demand(world)
    client = signed_in(world.agent)
    for answer in (client.get(url_of("enter_console", world.customer)), enter(client, world)):
        assert answer.status_code == 403
        assert "asks for a second factor" in text_of(answer)
        assert 'href="/accounts/second-factor/"' in answer.content.decode()
    assert not ConsoleSession.objects.exists()
    with pytest.raises(Refused, match="second factor"):
        entering.enter_console(
            actor=Actor(world.agent), customer=world.customer, session_key=client.session.session_key
        )


def test_P12_with_one_they_enter_and_the_customer_sees_which(world: World) -> None:
    demand(world)
    client = with_factor(world)
    assert enter(client, world).status_code == 302
    assert home(client, world).status_code == 200
    [visit] = lasting(world.customer)
    assert visit.second_factor == "totp"
    assert AuditEvent.objects.get(name="RESELLER_CONSOLE_ENTERED").new_value == {"second_factor": "totp"}
    admin = signed_in(world.admin.user)
    assert "Authenticator app" in text_of(admin.get(url_of("outside_access", world.customer)))
    assert "Authenticator app" in text_of(admin.get(url_of("outside_visit", world.customer, session_id=visit.pk)))


def test_P12_the_lists_say_who_had_none_and_what_was_not_written_down(world: World) -> None:
    inside(world)
    admin, page = signed_in(world.admin.user), url_of("outside_access", world.customer)
    assert "Without a second factor" in text_of(admin.get(page))
    # As a row of the release before.
    ConsoleSession.objects.update(second_factor="unknown")
    assert "Second factor not recorded" in text_of(admin.get(page))


def test_P12_who_is_inside_without_one_is_out_with_the_next_request(world: World) -> None:
    client = inside(world)
    assert home(client, world).status_code == 200
    visit = ConsoleSession.objects.get()
    demand(world)
    answer = client.get(url_of("users", world.customer), headers={"HX-Request": "true"})
    assert answer.headers["Location"].startswith(url_of("enter_console", world.customer))
    assert client.get(url_of("enter_console", world.customer)).status_code == 403
    assert lasting(world.customer) == []
    # A job that was asked for in that visit asks the same (jobs/running.py).
    assert entry_in_force(world.agent, world.customer, Q(pk=visit.pk)) is None


def test_P12_who_adds_one_goes_on_by_a_new_entry_without_signing_in_again(world: World) -> None:
    client = inside(world)
    demand(world)
    client.get("/accounts/second-factor/app/")
    secret = FactorAdapter().decrypt(client.session["second_factor_secret"])
    client.post("/accounts/second-factor/app/", {"code": code_of(secret)})
    assert enter(client, world).status_code == 302
    assert home(client, world).status_code == 200
    assert [visit.second_factor for visit in ConsoleSession.objects.order_by("pk")] == ["", "totp"]


def test_P12_one_that_was_not_shown_in_this_session_is_asked_for(world: World) -> None:
    """The agent had signed in when they added it elsewhere."""
    demand(world)
    client, secret = signed_in(world.agent), give_app(world.agent)
    url = url_of("enter_console", world.customer)
    page = client.get(url)
    assert page.status_code == 403
    assert f'href="{url}?show=1"' in page.content.decode()
    asked = client.get(f"{url}?show=1").headers["Location"]
    assert asked.startswith("/accounts/fresh-proof/") or "for=" in asked
    back = client.post(asked, {"code": code_of(secret)})
    assert back.headers["Location"] == f"{url}?show=1"
    assert client.get(back.headers["Location"]).status_code == 200
    assert enter(client, world).status_code == 302


def test_P12_who_removes_it_inside_is_out(world: World) -> None:
    demand(world)
    client = with_factor(world)
    enter(client, world)
    assert home(client, world).status_code == 200
    Authenticator.objects.filter(user=world.agent).delete()
    assert home(client, world).status_code == 302
    assert lasting(world.customer) == []


def test_P12_P13_tightening_asks_for_no_proof_and_loosening_does(world: World) -> None:
    stale = replace(world.admin, is_stale=True)
    assert demand(world, actor=stale)
    assert not demand(world, actor=stale)
    with pytest.raises(ProofNeeded):
        demand(world, on=False, actor=stale)
    world.customer.refresh_from_db()
    assert world.customer.asks_for_second_factor
    assert demand(world, on=False)
    events = AuditEvent.objects.filter(name="CHANGE_ACCESS_POLICY").order_by("at", "id")
    assert [(e.old_value or {})["second_factor_from_outside"] for e in events] == [False, True]


def test_P12_the_box_stands_on_rules_and_what_was_unticked_is_saved_after_the_proof(world: World) -> None:
    client, url = signed_in(world.admin.user), url_of("reseller_access_rules", world.customer)
    assert "People from outside need a second factor" in text_of(client.get(url))
    make_stale(client)
    assert client.post(url, RULES | {"second_factor": "on"}).headers["Location"] == url
    assert 'name="second_factor" checked' in _field(client.get(url).content.decode())
    asked = client.post(url, RULES).headers["Location"]
    secret = give_app(world.admin.user)
    back = client.post(asked, {"code": code_of(secret)}).headers["Location"]
    assert client.get(back).status_code == 302
    world.customer.refresh_from_db()
    assert not world.customer.asks_for_second_factor


def _field(page: str) -> str:
    start = page.index('name="second_factor"')
    words = page[start - 200 : start + 200].partition("<input")[2].partition(">")[0].split()
    return " ".join(word for word in words if word.startswith("name") or word == "checked")


def test_P12_each_customer_asks_for_itself(world: World) -> None:
    other = make_world()
    demand(other)
    assert home(inside(world), world).status_code == 200
