"""The audit log on pages: the customer's audit log, its export, and a reseller's own activity (A2, A4, R5, R14)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.keyset import PAGE_SIZE
from accounts.models import AuditEvent, Customer
from accounts.organisations import VENDOR
from accounts.roles import Role
from subscriptions.access import desired
from tests.access.world import World, make_world, wish
from tests.client import lines_of as lines
from tests.client import signed_in
from tests.client import text_of as text
from tests.factories import put_person
from tests.web.trail_world import export, found, write
from web.audit.words import ENUMERATIONS, WORDS, differences


@pytest.fixture
def twin(world: World) -> World:
    """Another customer with another reseller, of the same names: nothing of it may ever show."""
    return make_world()


def log(customer: Customer) -> str:
    return reverse("audit_log", kwargs={"domain": customer.primary_domain})


# --- Who sees what -------------------------------------------------------------------------------


def test_A4_a_customer_sees_exactly_what_was_done_in_its_console_newest_first(world: World, twin: World) -> None:
    write(twin.customer, twin.admin, "of the twin")
    write(None, Actor(world.agent), "at the reseller", name=EventName.CREATE_TEAM)
    write(world.customer, world.admin, "the newest")
    response = signed_in(world.admin.user).get(log(world.customer))
    expected = AuditEvent.objects.filter(customer_id=world.customer.pk).count()
    assert len(lines(response)) == expected
    assert "the newest" in lines(response)[0]
    assert "twin" not in text(response)
    assert "at the reseller" not in text(response)


def test_A4_actors_from_outside_are_marked(world: World) -> None:
    operator = put_person(VENDOR, Role.VENDOR_OPERATOR)
    write(world.customer, world.admin, "own")
    write(world.customer, Actor(world.agent, "198.51.100.9"), "from the reseller")
    write(world.customer, Actor(operator), "from the vendor")
    write(world.customer, None, "from nobody")
    nobody, vendor, reseller, own = lines(signed_in(world.admin.user).get(log(world.customer)))[:4]
    assert f"{world.agent.email} Reseller Your reseller 198.51.100.9" in reseller
    assert f"{operator.email} Google Google" in vendor
    assert "System" in nobody
    assert f"own {world.admin.user.email} 192.0.2.7" in own


def test_A2_old_and_new_are_told_in_words(world: World) -> None:
    desired.save_reseller_access(
        actor=world.admin, customer=world.customer, desired=[wish(world.customer, world.reseller, allowed=False)]
    )
    newest = lines(signed_in(world.admin.user).get(log(world.customer)))[0]
    assert "Reseller access changed Reseller" in newest
    assert re.search(r"Access: Allowed → changed to Not allowed", newest)
    assert "Due:" in newest
    assert "{" not in newest


def test_no_value_of_an_enumeration_is_a_word_of_two_meanings() -> None:
    assert sum(map(len, ENUMERATIONS)) == len(WORDS)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (None, None, []),
        ({"allowed": True}, {"allowed": False}, ["Access: Allowed → Not allowed"]),
        ({"allowed": None}, {"allowed": True}, ["Access: Allowed"]),
        ({"allowed": True}, {"allowed": False, "reseller_agreed": False}, ["Access: Allowed → Not allowed"]),
        ({"status": "ACTIVE"}, {"status": "CANCELLED"}, ["Status: Active → Cancelled"]),
        ({"role": "super_admin"}, {"role": None}, ["Role: Super admin → none"]),
        (None, {"roles": ["auditor", "support"]}, ["Roles: Auditor, Support"]),
        (None, {"something_new": 5}, ["Something new: 5"]),
        ("before", "after", ["before → after"]),
        ({"due_at": "garbage"}, {"due_at": "2026-01-02"}, ["Due: garbage → 2026-01-02"]),
        (["a"], {"name": "x"}, ["Name: x"]),
    ],
)
def test_differences_in_words(old: Any, new: Any, words: list[str]) -> None:
    assert [str(difference) for difference in differences(old, new)] == words


def test_R14_resellers_and_strangers_never_see_the_log(world: World, twin: World) -> None:
    agent = signed_in(world.agent)
    agent.post(reverse("enter_console", kwargs={"domain": world.customer.primary_domain}))
    for url in (log(world.customer), export(world.customer)):
        assert agent.get(url).status_code == 403
        assert signed_in(twin.agent).get(url).status_code == 404
        assert signed_in(twin.admin.user).get(url).status_code == 404
        assert signed_in(put_person(VENDOR, Role.VENDOR_OPERATOR)).get(url).status_code == 404
        assert signed_in(put_person(world.customer, Role.SUPPORT)).get(url).status_code == 403
        assert signed_in(put_person(world.customer, Role.AUDITOR)).get(url).status_code == 200
        assert Client().get(url).headers["Location"] == f"/accounts/login/?next={url}"


# --- Filters -------------------------------------------------------------------------------------


def test_the_filters_narrow_by_event_and_actor(world: World) -> None:
    write(world.customer, world.admin, "a user")
    write(world.customer, Actor(world.agent), "an entry", name=EventName.RESELLER_CONSOLE_ENTERED)
    client = signed_in(world.admin.user)
    [only] = lines(client.get(log(world.customer), {"event": "RESELLER_CONSOLE_ENTERED"}))
    assert "an entry" in only
    [theirs] = lines(client.get(log(world.customer), {"actor": world.agent.email.upper()}))
    assert "an entry" in theirs
    assert lines(client.get(log(world.customer), {"actor": "%"})) == []
    assert "No event matches this search" in text(client.get(log(world.customer), {"actor": "nobody"}))


def test_the_period_is_whole_days_in_the_readers_time_zone(world: World) -> None:
    world.admin.user.time_zone = "Pacific/Auckland"  # UTC+13 in January
    world.admin.user.save(update_fields=["time_zone"])
    write(world.customer, None, "last of the 4th", at="2020-01-04T10:59:59+00:00")
    write(world.customer, None, "first of the 5th", at="2020-01-04T11:00:00+00:00")
    write(world.customer, None, "last of the 6th", at="2020-01-06T10:59:59+00:00")
    write(world.customer, None, "first of the 7th", at="2020-01-06T11:00:00+00:00")
    asked = {"since": "2020-01-05", "until": "2020-01-06"}
    response = signed_in(world.admin.user).get(log(world.customer), asked)
    assert found(r"(first|last) of the \dth", response) == ["last of the 6th", "first of the 5th"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("event", "NOTHING"),
        ("event", "CREATE_TEAM"),
        ("actor", "x" * 255),
        ("since", "yesterday"),
        ("since", "0001-01-01"),
        ("until", "9999-12-31"),
        ("until", "2026-02-30"),
    ],
)
def test_a_filter_that_is_not_understood_names_the_field_and_keeps_what_was_typed(
    world: World, field: str, value: str
) -> None:
    client = signed_in(world.admin.user)
    response = client.get(log(world.customer), {field: value, "actor" if field != "actor" else "since": "2026-01-01"})
    content = response.content.decode()
    assert lines(response) == []
    assert f'id="id_{field}_error"' in content
    assert 'value="2026-01-01"' in content
    if field != "event":
        assert f'value="{value}"' in content
    refused = client.get(export(world.customer), {field: value})
    assert refused.status_code == 400
    assert f'id="id_{field}_error"' in refused.content.decode()


def test_a_period_that_ends_before_it_begins_is_refused_at_its_end(world: World) -> None:
    response = signed_in(world.admin.user).get(log(world.customer), {"since": "2026-02-02", "until": "2026-02-01"})
    assert lines(response) == []
    assert "id_until_error" in response.content.decode()
    assert "The end of the period is before its beginning" in text(response)


def test_pages_hold_fifty_keep_the_filter_and_come_once_each(world: World) -> None:
    for number in range(2 * PAGE_SIZE + 3):
        write(world.customer, world.admin, f"number {number:03}")
    write(world.customer, world.admin, "another", name=EventName.SUSPEND_USER)
    client = signed_in(world.admin.user)
    url: str | None = f"{log(world.customer)}?event=CREATE_USER"
    seen: list[list[str]] = []
    while url:
        response = client.get(url)
        seen.append(found(r"number \d+", response))
        following = re.search(r'href="([^"]+)" rel="next"', response.content.decode())
        url = following[1].replace("&amp;", "&") if following else None
    assert [len(page) for page in seen] == [PAGE_SIZE, PAGE_SIZE, 3]
    assert [line for page in seen for line in page] == [f"number {n:03}" for n in range(2 * PAGE_SIZE + 2, -1, -1)]


def test_a_forged_cursor_gives_the_first_page(world: World) -> None:
    client = signed_in(world.admin.user)
    first = lines(client.get(log(world.customer)))
    for forged in ("x", "WzFd", "WzFd:AAAA", "9" * 50):
        assert lines(client.get(f"{log(world.customer)}?after={forged}")) == first


def test_the_log_costs_the_same_for_few_and_for_fifty_events(world: World) -> None:
    client = signed_in(world.admin.user)
    client.get(log(world.customer))
    asked = {"event": "CREATE_USER"}
    write(world.customer, world.admin, "first")
    with CaptureQueriesContext(connection) as one:
        assert len(lines(client.get(log(world.customer), asked))) == 1
    for number in range(PAGE_SIZE - 1):
        write(world.customer, Actor(world.agent), f"number {number}")
    with CaptureQueriesContext(connection) as fifty:
        assert len(lines(client.get(log(world.customer), asked))) == PAGE_SIZE
    assert len(fifty) == len(one)
