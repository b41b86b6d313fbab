"""The filters of the audit log, and the ways from an event to its object and back (A4)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import audit_log
from accounts.actor import Actor
from accounts.audit import EventName
from accounts.audit_log import CUSTOMER_EVENTS, batches, events_of_customer
from accounts.directory.groups import create_group, delete_group
from accounts.directory.renaming import rename_user
from accounts.models import Address, AuditEvent
from accounts.models.targets import Pointer, TargetKind
from accounts.organisations import VENDOR
from accounts.roles import Role
from tests.access.world import World, make_world
from tests.client import lines_of as lines
from tests.client import signed_in
from tests.client import text_of as text
from tests.factories import put_person
from tests.web.trail_world import write
from web.audit.groups import GROUPS, event_choices


def log(world: World, query: str = "") -> str:
    return reverse("audit_log", kwargs={"domain": world.customer.primary_domain}) + query


def page(world: World, name: str, **numbers: int) -> str:
    return reverse(name, kwargs={"domain": world.customer.primary_domain, **numbers})


def subjects(world: World, **asked: Any) -> list[str]:
    """What the events that a filter leaves are about, the newest first; of those that this file has written."""
    found = lines(signed_in(world.admin.user).get(log(world), asked))
    return [match[0] for line in found if (match := re.search(r"number \d+", line))]


@pytest.fixture
def written(world: World) -> World:
    """Nine events, each different in one thing; and those of another customer in the same way."""
    vendor = put_person(VENDOR, Role.VENDOR_OPERATOR)
    for here in (make_world(), world):
        customer, admin, agent = here.customer, here.admin, Actor(here.agent, "198.51.100.9")
        inside = Actor(here.agent, "198.51.100.9", console_session_id=77, activation_id=88)
        person = Pointer(TargetKind.USER, 55)
        write(customer, admin, "number 1")
        write(customer, admin, "number 2", name=EventName.DELETE_GROUP)
        write(customer, agent, "number 3")
        write(customer, agent.as_support_partner(), "number 4")
        write(customer, Actor(vendor), "number 5")
        write(customer, inside, "number 6")
        write(customer, None, "number 7", name=EventName.CREATE_GROUP)
        write(customer, admin, "number 8", target=person)
        write(customer, None, "number 9", name=EventName.LOGIN_SUCCESS, target=person)
    return world


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"event": "group:groups"}, [7, 2]),
        ({"event": "DELETE_GROUP"}, [2]),
        ({"event": "group:sign-in"}, [9]),
        ({"outside": "only"}, [6, 5, 4, 3]),
        ({"outside": ""}, [9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ({"ip": "198.51.100.9"}, [6, 4, 3]),
        ({"ip": "2001:db8::1"}, []),
        ({"visit": 77}, [6]),
        ({"activation": 88}, [6]),
        ({"visit": 78}, []),
        ({"subject": "number 4"}, [4]),
        ({"subject": "number"}, []),
        ({"about": "user:55"}, [9, 8]),
        ({"about": "group:55"}, []),
        ({"about": "user:55", "event": "group:sign-in"}, [9]),
        ({"about": "user:55", "event": "group:users"}, [8]),
    ],
)
def test_A4_each_filter_leaves_exactly_what_was_asked_for(
    written: World, asked: dict[str, Any], numbers: list[int]
) -> None:
    assert subjects(written, **asked) == [f"number {number}" for number in numbers]


def test_A4_filters_by_the_reseller_and_by_the_actor(written: World) -> None:
    assert subjects(written, reseller=written.reseller.pk) == ["number 6", "number 4", "number 3"]
    assert subjects(written, actor=written.agent.email.upper()) == ["number 6", "number 4", "number 3"]
    assert subjects(written, actor=written.agent.email[:12]) == [], "a part of an address is none"
    stranger = make_world().reseller
    response = signed_in(written.admin.user).get(log(written), {"reseller": stranger.pk})
    assert lines(response) == []
    assert 'id="id_reseller_error"' in response.content.decode(), "another customer's reseller is none of the choices"


def test_A4_an_actor_is_found_under_every_address_they_have_now(written: World) -> None:
    person = written.admin.user
    before = person.email
    Address.objects.create(email=before, user=person)
    rename_user(actor=None, person=person, email=f"new@{written.customer.primary_domain}")
    person.refresh_from_db()
    write(written.customer, Actor(person), "number 10")
    assert subjects(written, actor=before) == subjects(written, actor=person.email)
    assert subjects(written, actor=before) == ["number 10", "number 8", "number 2", "number 1"]
    Address.objects.filter(email=before).delete()
    assert subjects(written, actor=before) == ["number 8", "number 2", "number 1"], "as it stands in the log"
    assert subjects(written, actor=person.email) == ["number 10"]


@pytest.mark.parametrize(
    "about", ["user", "user:", "user:x", "user:-1", "nothing:1", "user:²", "user:99999999999999999999"]
)
def test_an_object_that_is_none_is_refused(written: World, about: str) -> None:
    response = signed_in(written.admin.user).get(log(written), {"about": about})
    assert response.status_code == 200
    assert lines(response) == []
    assert "Clear the search" in text(response)


def test_every_event_stands_in_one_group_and_each_page_offers_its_own() -> None:
    """An event that comes new needs its group in web/audit/groups.py."""
    grouped = [name for _label, names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(EventName)
    offered = {value for _group, choices in event_choices(CUSTOMER_EVENTS) for value, _label in choices}
    assert {value for value in offered if not value.startswith("group:")} == {name.value for name in CUSTOMER_EVENTS}


# --- From an event to its object, and back -------------------------------------------------------


def test_A4_an_event_leads_to_its_object_and_that_to_its_events(world: World) -> None:
    group = create_group(
        actor=world.admin,
        customer=world.customer,
        email=f"all@{world.customer.primary_domain}",
        name="All",
        description="",
    )
    client, url = signed_in(world.admin.user), page(world, "group", group_id=group.pk)
    listed = client.get(log(world, "?event=CREATE_GROUP")).content.decode()
    assert f'<a href="{url}">' in listed
    events = re.search(r'href="([^"]*/audit/\?about=[^"]*)"', client.get(url).content.decode())
    assert events
    [only] = lines(client.get(events[1]))
    assert "Group created" in only
    delete_group(actor=world.admin, group=group)
    gone = client.get(log(world, f"?about=group:{group.pk}"))
    assert [name for line in lines(gone) for name in ("created", "deleted") if f"Group {name}" in line] == [
        "deleted",
        "created",
    ]
    assert url not in gone.content.decode(), "what is gone has no page"
    assert f'href="?about=group%3A{group.pk}"' in gone.content.decode(), "but its events still lead to each other"


def test_A4_a_page_of_an_object_shows_no_link_to_who_may_not_read_the_log(world: World) -> None:
    support = put_person(world.customer, Role.HELP_DESK_ADMIN)
    person = page(world, "user", user_id=support.pk)
    assert "?about=user" in signed_in(world.admin.user).get(person).content.decode()
    response = signed_in(support).get(person)
    assert response.status_code == 200
    assert "?about=" not in response.content.decode()
    agent = signed_in(world.agent)
    agent.post(reverse("enter_console", kwargs={"domain": world.customer.primary_domain}))
    seen = agent.get(person)
    assert seen.status_code == 200
    assert "?about=" not in seen.content.decode(), "R14"


def test_A4_a_reader_gets_links_only_to_pages_that_are_open_to_them(world: World) -> None:
    write(world.customer, world.admin, "number 1", name=EventName.CREATE_CASE, target=Pointer(TargetKind.CASE, 5))
    write(world.customer, world.admin, "number 2", target=world.admin.user)
    stranger = make_world().admin.user
    write(world.customer, world.admin, "number 3", target=stranger)
    content = signed_in(world.admin.user).get(log(world)).content.decode()
    assert page(world, "user", user_id=world.admin.user.pk) in content
    assert page(world, "user", user_id=stranger.pk) not in content, "another customer's person"
    assert page(world, "support_case", case_id=5) not in content, "no such case"


def test_what_events_are_about_costs_one_query(world: World) -> None:
    client = signed_in(world.admin.user)
    client.get(log(world))
    for kind in TargetKind:
        write(world.customer, world.admin, kind.value, target=Pointer(kind, 1))
    with CaptureQueriesContext(connection) as captured:
        assert client.get(log(world)).status_code == 200
    assert len([query for query in captured.captured_queries if "kind_" in query["sql"]]) == 1


# --- The order of time ---------------------------------------------------------------------------


def put(world: World, at: datetime, number: int) -> None:
    AuditEvent.objects.create(
        at=at, name="CREATE_USER", actor_kind="system", customer_id=world.customer.pk, subject=f"number {number}"
    )


def test_A4_events_of_all_times_come_in_the_order_of_time(world: World) -> None:
    """Months that lie years apart, events of one instant, and one of a clock that was ten years wrong."""
    now = datetime.now(UTC)
    moments = [now + timedelta(days=days) for days in (-2000, -400, -70, -70, -35, -1, 20, 45, 200, 3650)]
    for number, moment in enumerate(moments):
        put(world, moment, number)
    audit_log._is_written_beyond.cache_clear()  # noqa: SLF001  what was known before this clock was wrong
    assert subjects(world, event="CREATE_USER") == [f"number {number}" for number in range(9, -1, -1)]
    events = events_of_customer(world.customer).filter(name="CREATE_USER")
    for size in (1, 3, 4, 100):
        found = [event.subject for batch in batches(events, size) for event in batch]
        assert found == [f"number {number}" for number in range(9, -1, -1)]
        upwards = [event.subject for batch in batches(events, size, newest_first=False) for event in batch]
        assert upwards == found[::-1]
    audit_log._is_written_beyond.cache_clear()  # noqa: SLF001


def test_A4_pages_forwards_and_backwards_hold_every_event_once(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("web.lists.choices.PAGE_SIZE", 4)
    now = datetime.now(UTC)
    for number in range(10):
        put(world, now - timedelta(days=40 * (number // 2)), number)
    client, url = signed_in(world.admin.user), log(world, "?event=group:users")
    there: list[list[str]] = []
    while True:
        content = client.get(url).content.decode()
        there.append(list(dict.fromkeys(re.findall(r"number \d", content))))
        following = re.search(r'href="([^"]*)" rel="next"', content)
        if not following:
            break
        url = following[1].replace("&amp;", "&")
    assert [one for shown in there for one in shown] == [f"number {n}" for n in (1, 0, 3, 2, 5, 4, 7, 6, 9, 8)]
    back = re.search(r'href="([^"]*)" rel="prev"', content)
    assert back
    again = client.get(back[1].replace("&amp;", "&")).content.decode()
    assert list(dict.fromkeys(re.findall(r"number \d", again))) == there[-2]


def test_A4_a_page_of_a_hundred_events_leads_to_the_others(world: World) -> None:
    now = datetime.now(UTC)
    for number in range(120):
        put(world, now - timedelta(minutes=number), number)
    admin = world.admin.user
    admin.list_choices = {"audit_log": {"size": 100, "columns": ["event"]}}
    admin.save(update_fields=["list_choices"])
    client = signed_in(admin)
    first = client.get(log(world, "?event=group:users")).context["list"]
    assert (len(first.rows.rows), bool(first.pager.next_url)) == (100, True)
    second = client.get(first.pager.next_url).context["list"]
    texts = [line.subject for page in (first, second) for line in page.rows.rows]
    assert {f"number {number}" for number in range(120)} <= set(texts)
    assert len(texts) == len(set(texts))
