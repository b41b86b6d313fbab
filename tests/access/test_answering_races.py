"""R17: two people at the same request at the same instant: one decides, the other is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import AuditEvent, Mail
from accounts.roles import Role
from subscriptions.access.answering import approve, reject, seen_in
from subscriptions.access.asking import withdraw
from subscriptions.lifecycle import cancel_subscription
from subscriptions.models import AccessChange, AccessRequest
from subscriptions.models.request import RequestMail, RequestStatus
from tests.access.boxes import console, save
from tests.access.requests_world import chosen, close, request_access
from tests.access.world import World, make_world, may_enter, propagate
from tests.factories import make_person
from tests.races import at_once, second_waits_for_first

pytestmark = pytest.mark.django_db(transaction=True)


def asked_in(world: World) -> AccessRequest:
    close(world)
    return request_access(world)


def refused(verb: Callable[[], object], says: str) -> Callable[[], None]:
    def run() -> None:
        with pytest.raises(Refused, match=says):
            verb()

    return run


def test_R17_two_super_admins_approve_at_once_and_one_of_them_has() -> None:
    world = make_world()
    asked, other = asked_in(world), Actor(make_person(world.customer, Role.SUPER_ADMIN))
    answer = chosen(asked)

    def approving(actor: Actor) -> Callable[[], object]:
        return lambda: approve(actor=actor, customer=world.customer, request_id=asked.pk, answer=answer)

    raised = at_once(approving(world.admin), approving(other))
    [error] = [error for error in raised if error is not None]
    assert "approved already" in str(error)
    assert AccessChange.objects.filter(grant=world.console(), settled_at=None).count() == 1
    assert Mail.objects.filter(kind=RequestMail.ANSWERED).count() == 1
    assert AuditEvent.objects.filter(name="APPROVE_ACCESS_REQUEST").count() == 1


def test_R17_one_approves_while_another_rejects() -> None:
    world = make_world()
    asked, other = asked_in(world), Actor(make_person(world.customer, Role.SUPER_ADMIN))
    answer = chosen(asked)
    second_waits_for_first(
        lambda: reject(actor=other, customer=world.customer, request_id=asked.pk, reason="No"),
        refused(
            lambda: approve(actor=world.admin, customer=world.customer, request_id=asked.pk, answer=answer),
            "rejected already",
        ),
    )
    propagate()
    assert not may_enter(world.agent, world.customer)


def test_R17_approved_while_it_is_withdrawn() -> None:
    world = make_world()
    asked = asked_in(world)
    answer = chosen(asked)
    second_waits_for_first(
        lambda: withdraw(actor=Actor(world.agent), customer=world.customer, request_id=asked.pk),
        refused(
            lambda: approve(actor=world.admin, customer=world.customer, request_id=asked.pk, answer=answer),
            "withdrawn",
        ),
    )
    propagate()
    assert not may_enter(world.agent, world.customer)


def test_R17_withdrawn_while_it_is_approved() -> None:
    world = make_world()
    asked = asked_in(world)
    answer = chosen(asked)
    second_waits_for_first(
        lambda: approve(actor=world.admin, customer=world.customer, request_id=asked.pk, answer=answer),
        refused(
            lambda: withdraw(actor=Actor(world.agent), customer=world.customer, request_id=asked.pk), "no longer open"
        ),
    )
    asked.refresh_from_db()
    assert asked.status == RequestStatus.APPROVED


def test_R13_the_relation_ends_while_it_is_approved() -> None:
    world = make_world()
    asked = asked_in(world)
    answer = chosen(asked)
    second_waits_for_first(
        lambda: cancel_subscription(actor=None, subscription=world.sold),
        refused(
            lambda: approve(actor=world.admin, customer=world.customer, request_id=asked.pk, answer=answer),
            "does not work for you any more",
        ),
    )
    propagate()
    assert not may_enter(world.agent, world.customer)
    assert not world.console().allowed


def test_R13_the_relation_ends_while_somebody_asks() -> None:
    world = make_world()
    close(world)
    second_waits_for_first(
        lambda: cancel_subscription(actor=None, subscription=world.sold),
        refused(lambda: request_access(world), "do not work for this customer"),
    )
    assert not AccessRequest.objects.exists()


def test_R17_two_people_of_a_reseller_ask_at_once_and_one_request_waits() -> None:
    world = make_world()
    close(world)
    admin = Actor(make_person(world.reseller, Role.RESELLER_ADMIN))
    raised = at_once(lambda: request_access(world), lambda: request_access(world, actor=admin))
    [error] = [error for error in raised if error is not None]
    assert "waits for an answer" in str(error)
    assert AccessRequest.objects.filter(status=RequestStatus.PENDING).count() == 1


def test_R6_access_is_saved_while_it_is_approved() -> None:
    world = make_world()
    asked = asked_in(world)
    answer = chosen(asked)
    second_waits_for_first(
        lambda: save(world, console(world, True)),
        refused(
            lambda: approve(actor=world.admin, customer=world.customer, request_id=asked.pk, answer=answer),
            "while you had the page open",
        ),
    )
    assert seen_in(asked) != answer.seen
