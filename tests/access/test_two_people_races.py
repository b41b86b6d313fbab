"""R21: two people at the same proposal at the same instant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.actor import Actor
from accounts.directory.people import assign_role, unassign_role
from accounts.errors import Refused
from accounts.models import AuditEvent
from accounts.models.two_people import ProposalStatus
from accounts.roles import Role
from accounts.two_people.proposing import withdraw
from subscriptions.models import AccessChange
from tests.access.two_people_world import Two, make_two, status_of
from tests.access.world import may_enter, propagate
from tests.factories import make_person
from tests.races import at_once, second_waits_for_first

pytestmark = pytest.mark.django_db(transaction=True)


def refused(verb: Callable[[], object], says: str) -> Callable[[], None]:
    def run() -> None:
        with pytest.raises(Refused, match=says):
            verb()

    return run


def closed(two: Two) -> bool:
    propagate()
    return not may_enter(two.world.agent, two.world.customer)


def test_R21_two_approve_at_once_and_it_is_done_once() -> None:
    two = make_two()
    third = Actor(make_person(two.world.customer, Role.SUPER_ADMIN))
    proposal, before = two.propose(), AccessChange.objects.count()
    raised = at_once(lambda: two.approve(proposal), lambda: two.approve(proposal, third))
    [error] = [error for error in raised if error is not None]
    assert "approved already" in str(error)
    assert AccessChange.objects.count() == before + 1
    assert AuditEvent.objects.filter(name="APPROVE_PROPOSAL").count() == 1


def test_R21_approved_while_it_is_withdrawn() -> None:
    two = make_two()
    proposal = two.propose()
    second_waits_for_first(
        lambda: withdraw(actor=two.ana, customer=two.world.customer, proposal_id=proposal.pk),
        refused(lambda: two.approve(proposal), "withdrawn"),
    )
    assert closed(two)


def test_R21_withdrawn_while_it_is_approved() -> None:
    two = make_two()
    proposal = two.propose()
    second_waits_for_first(
        lambda: two.approve(proposal),
        refused(
            lambda: withdraw(actor=two.ana, customer=two.world.customer, proposal_id=proposal.pk), "approved already"
        ),
    )
    assert status_of(proposal) == ProposalStatus.APPROVED


def test_R21_approved_while_its_author_is_unmade() -> None:
    two = make_two()
    third = Actor(make_person(two.world.customer, Role.SUPER_ADMIN))
    proposal = two.propose()
    second_waits_for_first(
        lambda: unassign_role(actor=third, person=two.ana.user, role=Role.SUPER_ADMIN),
        refused(lambda: two.approve(proposal), "no longer a super admin"),
    )
    assert closed(two)


def test_R21_decided_alone_while_a_second_one_is_made() -> None:
    two = make_two()
    two.unmake_bruno()
    proposal = two.propose()
    second_waits_for_first(
        lambda: assign_role(actor=None, person=two.bruno.user, role=Role.SUPER_ADMIN),
        refused(lambda: two.decide_alone(proposal), "another super admin"),
    )
    assert closed(two)
