"""*Health* and the home page: what is wrong, what helps in one click, and snoozing (R5, R9, R18)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.models import User
from accounts.roles import Role
from subscriptions.access import propagation
from subscriptions.models import FindingSnooze
from tests.access.findings_world import pass_days, visit
from tests.access.world import World, may_enter, sell
from tests.client import main_text_of as text
from tests.client import signed_in, url_of
from tests.factories import put_person, put_reseller
from tests.web.console.access_page import Page
from web.console.home import SHOWN_FINDINGS


@pytest.fixture
def world(world: World) -> World:
    """Access that is as open as it was a hundred days ago, at a customer with two super admins."""
    put_person(world.customer, Role.SUPER_ADMIN)
    pass_days(100)
    return world


def home(person: User, world: World) -> str:
    response = signed_in(person).get(url_of("console_home", world.customer))
    assert response.status_code == 200
    return text(response)


def health(world: World, client: Client | None = None) -> Any:
    return (client or signed_in(world.admin.user)).get(url_of("health", world.customer))


def key_in(response: Any) -> str:
    found = re.search(r'name="finding" value="([^"]+)"', response.content.decode())
    assert found
    return found[1].replace("&gt;", ">")


def opened(world: World, url: str) -> Page:
    """*Reseller access* as a link opens it."""
    client = signed_in(world.admin.user)
    return Page(client, url_of("reseller_access", world.customer), html=client.get(url).content.decode())


def without_isolates(said: str) -> str:
    return said.replace("\u2068", "").replace("\u2069", "")


def test_remove_now_is_one_confirmed_click_from_the_home_page(world: World) -> None:
    said = without_isolates(home(world.admin.user, world))
    assert "Reseller has not used its access in the 100 days since it was opened" in said
    assert "Remove the access of Reseller now?" in said
    client = signed_in(world.admin.user)
    answer = client.post(url_of("reseller_access_remove_now", world.customer), {"box": str(world.reseller.pk)})
    assert answer.status_code == 302
    assert not may_enter(world.agent, world.customer)
    assert "has not used its access" not in home(world.admin.user, world)


def test_R18_narrow_leads_to_the_page_with_that_level_chosen_and_saves_nothing(world: World) -> None:
    visit(world, "", "users/")
    response = health(world)
    assert "Narrow to “View only”" in text(response)
    link = re.search(r'href="([^"]+level=view[^"]*)"', response.content.decode())
    assert link
    url = link[1].replace("&amp;", "&")
    page = opened(world, url)
    assert page.chosen[f"level-{world.reseller.pk}"] == "view"
    assert re.search(r'<details class="narrow"[^>]* open>', page.html)
    assert world.console().generation == 1
    page.save()
    assert world.console().level == "view"


@pytest.mark.parametrize("query", ["level=gone&end=9", "level=&end=", "level=view"])
def test_what_a_link_cannot_fill_in_stays_as_it_is_stored(world: World, query: str) -> None:
    """Only a level and an end that can be chosen are, and only for the box that the link names."""
    box = "" if query == "level=view" else f"box={world.reseller.pk}&"
    url = f"{url_of('reseller_access', world.customer)}?{box}{query}"
    page = opened(world, url)
    assert page.chosen[f"level-{world.reseller.pk}"] == "full"
    assert page.chosen[f"end-{world.reseller.pk}"] == "none"


def test_what_an_agent_did_on_real_pages_decides_the_level(world: World) -> None:
    """The rights of pages are those that their views declare."""
    client = signed_in(world.agent)
    client.post(reverse("enter_console", kwargs={"domain": world.customer.primary_domain}))
    for name in ("console_home", "users", "org_units"):
        assert client.get(url_of(name, world.customer)).status_code == 200
    assert "Narrow to “View only”" in text(health(world))
    assert client.get(url_of("user_new", world.customer)).status_code == 200
    assert "Narrow to “Directory”" in text(health(world))
    assert client.get(url_of("licences", world.customer)).status_code == 200
    assert "Narrow to “Directory”" in text(health(world))
    with transaction.atomic():
        record_audit(
            EventName.USER_LICENSE_ASSIGNMENT,
            actor=Actor(world.agent, console_session_id=world.agent.console_sessions.get().pk),
            customer=world.customer,
        )
    assert "Narrow to" not in text(health(world))


def test_the_home_page_shows_five_and_leads_to_all(world: World) -> None:
    for number in range(SHOWN_FINDINGS + 1):
        sell(world.customer, put_reseller(f"Number {number}"))
    propagation.apply_due_changes()
    pass_days(100)
    said = home(world.admin.user, world)
    assert said.count("has not used its access") == SHOWN_FINDINGS
    assert f"Show all {SHOWN_FINDINGS + 2} findings" in said
    assert text(health(world)).count("Nobody of it has entered") == SHOWN_FINDINGS + 2


def test_R5_nobody_but_super_admins_sees_findings(world: World) -> None:
    """Nor do agents who are inside; the page itself is in the matrix of permissions."""
    assert "has not used its access" in home(world.admin.user, world)
    auditor = put_person(world.customer, Role.AUDITOR)
    assert "has not used its access" not in home(auditor, world)
    assert signed_in(auditor).get(url_of("health", world.customer)).status_code == 403
    client = signed_in(world.agent)
    client.post(reverse("enter_console", kwargs={"domain": world.customer.primary_domain}))
    answer = client.get(url_of("console_home", world.customer))
    assert answer.status_code == 200
    assert "Needs your attention" not in text(answer)
    assert "Health" not in text(answer)


def test_snoozing_and_taking_back_on_the_page(world: World) -> None:
    client = signed_in(world.admin.user)
    key = key_in(health(world))
    answer = client.post(
        url_of("health", world.customer), {"finding": key, "lasts": "none", "reason": "They start in May"}, follow=True
    )
    said = text(answer)
    assert "Nothing needs your attention" in said
    assert "“They start in May”" in said
    assert "until something about it changes" in said
    assert world.admin.user.email in said
    assert "has not used its access" not in home(world.admin.user, world)
    row = FindingSnooze.objects.get()
    answer = client.post(url_of("health_take_back", world.customer), {"snooze": str(row.pk)}, follow=True)
    assert "The snooze is taken back." in text(answer)
    assert "has not used its access" in home(world.admin.user, world)
    answer = client.post(url_of("health_take_back", world.customer), {"snooze": str(row.pk)}, follow=True)
    assert "taken back already" in text(answer)


def test_a_refused_snooze_keeps_what_was_typed_and_names_the_field(world: World) -> None:
    client = signed_in(world.admin.user)
    key = key_in(health(world))
    answer = client.post(url_of("health", world.customer), {"finding": key, "lasts": "2160", "reason": "\u200b"})
    assert answer.status_code == 422
    body = answer.content.decode()
    assert 'aria-invalid="true"' in body
    assert '<option value="2160" selected>' in body
    assert '<details class="lines__more" open>' in body
    assert not FindingSnooze.objects.exists()


def test_a_finding_that_is_gone_is_not_snoozed(world: World) -> None:
    client = signed_in(world.admin.user)
    sent = {"finding": "unused:1:gone", "lasts": "720", "reason": "Why"}
    answer = client.post(url_of("health", world.customer), sent, follow=True)
    assert "this finding is not there any more" in text(answer)
    assert not FindingSnooze.objects.exists()
