"""R17: a reseller asks for access. The answers are in test_answering.py."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts import organisations
from accounts.actor import Actor
from accounts.audit_log import events_of_customer, events_of_reseller
from accounts.errors import Refused
from accounts.models import AuditEvent, Mail, RoleAssignment
from accounts.roles import CUSTOMER_ROLES, RESELLER_ROLES, Role
from subscriptions.access.answering import switch_requests
from subscriptions.access.asking import A_DAY, LIFETIME, withdraw
from subscriptions.access.extent import Extent
from subscriptions.access.requests import is_open, requests_to
from subscriptions.lifecycle import cancel_subscription
from subscriptions.models import AccessRequest
from subscriptions.models.level import Level
from subscriptions.models.request import TEXT_MAX_LENGTH, RequestMail, RequestStatus
from tests.access.requests_world import REASON, WEEK, close, let_requests_age, request_access
from tests.access.world import World, assign, propagate, sell
from tests.factories import fresh, make_person, make_reseller


@pytest.fixture
def closed(world: World) -> World:
    """The console is closed to the reseller."""
    close(world)
    return world


def back(world: World, asked: AccessRequest, actor: Actor | None = None) -> AccessRequest:
    return withdraw(actor=actor or Actor(world.agent), customer=world.customer, request_id=asked.pk)


def nothing_happens(world: World, **wanted: Any) -> Refused:
    """Ask in vain: the answer is returned, and nothing is left behind."""
    before = (AccessRequest.objects.count(), AuditEvent.objects.count(), Mail.objects.count())
    with pytest.raises(Refused) as refused:
        request_access(world, **wanted)
    assert (AccessRequest.objects.count(), AuditEvent.objects.count(), Mail.objects.count()) == before
    return refused.value


def test_R17_an_agent_asks_and_the_super_admins_are_told(closed: World) -> None:
    other = make_person(closed.customer, Role.SUPER_ADMIN)
    make_person(closed.customer, Role.AUDITOR)
    asked = request_access(closed, skus=["1010330004"])
    asked.refresh_from_db()
    assert (asked.level, asked.lasts, asked.reason, asked.asked_by) == (Level.DIRECTORY, WEEK, REASON, closed.agent)
    assert asked.expires_at - asked.asked_at == LIFETIME == timedelta(days=14)
    told = Mail.objects.filter(kind=RequestMail.ASKED, about_id=asked.pk).values_list("recipient", flat=True)
    assert set(told) == {closed.admin.user.pk, other.pk}
    event = events_of_customer(closed.customer).latest("pk")
    assert (event.name, event.actor_email, event.on_behalf_of) == (
        "REQUEST_RESELLER_ACCESS",
        closed.agent.email,
        closed.reseller.name,
    )
    assert event.actor_kind == "reseller"
    assert event.new_value == {
        "level": "directory",
        "lasts": "P7DT00H00M00S",
        "subscriptions": ["Google Voice Standard"],
        "reason": REASON,
    }


def test_R17_a_reseller_reads_that_its_agents_asked_and_withdrew(closed: World) -> None:
    back(closed, request_access(closed))
    names = events_of_reseller(fresh(closed.agent)).values_list("name", flat=True)
    assert {"REQUEST_RESELLER_ACCESS", "WITHDRAW_ACCESS_REQUEST"} <= set(names)


def test_R17_asking_opens_nothing(closed: World) -> None:
    before = closed.console()
    request_access(closed)
    propagate()
    after = closed.console()
    assert (after.allowed, after.generation) == (before.allowed, before.generation)


@pytest.mark.parametrize("role", sorted(RESELLER_ROLES))
@pytest.mark.parametrize("works", [True, False], ids=["assigned", "not assigned"])
def test_R17_a_reseller_admin_asks_or_an_agent_who_works_for_the_customer(
    closed: World, role: Role, works: bool
) -> None:
    person = closed.agent if works else make_person(closed.reseller, role)
    RoleAssignment.objects.filter(user=person).delete()
    RoleAssignment.objects.create(user=person, role=role)
    may = role == Role.RESELLER_ADMIN or (role == Role.RESELLER_AGENT and works)
    if may:
        request_access(closed, actor=Actor(person))
        return
    with pytest.raises((PermissionDenied, Refused)):
        request_access(closed, actor=Actor(person))
    assert not AccessRequest.objects.exists()


def test_R17_an_indirect_admin_asks_where_they_work_as_an_agent_and_nowhere_else(closed: World) -> None:
    person = make_person(closed.reseller, Role.INDIRECT_RESELLER_ADMIN, Role.RESELLER_AGENT)
    assert "do not work for this customer" in nothing_happens(closed, actor=Actor(person)).message
    assign(person, closed.customer)
    request_access(closed, actor=Actor(person))


@pytest.mark.parametrize("role", sorted(CUSTOMER_ROLES))
def test_R17_nobody_of_the_customer_asks_or_withdraws(closed: World, role: Role) -> None:
    asked = request_access(closed)
    person = Actor(make_person(closed.customer, role))
    with pytest.raises(PermissionDenied):
        request_access(closed, actor=person)
    with pytest.raises(PermissionDenied):
        back(closed, asked, person)


def test_R17_a_stranger_asks_nothing_and_withdraws_nothing(closed: World, stranger: World) -> None:
    asked = request_access(closed)
    with pytest.raises(Refused):
        request_access(closed, actor=Actor(stranger.agent))
    with pytest.raises(Refused):
        back(closed, asked, Actor(stranger.agent))
    with pytest.raises(Refused, match="does not exist"):
        withdraw(actor=Actor(stranger.agent), customer=stranger.customer, request_id=asked.pk)
    asked.refresh_from_db()
    assert asked.status == RequestStatus.PENDING
    assert not requests_to(stranger.customer).exists()


def test_R17_one_waits_at_a_time(closed: World) -> None:
    asked = request_access(closed)
    assert "waits for an answer" in nothing_happens(closed, reason="Something else").message
    back(closed, asked)
    request_access(closed, reason="Something else")


def test_R17_two_clicks_are_one_request(closed: World) -> None:
    assert request_access(closed) == request_access(closed)
    assert AccessRequest.objects.count() == Mail.objects.filter(kind=RequestMail.ASKED).count() == 1


def test_R17_another_reseller_asks_beside_it(closed: World) -> None:
    request_access(closed)
    other = make_reseller()
    sell(closed.customer, other)
    request_access(closed, actor=Actor(make_person(other, Role.RESELLER_ADMIN)))
    assert requests_to(closed.customer).filter(is_open()).count() == 2


def test_R17_five_a_day(closed: World) -> None:
    for number in range(A_DAY):
        back(closed, request_access(closed, reason=f"Number {number}"))
    assert "5 times within 24 hours" in nothing_happens(closed).message
    let_requests_age(timedelta(hours=24, seconds=1))
    request_access(closed)


def test_R17_an_answer_can_be_waited_for_14_days_by_the_clock_alone(closed: World) -> None:
    asked = request_access(closed)
    let_requests_age(LIFETIME - timedelta(minutes=1))
    assert requests_to(closed.customer).get().status_now == RequestStatus.PENDING
    let_requests_age(timedelta(minutes=2))
    found = requests_to(closed.customer).get()
    assert (found.status, found.status_now) == (RequestStatus.PENDING, RequestStatus.EXPIRED)
    with pytest.raises(Refused, match="no longer open"):
        back(closed, asked)
    newer = request_access(closed)
    assert requests_to(closed.customer).filter(is_open()).get() == newer
    asked.refresh_from_db()
    assert asked.status == RequestStatus.EXPIRED


def test_R17_a_customer_can_switch_requests_off(closed: World) -> None:
    assert switch_requests(actor=closed.admin, customer=closed.customer, on=False)
    assert not switch_requests(actor=closed.admin, customer=closed.customer, on=False)
    event = events_of_customer(closed.customer).latest("pk")
    assert (event.name, event.new_value) == ("CHANGE_ACCESS_POLICY", {"takes_requests": False})
    assert event not in events_of_reseller(fresh(closed.agent))
    assert "takes no requests" in nothing_happens(closed).message
    assert switch_requests(actor=closed.admin, customer=closed.customer, on=True)
    request_access(closed)


@pytest.mark.parametrize("role", sorted(CUSTOMER_ROLES - {Role.SUPER_ADMIN}))
def test_R17_only_a_super_admin_switches_requests_off(closed: World, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        switch_requests(actor=Actor(make_person(closed.customer, role)), customer=closed.customer, on=False)


def test_R13_a_request_is_over_with_the_relation_and_does_not_come_back_with_a_new_one(closed: World) -> None:
    request_access(closed)
    cancel_subscription(actor=None, subscription=closed.sold)
    assert requests_to(closed.customer).get().status_now == RequestStatus.EXPIRED
    assert "do not work for this customer" in nothing_happens(closed).message
    sell(closed.customer, closed.reseller)
    assert requests_to(closed.customer).get().status_now == RequestStatus.EXPIRED


def test_R13_a_suspended_reseller_asks_nothing(closed: World) -> None:
    organisations.suspend_reseller(actor=None, reseller=closed.reseller)
    with pytest.raises(PermissionDenied):
        request_access(closed)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"reason": "  \n\t "}, "reason"),
        ({"reason": "\u200b\u3164"}, "reason"),
        ({"reason": "x" * (TEXT_MAX_LENGTH + 1)}, "reason"),
        ({"extent": Extent("everything of 2031", lasts=WEEK)}, "level"),
        ({"extent": Extent("", lasts=WEEK)}, "level"),
        ({"extent": Extent(Level.VIEW, lasts=timedelta(0))}, "lasts"),
        ({"extent": Extent(Level.VIEW, lasts=timedelta(days=366))}, "lasts"),
        ({"skus": ["no such product"]}, "skus"),
    ],
)
def test_R17_what_nobody_can_ask_for_names_its_field(closed: World, wanted: dict[str, Any], field: str) -> None:
    assert nothing_happens(closed, **wanted).field == field


def test_P10_a_reason_keeps_its_lines_and_nothing_that_cannot_be_read(closed: World) -> None:
    asked = request_access(closed, reason="First\x00 line\u202e\r\n\r\nSecond  line\n")
    assert asked.reason == "First line\n\nSecond line"


def test_R17_what_is_open_already_need_not_be_asked_for(world: World) -> None:
    assert nothing_happens(world, extent=Extent(Level.VIEW, lasts=WEEK)).field == "level"
    assert nothing_happens(world, extent=Extent(Level.FULL)).field == "level"
    request_access(world, extent=Extent(Level.FULL), skus=["1010330004"])


def test_R17_a_second_click_on_withdraw_changes_nothing(closed: World) -> None:
    asked = request_access(closed)
    back(closed, asked)
    events = AuditEvent.objects.count()
    assert back(closed, asked).status == RequestStatus.WITHDRAWN
    assert AuditEvent.objects.count() == events
