"""R21: with one super admin left only the emergency way is open, and everybody who was one of late is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from accounts.directory.people import assign_role
from accounts.errors import Refused
from accounts.mail.sending import send_due_mails
from accounts.models import AuditEvent, Mail
from accounts.models.two_people import Demand, ProposalStatus
from accounts.roles import Role
from accounts.two_people.mails import EMERGENCY
from accounts.two_people.reading import waiting_proposals_of
from subscriptions.leaving import delete_user_with_licences
from tests.access.two_people_world import REASON, Two, let_proposals_age, make_two, status_of
from tests.access.world import may_enter, propagate
from tests.accounts.reading_notices import tell, told, untell
from tests.factories import fresh, make_person


@pytest.fixture
def two(db: None) -> Two:
    return make_two()


def unmake(two: Two, how: str) -> None:
    if how == "unmade":
        two.unmake_bruno()
    elif how == "suspended":
        two.suspend_bruno()
    else:
        delete_user_with_licences(actor=two.ana, person=two.bruno.user)


def mails_of_the_emergency() -> list[tuple[str, str]]:
    mail.outbox.clear()
    send_due_mails()
    return [(message.to[0], str(message.body)) for message in mail.outbox if REASON in message.body]


@pytest.mark.parametrize("how", ["unmade", "suspended", "deleted"])
def test_R21_unmaking_the_second_leaves_the_emergency_way_and_they_are_told(two: Two, how: str) -> None:
    unmake(two, how)
    proposal = two.propose()
    propagate()
    assert not may_enter(two.world.agent, two.world.customer)
    answered = two.decide_alone(proposal)
    assert answered.proposal.status == ProposalStatus.EMERGENCY
    propagate()
    assert may_enter(two.world.agent, two.world.customer)

    said = AuditEvent.objects.get(name="EMERGENCY_CHANGE")
    assert said.new_value["reason"] == REASON
    assert said.new_value["told"] == [two.bruno.user.email]
    assert [to for to, _body in mails_of_the_emergency()] == [two.bruno.user.email]
    tell()
    if how == "unmade":
        assert any("decided alone in an emergency" in line for line in told(two.bruno.user))


def test_R21_who_was_unmade_more_than_72_hours_ago_is_not_told(two: Two) -> None:
    two.unmake_bruno()
    let_proposals_age(timedelta(hours=72, seconds=1))
    untell()
    two.decide_alone(two.propose())
    assert not Mail.objects.filter(kind=EMERGENCY).exists()
    tell()
    assert not any("emergency" in line for line in told(two.bruno.user))


def test_R21_the_emergency_needs_a_reason_and_that_nobody_else_is_left(two: Two) -> None:
    two.unmake_bruno()
    proposal = two.propose()
    with pytest.raises(Refused, match="reason"):
        two.decide_alone(proposal, "  ")
    assign_role(actor=None, person=two.bruno.user, role=Role.SUPER_ADMIN)
    with pytest.raises(Refused, match="another super admin"):
        two.decide_alone(proposal)
    two.approve(proposal)
    assert status_of(proposal) == ProposalStatus.APPROVED


def test_R21_two_clicks_are_one_emergency(two: Two) -> None:
    two.unmake_bruno()
    proposal = two.propose()
    two.decide_alone(proposal)
    two.decide_alone(proposal)
    assert AuditEvent.objects.filter(name="EMERGENCY_CHANGE").count() == 1
    assert Mail.objects.filter(kind=EMERGENCY).count() == 1


def test_R21_another_persons_proposal_ends_with_them_and_is_never_decided_alone(two: Two) -> None:
    two.ana, two.bruno = two.bruno, two.ana
    proposal = two.propose()
    two.ana, two.bruno = two.bruno, two.ana
    two.unmake_bruno()
    with pytest.raises(Refused, match="no longer a super admin"):
        two.decide_alone(proposal)
    assert AuditEvent.objects.filter(name="END_PROPOSAL").count() == 1


def test_R21_the_rule_itself_stays_and_only_the_emergency_ends_it(two: Two) -> None:
    two.unmake_bruno()
    two.demand()
    assert two.world.customer.two_people.access
    with pytest.raises(Refused, match="yourself"):
        two.approve(waiting_proposals_of(two.world.customer).get(), two.ana)
    two.decide_alone(waiting_proposals_of(two.world.customer).get())
    two.world.customer.two_people.refresh_from_db()
    assert not two.world.customer.two_people.access


def test_R21_a_puppet_waits_too_where_super_admins_need_two(db: None) -> None:
    two = make_two(demands=[Demand.ACCESS, Demand.SUPER_ADMINS])
    puppet = make_person(two.world.customer)
    two.unmake_bruno()
    assert assign_role(actor=two.ana, person=puppet, role=Role.SUPER_ADMIN) is not None
    assert Role.SUPER_ADMIN not in fresh(puppet).roles


def test_R21_nobody_else_decides_alone(two: Two) -> None:
    two.unmake_bruno()
    proposal = two.propose()
    two.ana = two.bruno
    with pytest.raises(PermissionDenied):
        two.decide_alone(proposal)
