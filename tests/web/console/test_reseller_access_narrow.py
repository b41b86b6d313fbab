"""Level and end beside the box: chosen, previewed, saved, followed, refused with what was typed (R16, R18)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.clock import database_now
from accounts.models import AuditEvent
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions.access.levels import OPENS
from subscriptions.models import AccessChange
from subscriptions.models.level import Level
from tests.access.narrowing import may, open_as_far_as, settle, sweep, until
from tests.access.world import World, may_enter, pass_time, sell
from tests.client import signed_in
from tests.client import text_of as text
from tests.factories import put_person, put_reseller
from tests.web.console.access_page import Page, box, open_page, url_of
from web.console.forms.extent import end_of_day


def opened(world: World) -> Page:
    return open_page(world.admin.user, world.customer)


def test_who_never_touches_it_saves_everything_without_an_end(world: World) -> None:
    page = opened(world)
    assert page.text.count("Narrow: level, when, and end") == 1
    assert "Level:" not in page.text
    assert page.chosen == {
        f"level-{world.reseller.pk}": "full",
        f"standing-{world.reseller.pk}": "all",
        f"end-{world.reseller.pk}": "none",
        f"day-{world.reseller.pk}": "",
    }
    page.save()
    assert AccessChange.objects.filter(grant=world.console()).count() == 1
    page.untick(box(world.reseller)).save()
    settle()
    opened(world).tick(box(world.reseller)).save()
    settle()
    assert (world.console().level, world.console().ends_at) == ("full", None)
    assert may_enter(world.agent, world.customer)


def test_R18_a_level_is_said_before_and_after_and_followed_to_its_moment(world: World) -> None:
    page = opened(world).narrow(world.reseller, level="view").save(confirmed=False)
    assert "can look at the console and file support cases, and change nothing." in page.text
    assert not AccessChange.objects.filter(grant=world.console(), generation__gt=1).exists()
    page = opened(world).narrow(world.reseller, level="view").save()
    assert "Saved. Reseller can look at the console" in page.text.replace("\u2068", "").replace("\u2069", "")
    assert "on: View only." in re.sub(r"<[^>]+>", "", page.text)
    [change] = AccessChange.objects.filter(grant=world.console(), generation=2)
    pass_time(until(change.due_at))
    assert set(may(world.agent, world.customer)) == OPENS[Level.VIEW]
    settle()
    said = opened(world).text
    assert "Level: View only." in said
    assert "View only" in text(signed_in(world.admin.user).get(url_of(world.customer, "reseller_access_history")))


def test_R20_on_request_is_said_before_and_after_and_an_older_form_asks_for_nothing_of_it(world: World) -> None:
    page = opened(world).narrow(world.reseller, standing="nothing").save(confirmed=False)
    assert "only when needed: an agent activates it with a reason." in page.text
    page = opened(world).narrow(world.reseller, standing="nothing").save()
    assert "Only when needed" in page.text
    settle()
    assert not may(world.agent, world.customer)
    said = opened(world)
    assert "Open when needed" in said.text
    assert said.chosen[f"standing-{world.reseller.pk}"] == "nothing"
    # A page of the release before has a level and an end, and knows nothing of this.
    del said.chosen[f"standing-{world.reseller.pk}"]
    said.narrow(world.reseller, level="view").save()
    assert (world.console().level, world.console().standing) == ("full", "nothing")
    refused = opened(world).narrow(world.reseller, standing="weekends").save()
    assert refused.status == 422
    assert "Choose when the console is open." in refused.text


def test_R16_an_end_is_chosen_as_a_duration_a_day_or_taken_back(world: World) -> None:
    page = opened(world).narrow(world.reseller, end="168").save()
    ends = world.console().ends_at
    assert timedelta(days=7) <= timedelta(seconds=until(ends) + 1) <= timedelta(days=8)
    assert "Saved." in page.text
    assert "This takes effect by" not in page.text
    assert page.chosen[f"end-{world.reseller.pk}"] == ends.isoformat()
    assert "Ends" in opened(world).text
    opened(world).save()
    assert world.console().ends_at == ends
    opened(world).narrow(world.reseller, end="day", day="2031-02-28").save()
    assert world.console().ends_at == datetime(2031, 2, 28, 23, 59, 59, tzinfo=UTC)
    assert world.console().effective_until == ends  # a later end waits for the worker
    opened(world).narrow(world.reseller, end="none").save()
    settle()
    assert (world.console().ends_at, world.console().effective_until) == (None, None)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("day", "", "Enter the last day of access"),
        ("day", "30 November", "Enter the last day of access"),
        ("day", "2027-02-30", "Enter the last day of access"),
        ("day", "9999-12-31", "Enter the last day of access"),
        ("day", "2020-01-01", "This moment is over"),
        ("end", "1", "Choose one of the ends"),
        ("end", "2027-11-30T10:00", "Choose one of the ends"),
        ("end", "x" * 10_000, "Choose one of the ends"),
        ("level", "god", "Choose one of the levels"),
        ("level", "", "Choose one of the levels"),
    ],
)
def test_R16_a_wrong_end_or_level_names_its_box_keeps_what_was_typed_and_saves_nothing(
    world: World, field: str, value: str, says: str
) -> None:
    page = opened(world).narrow(world.reseller, level="view", end="day", day="2031-01-31")
    page.chosen[f"{field}-{world.reseller.pk}"] = value
    before = AuditEvent.objects.count()
    refused = page.save()
    assert refused.status == 422
    assert says in refused.text
    assert f'href="#box-{world.reseller.pk}"' in refused.text
    kept = {name: refused.chosen.get(name) for name in page.chosen}
    if field == "day" and value != "30 November":
        assert kept == page.chosen
    assert refused.chosen[f"day-{world.reseller.pk}"] == page.chosen[f"day-{world.reseller.pk}"]
    assert AuditEvent.objects.count() == before


def test_R6_what_was_chosen_comes_back_in_a_conflict(world: World) -> None:
    open_as_far_as(world, Level.VIEW)
    settle()
    page = opened(world).narrow(world.reseller, level="directory", end="720")
    open_as_far_as(world, Level.HELP_DESK)
    answer = page.save()
    assert answer.status == 409
    assert answer.chosen[f"level-{world.reseller.pk}"] == "directory"
    assert answer.chosen[f"end-{world.reseller.pk}"] == "720"


def test_R5_an_auditor_reads_level_and_end_and_chooses_nothing(world: World) -> None:
    open_as_far_as(world, Level.VIEW)
    settle()
    page = open_page(put_person(world.customer, Role.AUDITOR), world.customer)
    assert "Level: View only." in page.text
    assert page.chosen == {}


def test_a_confirmed_preview_sends_level_and_end_too(world: World) -> None:
    page = opened(world).narrow(world.reseller, level="licences", end="2160").save(confirmed=False)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.html))
    assert (hidden[f"level-{world.reseller.pk}"], hidden[f"end-{world.reseller.pk}"]) == ("licences", "2160")
    page.client.post(page.url, hidden | {"allow": [str(world.reseller.pk)], "confirmed": "1"})
    assert world.console().level == "licences"


@pytest.mark.parametrize(
    ("zone", "day", "ends"),
    [
        ("UTC", "2027-11-30", "2027-11-30T23:59:59+00:00"),
        ("Europe/Paris", "2027-11-30", "2027-11-30T22:59:59+00:00"),
        # Clocks go from 00:00 to 01:00 as the next day begins, and back from 24:00 to 23:00 as this one ends.
        ("Africa/Cairo", "2026-04-23", "2026-04-23T21:59:59+00:00"),
        ("Africa/Cairo", "2026-10-29", "2026-10-29T21:59:59+00:00"),
        ("Pacific/Auckland", "2028-02-29", "2028-02-29T10:59:59+00:00"),
    ],
)
def test_R16_a_day_ends_where_the_next_one_begins(zone: str, day: str, ends: str) -> None:
    with timezone.override(zone):
        assert end_of_day(day) == datetime.fromisoformat(ends)


# --- The reseller's side -----------------------------------------------------------------------------------


def test_R18_the_reseller_sees_level_and_end_and_filters_by_them(world: World) -> None:
    other = put_reseller()
    sell(world.customer, other)
    open_as_far_as(world, Level.HELP_DESK, database_now() + timedelta(days=20))
    settle()
    client = signed_in(world.agent)
    name = world.customer.primary_domain
    assert "Help desk" in text(client.get("/reseller/"))
    for extent, is_found in (("ends_30", True), ("help_desk", True), ("full", False), ("view", False)):
        assert (name in text(client.get("/reseller/", {"extent": extent}))) is is_found
    said = text(client.get(f"/reseller/customers/{name}/"))
    assert "Level Help desk" in said
    assert "Access ends" in said
    strange = put_person(other, Role.RESELLER_ADMIN)
    assert "Help desk" not in text(signed_in(strange).get(f"/reseller/customers/{name}/"))


def test_R10_R16_what_only_becomes_wider_or_narrower_is_not_opening(world: World) -> None:
    client, name = signed_in(world.agent), world.customer.primary_domain
    for level in (Level.VIEW, Level.DIRECTORY):
        change = open_as_far_as(world, level)
        assert change.outcome is None
        assert "pens by about" not in text(client.get("/reseller/"))
        assert "Opens by about" not in text(client.get(f"/reseller/customers/{name}/"))
        settle()
    # Its end comes while a narrower level waits: closed is closed, and the end is written down.
    open_as_far_as(world, Level.DIRECTORY, database_now() + timedelta(seconds=2))
    open_as_far_as(world, Level.CASES, world.console().ends_at)
    AccessChange.objects.filter(settled_at=None).update(
        due_at=database_now() + timedelta(hours=2), next_attempt_at=database_now() + timedelta(hours=2)
    )
    pass_time(3)
    said = text(client.get(f"/reseller/customers/{name}/"))
    assert "Access to the admin console Closed" in said
    assert name in text(client.get("/reseller/", {"access": "closed"}))
    assert name not in text(client.get("/reseller/", {"access": "opening"}))
    assert "Opening" not in opened(world).text
    assert sweep() == 1
    assert not world.console().allowed


def test_R18_a_refused_page_says_which_level_it_needs(world: World) -> None:
    open_as_far_as(world, Level.VIEW)
    settle()
    client = signed_in(world.agent)
    client.post(url_of(world.customer, "enter_console"))
    home = text(client.get(url_of(world.customer, "console_home")))
    assert "Users" in home
    said = client.get(url_of(world.customer, "user_new"))
    assert said.status_code == 403
    assert "It needs the level “Directory”" in text(said)
    billing = client.get(url_of(world.customer, "billing"))
    assert billing.status_code == 403
    assert "It needs the level" not in text(billing)


PAGES = {
    "users": Permission.VIEW_USERS,
    "user_new": Permission.MANAGE_USERS,
    "groups": Permission.VIEW_GROUPS,
    "org_units": Permission.VIEW_ORG_UNITS,
    "devices": Permission.VIEW_DEVICES,
    "subscriptions": Permission.VIEW_SUBSCRIPTIONS,
    "licences": Permission.VIEW_LICENCES,
    "support_case_new": Permission.FILE_CASES,
}


@pytest.mark.parametrize("level", Level)
def test_R18_an_agent_finds_and_opens_what_the_level_opens_and_nothing_else(world: World, level: Level) -> None:
    if level != Level.FULL:
        open_as_far_as(world, level)
        settle()
    client = signed_in(world.agent)
    client.post(url_of(world.customer, "enter_console"))
    home = client.get(url_of(world.customer, "console_home"))
    assert home.status_code == 200
    for name, permission in PAGES.items():
        url, is_open = url_of(world.customer, name), permission in OPENS[level]
        assert (client.get(url).status_code == 200) is is_open, name
        if not is_open:
            assert f'href="{url}"' not in home.content.decode(), name
