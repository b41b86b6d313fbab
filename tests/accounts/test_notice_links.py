"""Where a notice leads: to the one object that its event is about, where that has a page (R25)."""

from __future__ import annotations

import pytest
from django.urls import resolve, reverse

from accounts.actor import Actor
from accounts.models import AuditEvent, ConsoleSession, Customer, Notification, User
from accounts.models.event_names import EventName
from accounts.notices.table import NOTICES
from accounts.notices.told import Told
from accounts.notifications.reading import _path, in_words, notifications_of, with_what_they_tell
from accounts.roles import Role
from subscriptions import lifecycle
from subscriptions.access.asking import ask
from subscriptions.access.extent import Extent
from subscriptions.models.level import Level
from support.visit_reports import end_reported_visit
from tests.access.narrowing import open_as_far_as, settle
from tests.access.world import World, make_world
from tests.accounts.reading_notices import tell, untell
from tests.client import signed_in, url_of
from tests.factories import make_person, put_person

ABOUT, VISIT = 7, 9
TOLD = [pytest.param(told, id=f"{name}-{told.audience}") for name, notice in NOTICES.items() for told in notice.told]
# What has a page of its own, and the events that are about one.
OBJECTS = {
    "access_request": {EventName.REQUEST_RESELLER_ACCESS, EventName.WITHDRAW_ACCESS_REQUEST}
    | {EventName.APPROVE_ACCESS_REQUEST, EventName.REJECT_ACCESS_REQUEST},
    "outside_visit": {EventName.REPORT_CONSOLE_SESSION, EventName.END_CONSOLE_SESSION},
    "subscription": {name for name in NOTICES if "SUBSCRIPTION" in name or name == EventName.START_PAID_SERVICE},
    "reseller_case": {EventName.CREATE_CASE, EventName.ASSIGN_CASE_AT_PARTNER},
}


def path_of(told: Told, about: int | None, visit: int | None) -> str:
    event = AuditEvent(name="", console_session_id=visit)
    row = Notification(event=event, about_id=about)
    return _path(told.page, row, Customer(primary_domain="acme.example"))


@pytest.mark.parametrize("told", TOLD)
def test_R25_each_link_of_the_table_leads_to_a_page_and_names_its_object(told: Told) -> None:
    match = resolve(path_of(told, ABOUT, VISIT))
    assert match.url_name == told.page
    named = {argument: value for argument, value in match.kwargs.items() if argument != "domain"}
    assert named in ({}, {next(iter(named), ""): VISIT if told.page == "outside_visit" else ABOUT})
    # What was told before events said what they are about leads to a list.
    assert "domain" not in match.kwargs or resolve(path_of(told, None, None)).kwargs == {"domain": "acme.example"}


@pytest.mark.parametrize("page", OBJECTS)
def test_R25_the_events_of_requests_visits_subscriptions_and_cases_lead_to_each(page: str) -> None:
    """For one audience at least: resellers have no page of a request, and none of the customer's visits."""
    leading = {name for name, notice in NOTICES.items() if any(told.page == page for told in notice.told)}
    assert leading == OBJECTS[page]


def links(person: User) -> list[str]:
    return [line.url for line in in_words(with_what_they_tell(notifications_of(person).order_by("pk")), person)]


@pytest.fixture
def world(db: None) -> World:
    world = make_world()
    make_person(world.customer, Role.SUPER_ADMIN, name="Second")
    untell()
    return world


def test_R25_a_request_leads_to_itself_also_after_sign_in(world: World) -> None:
    open_as_far_as(world, Level.VIEW)
    settle()
    untell()
    Notification.objects.all().delete()
    asked = ask(actor=Actor(world.agent), customer=world.customer, extent=Extent(Level.FULL), reason="Much to do")
    tell()
    url = url_of("access_request", world.customer, request_id=asked.pk)
    assert links(world.admin.user) == [url]
    assert signed_in(world.admin.user).get(url).status_code == 200


def test_R25_a_visit_that_was_not_recognised_leads_to_its_record(world: World) -> None:
    client = signed_in(world.agent)
    client.post(reverse("enter_console", kwargs={"domain": world.customer.primary_domain}))
    visit = ConsoleSession.objects.get()
    untell()
    Notification.objects.all().delete()
    end_reported_visit(actor=world.admin, customer=world.customer, session_id=visit.pk)
    tell()
    second = User.objects.get(name="Second")
    url = url_of("outside_visit", world.customer, session_id=visit.pk)
    assert set(links(second)) == {url}
    assert signed_in(second).get(url).status_code == 200


def test_R25_what_a_reseller_changed_leads_to_that_subscription(world: World) -> None:
    seller = put_person(world.reseller, Role.RESELLER_ADMIN)
    lifecycle.cancel_subscription(actor=Actor(seller), subscription=world.sold)
    tell()
    assert url_of("subscription", world.customer, subscription_id=world.sold.pk) in links(world.admin.user)
