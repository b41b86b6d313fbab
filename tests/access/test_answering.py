"""R17: a customer approves a request, as asked or narrower, rejects it, or hands it on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts import organisations
from accounts.actor import Actor
from accounts.audit_log import events_of_customer, events_of_reseller
from accounts.directory.people import suspend_user
from accounts.errors import Refused
from accounts.models import AuditEvent, Mail
from accounts.roles import CUSTOMER_ROLES, RESELLER_ROLES, Role
from subscriptions.access.answering import Answer, hand_on, preview_answer, reject
from subscriptions.access.asking import LIFETIME, withdraw
from subscriptions.access.extent import Extent
from subscriptions.lifecycle import cancel_subscription
from subscriptions.models import AccessChange, AccessRequest
from subscriptions.models.level import Level
from subscriptions.models.request import RequestMail, RequestStatus
from tests.access.boxes import console, own, save
from tests.access.requests_world import WEEK, chosen, close, give, let_requests_age, request_access
from tests.access.world import World, may_enter, propagate, sell, visible
from tests.factories import fresh, make_person

VOICE = "1010330004"  # what World.own is


@pytest.fixture
def asked(world: World) -> AccessRequest:
    """The agent asked for the directory and for Voice, for a week; nothing is open."""
    close(world)
    return request_access(world, skus=[VOICE])


def no(world: World, asked: AccessRequest, reason: str = "Not this week.", actor: Actor | None = None) -> AccessRequest:
    return reject(actor=actor or world.admin, customer=world.customer, request_id=asked.pk, reason=reason)


def back(world: World, asked: AccessRequest) -> AccessRequest:
    return withdraw(actor=Actor(world.agent), customer=world.customer, request_id=asked.pk)


def state_of(asked: AccessRequest) -> tuple[object, ...]:
    """What an answer could change: the request, the access of its customer, the log, mail."""
    asked = AccessRequest.objects.get(pk=asked.pk)
    changes = AccessChange.objects.filter(grant__customer=asked.customer_id)
    return (asked.status, list(asked.changes.all()), changes.count(), AuditEvent.objects.count(), Mail.objects.count())


def refused(asked: AccessRequest, attempt: Callable[[], object]) -> Refused:
    before = state_of(asked)
    with pytest.raises(Refused) as error, transaction.atomic():
        attempt()
    assert state_of(asked) == before
    return error.value


def test_R17_what_is_approved_is_saved_and_takes_effect(world: World, asked: AccessRequest) -> None:
    answered = give(world, asked, chosen(asked, subscriptions=[world.own]))
    assert (answered.status, answered.answered_by) == (RequestStatus.APPROVED, world.admin.user)
    assert {change.grant for change in answered.changes.all()} == {world.console(), world.opened()}
    assert all(change.requested_by == world.admin.user for change in answered.changes.all())
    assert not may_enter(world.agent, world.customer)
    propagate()
    assert may_enter(world.agent, world.customer)
    assert world.console().effective_level == Level.DIRECTORY
    assert world.own.pk in visible(world.agent, world.customer)


def test_R17_the_customer_narrows(world: World, asked: AccessRequest) -> None:
    answered = give(world, asked, chosen(asked, Level.VIEW, timedelta(hours=8)))
    assert (answered.given_level, answered.given_lasts) == (Level.VIEW, timedelta(hours=8))
    assert (answered.level, answered.lasts) == (Level.DIRECTORY, WEEK)
    assert list(answered.given_subscriptions.all()) == []
    [change] = answered.changes.all()
    assert (change.grant, change.level) == (world.console(), Level.VIEW)
    assert change.ends_at == change.due_at + timedelta(hours=8)
    event = events_of_customer(world.customer).get(name="APPROVE_ACCESS_REQUEST")
    assert event.old_value == {
        "level": "directory",
        "lasts": "P7DT00H00M00S",
        "subscriptions": ["Google Voice Standard"],
    }
    assert event.new_value == {"level": "view", "lasts": "P0DT08H00M00S"}
    assert (event.actor_email, event.on_behalf_of) == (world.admin.user.email, "")


def test_R18_what_is_given_is_what_is_open(world: World, asked: AccessRequest) -> None:
    give(world, asked, chosen(asked, Level.VIEW))
    propagate()
    assert world.console().effective_level == Level.VIEW
    assert visible(world.agent, world.customer) == {world.sold.pk}


@pytest.mark.parametrize(
    ("level", "lasts", "field"),
    [
        (Level.FULL, WEEK, "level"),
        (Level.LICENCES, WEEK, "level"),
        ("everything of 2031", WEEK, "level"),
        ("", WEEK, "level"),
        (Level.VIEW, None, "lasts"),
        (Level.VIEW, timedelta(days=30), "lasts"),
        (Level.VIEW, timedelta(0), "lasts"),
        (Level.VIEW, timedelta(hours=-8), "lasts"),
    ],
)
def test_R17_nothing_wider_than_asked_is_given(
    world: World, asked: AccessRequest, level: str, lasts: timedelta | None, field: str
) -> None:
    answer = Answer(Extent(level, lasts=lasts), frozenset(), chosen(asked).seen)
    assert refused(asked, lambda: give(world, asked, answer)).field == field


def test_R17_only_subscriptions_that_were_asked_for_are_given(world: World, asked: AccessRequest) -> None:
    vault = sell(world.customer, None, "Google-Vault")
    for other in (vault, world.sold):
        answer = chosen(asked, subscriptions=[other])
        assert refused(asked, partial(give, world, asked, answer)).field == "subscriptions"


def test_R17_an_end_of_its_own_is_no_answer(world: World, asked: AccessRequest) -> None:
    ends = replace(chosen(asked), extent=Extent(Level.VIEW, ends_at=asked.expires_at))
    assert refused(asked, lambda: give(world, asked, ends)).field == "lasts"


def test_R6_an_approval_that_another_admin_overtook_is_refused(world: World, asked: AccessRequest) -> None:
    """Also where both give: what is open now was not on the screen."""
    answer = chosen(asked)
    save(world, console(world, True))
    assert "while you had the page open" in refused(asked, lambda: give(world, asked, answer)).message
    give(world, asked, chosen(asked))


def test_R17_approving_replaces_what_is_open(world: World) -> None:
    """FULL without an end is open; Voice is asked for with a week of VIEW."""
    asked = request_access(world, extent=Extent(Level.VIEW, lasts=WEEK), skus=[VOICE])
    give(world, asked, chosen(asked, subscriptions=[world.own]))
    propagate()
    grant = world.console()
    assert (grant.level, grant.ends_at is None) == (Level.VIEW, False)


def test_R17_what_is_open_exactly_so_is_approved_without_a_change(world: World) -> None:
    save(world, own(world, True))
    propagate()
    asked = request_access(world, extent=Extent(Level.FULL), skus=[VOICE])
    preview = preview_answer(
        actor=world.admin, request=asked, answer=chosen(asked, lasts=None, subscriptions=[world.own])
    )
    assert preview.steps == []
    answered = give(world, asked, chosen(asked, lasts=None, subscriptions=[world.own]))
    assert (answered.status, answered.changes.count()) == (RequestStatus.APPROVED, 0)


def test_R17_two_clicks_on_approve_are_one(world: World, asked: AccessRequest) -> None:
    answer = chosen(asked)
    give(world, asked, answer)
    before = state_of(asked)
    assert give(world, asked, answer).status == RequestStatus.APPROVED
    assert state_of(asked) == before


def test_R17_two_clicks_on_reject_are_one(world: World, asked: AccessRequest) -> None:
    no(world, asked)
    before = state_of(asked)
    assert no(world, asked, "Another reason").answer == "Not this week."
    assert state_of(asked) == before


def test_R17_rejecting_needs_a_reason_and_tells_it(world: World, asked: AccessRequest) -> None:
    assert refused(asked, lambda: no(world, asked, " \u200b ")).field == "reason"
    no(world, asked, "Not this week.")
    event = events_of_customer(world.customer).latest("pk")
    assert event.name == "REJECT_ACCESS_REQUEST"
    assert event.new_value == {
        "level": "directory",
        "lasts": "P7DT00H00M00S",
        "subscriptions": ["Google Voice Standard"],
        "reason": "Not this week.",
    }
    propagate()
    assert not may_enter(world.agent, world.customer)


def test_R17_the_answer_stands_not_in_the_resellers_log(world: World, asked: AccessRequest) -> None:
    no(world, asked)
    admin = make_person(world.reseller, Role.RESELLER_ADMIN)
    names = set(events_of_reseller(fresh(admin)).values_list("name", flat=True))
    assert names & {"REJECT_ACCESS_REQUEST", "APPROVE_ACCESS_REQUEST"} == set()


@pytest.mark.parametrize(
    ("before", "says"),
    [
        (back, "withdrawn"),
        (lambda w, a: let_requests_age(LIFETIME + timedelta(seconds=1)), "expired"),
        (lambda w, a: no(w, a, actor=Actor(make_person(w.customer, Role.SUPER_ADMIN))), "rejected already"),
        (lambda w, a: give(w, a, actor=Actor(make_person(w.customer, Role.SUPER_ADMIN))), "approved already"),
        (lambda w, a: cancel_subscription(actor=None, subscription=w.sold), "does not work for you any more"),
    ],
    ids=["withdrawn", "expired", "rejected", "approved", "relation ended"],
)
def test_R17_what_is_no_longer_open_gets_a_clear_answer(
    world: World, asked: AccessRequest, before: Callable[[World, AccessRequest], object], says: str
) -> None:
    answer = chosen(asked)
    before(world, asked)
    assert says in refused(asked, lambda: give(world, asked, answer)).message
    assert says in refused(asked, lambda: no(world, asked)).message


def test_R13_a_request_from_before_the_relation_began_again_is_over(world: World, asked: AccessRequest) -> None:
    cancel_subscription(actor=None, subscription=world.sold)
    sell(world.customer, world.reseller)
    assert "expired" in refused(asked, lambda: give(world, asked, chosen(asked))).message


def test_R9_approved_for_a_suspended_reseller_it_fails_with_that_reason(world: World, asked: AccessRequest) -> None:
    organisations.suspend_reseller(actor=None, reseller=world.reseller)
    give(world, asked)
    propagate()
    assert not may_enter(world.agent, world.customer)


@pytest.mark.parametrize("role", sorted((CUSTOMER_ROLES | RESELLER_ROLES) - {Role.SUPER_ADMIN}))
def test_R5_only_a_super_admin_answers(world: World, asked: AccessRequest, role: Role) -> None:
    organisation = world.customer if role in CUSTOMER_ROLES else world.reseller
    person = Actor(make_person(organisation, role))
    answer = chosen(asked)
    attempts: list[Callable[[], object]] = [
        lambda: give(world, asked, answer, person),
        lambda: no(world, asked, actor=person),
        lambda: hand(world, asked, world.admin, actor=person),
        lambda: preview_answer(actor=person, request=asked, answer=answer),
    ]
    before = state_of(asked)
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()
    assert state_of(asked)[:3] == before[:3]


def test_R5_a_super_admin_of_another_customer_answers_nothing(
    world: World, asked: AccessRequest, stranger: World
) -> None:
    with pytest.raises(PermissionDenied):
        give(world, asked, chosen(asked), stranger.admin)
    with pytest.raises(Refused, match="does not exist"):
        reject(actor=stranger.admin, customer=stranger.customer, request_id=asked.pk, reason="No")


def hand(world: World, asked: AccessRequest, to: Actor, actor: Actor | None = None) -> AccessRequest:
    return hand_on(actor=actor or world.admin, customer=world.customer, request_id=asked.pk, person_id=to.user.pk)


def test_R17_a_request_is_handed_on_and_goes_on_waiting(world: World, asked: AccessRequest) -> None:
    other = Actor(make_person(world.customer, Role.SUPER_ADMIN))
    assert hand(world, asked, other).handed_to == other.user
    before = state_of(asked)
    hand(world, asked, other)
    assert state_of(asked) == before
    [sent] = Mail.objects.filter(kind=RequestMail.HANDED_ON)
    assert sent.recipient == other.user
    event = events_of_customer(world.customer).latest("pk")
    assert (event.name, event.new_value) == ("REQUEST_RESELLER_ACCESS", {"handed_to": other.user.email})
    assert event not in events_of_reseller(fresh(world.agent))
    give(world, asked)


def test_R17_a_request_is_handed_to_nobody_who_cannot_answer(
    world: World, asked: AccessRequest, stranger: World
) -> None:
    gone = make_person(world.customer, Role.SUPER_ADMIN)
    suspend_user(actor=None, person=gone)
    others = [world.admin, Actor(make_person(world.customer, Role.AUDITOR)), stranger.admin, Actor(gone)]
    for other in others:
        assert refused(asked, partial(hand, world, asked, other)).field == "person"
