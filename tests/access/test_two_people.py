"""R21: what opens everything, or has no end, waits for a second super admin, where the customer demands that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actor import Actor
from accounts.directory.passwords import reset_password
from accounts.directory.people import assign_role, unassign_role
from accounts.directory.renaming import rename_user
from accounts.errors import Refused
from accounts.models import AuditEvent, Proposal
from accounts.models.two_people import Demand, ProposalKind, ProposalStatus
from accounts.roles import Role
from accounts.two_people.answering import reject
from accounts.two_people.kinds import kinds
from accounts.two_people.proposing import withdraw
from accounts.two_people.reading import proposals_of, waiting_proposals_of
from subscriptions import lifecycle
from subscriptions.access.answering import approve
from subscriptions.access.answering import reject as reject_request
from subscriptions.access.desired import retry_failed, turn_off_for_all_resellers
from subscriptions.access.extent import Extent, desired_of
from subscriptions.access.policy import change_access_policy
from subscriptions.access.relation import begin_contract, console_would_open, contract_would_open
from subscriptions.models import AccessChange, AccessRequest
from subscriptions.models.change import FailureReason, Outcome
from subscriptions.models.level import Level
from subscriptions.models.request import RequestStatus
from tests.access.boxes import console, everything, own, save
from tests.access.requests_world import chosen, request_access
from tests.access.two_people_world import Two, box, let_proposals_age, make_two, status_of
from tests.access.world import grant, may_enter, propagate, sell, visible
from tests.factories import make_person, make_reseller, put_customer

DAY, MONTH = timedelta(days=1), timedelta(days=30)
SHORT = Extent(Level.DIRECTORY, lasts=DAY)


@pytest.fixture
def two(db: None) -> Two:
    return make_two()


# --- What waits -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "extent", [None, Extent(), Extent(Level.FULL, lasts=DAY), Extent(Level.CASES)], ids=["box", "all", "full", "no end"]
)
def test_R21_full_access_and_access_without_an_end_wait_and_are_given_by_the_second(
    two: Two, extent: Extent | None
) -> None:
    before = AccessChange.objects.count()
    proposal = two.propose(extent)
    propagate()
    assert AccessChange.objects.count() == before
    assert not may_enter(two.world.agent, two.world.customer)
    two.approve(proposal)
    assert status_of(proposal) == ProposalStatus.APPROVED
    propagate()
    assert may_enter(two.world.agent, two.world.customer)
    said = AuditEvent.objects.get(name="APPROVE_PROPOSAL")
    assert (said.actor_id, said.new_value["proposed_by"]) == (two.bruno.user.pk, two.ana.user.email)


def test_R21_a_narrower_level_with_an_end_is_given_by_one(two: Two) -> None:
    saved = save(two.world, box(two.world, SHORT), actor=two.ana)
    assert saved.proposal is None
    propagate()
    assert two.world.console().effective_level == Level.DIRECTORY


def test_R21_nothing_waits_where_the_customer_demands_nothing(db: None) -> None:
    two = make_two(demands=[Demand.SUPER_ADMINS, Demand.TRANSFER_TOKENS])
    assert save(two.world, console(two.world, True), actor=two.ana).proposal is None


def test_R21_what_a_form_takes_is_taken_at_once_and_what_it_gives_waits(two: Two) -> None:
    save(two.world, box(two.world, Extent(Level.DIRECTORY, lasts=MONTH)), actor=two.ana)
    propagate()
    end = two.world.console().ends_at
    # Everything, but for an hour less: the nearer end is taken, the wider level waits.
    assert end is not None
    nearer = end - timedelta(hours=1)
    saved = save(two.world, box(two.world, Extent(Level.FULL, nearer)), actor=two.ana)
    assert saved.proposal is not None
    assert (two.world.console().level, two.world.console().ends_at) == (Level.DIRECTORY, nearer)
    two.approve(saved.proposal)
    assert (two.world.console().level, two.world.console().ends_at) == (Level.FULL, nearer)


def test_R21_taking_away_never_needs_a_second(two: Two) -> None:
    two.approve(two.propose())
    propagate()
    for verb in (
        lambda: save(two.world, box(two.world, SHORT), actor=two.ana),
        lambda: save(two.world, console(two.world, False), actor=two.ana),
        lambda: turn_off_for_all_resellers(actor=two.ana, customer=two.world.customer),
    ):
        verb()
    assert not waiting_proposals_of(two.world.customer).exists()
    propagate()
    assert not may_enter(two.world.agent, two.world.customer)


def test_R21_a_subscription_reaches_as_far_as_its_console(two: Two) -> None:
    save(two.world, box(two.world, SHORT), actor=two.ana)
    assert save(two.world, own(two.world, True), actor=two.ana).proposal is None
    save(two.world, own(two.world, False), actor=two.ana)
    two.approve(two.propose(Extent()))
    saved = save(two.world, own(two.world, True), actor=two.ana)
    assert saved.proposal is not None
    propagate()
    assert two.world.own.pk not in visible(two.world.agent, two.world.customer)
    two.approve(saved.proposal)
    propagate()
    assert two.world.own.pk in visible(two.world.agent, two.world.customer)


def test_R21_saving_the_same_again_is_one_proposal(two: Two) -> None:
    assert two.propose().pk == two.propose().pk


def test_R21_a_duration_counts_from_the_approval(two: Two) -> None:
    proposal = two.propose(Extent(Level.FULL, lasts=DAY))
    two.approve(proposal)
    change = AccessChange.objects.latest("pk")
    assert change.ends_at == change.due_at + DAY


# --- The answer -----------------------------------------------------------------------------------------------


def test_R21_nobody_approves_their_own(two: Two) -> None:
    proposal, before = two.propose(), everything()
    with pytest.raises(Refused, match="yourself"):
        two.approve(proposal, Actor(two.ana.user, "198.51.100.9"))
    with pytest.raises(Refused, match="another super admin"):
        two.decide_alone(proposal)
    assert everything() == before


def test_R21_only_its_super_admins_answer(two: Two) -> None:
    proposal = two.propose()
    auditor = Actor(make_person(two.world.customer, Role.AUDITOR))
    stranger = Actor(make_person(put_customer(), Role.SUPER_ADMIN))
    for actor in (auditor, stranger, Actor(two.world.agent)):
        with pytest.raises(PermissionDenied):
            two.approve(proposal, actor)
    other = stranger.user.customer
    assert other is not None
    assert not proposals_of(other).exists()
    with pytest.raises(Refused, match="does not exist"):
        reject(actor=stranger, customer=other, proposal_id=proposal.pk, reason="No")


def test_R6_what_was_changed_meanwhile_overtakes_a_proposal(two: Two) -> None:
    proposal = two.propose()
    save(two.world, box(two.world, SHORT), actor=two.bruno)
    answered = two.approve(proposal)
    assert answered.proposal.status == ProposalStatus.OVERTAKEN
    assert two.bruno.user.email in answered.proposal.answer
    assert two.world.console().level == Level.DIRECTORY
    with pytest.raises(Refused, match="overtaken"):
        two.approve(proposal)


def test_R21_rejected_with_a_reason(two: Two) -> None:
    proposal = two.propose()
    customer = two.world.customer
    with pytest.raises(Refused, match="reason"):
        reject(actor=two.bruno, customer=customer, proposal_id=proposal.pk, reason=" ")
    reject(actor=two.bruno, customer=customer, proposal_id=proposal.pk, reason="Not now")
    assert (status_of(proposal), proposal.answer) == (ProposalStatus.REJECTED, "Not now")
    with pytest.raises(Refused, match="rejected already"):
        two.approve(proposal)


def test_R21_approving_what_was_withdrawn_is_answered(two: Two) -> None:
    proposal = two.propose()
    with pytest.raises(Refused, match="Only the person"):
        withdraw(actor=two.bruno, customer=two.world.customer, proposal_id=proposal.pk)
    withdraw(actor=two.ana, customer=two.world.customer, proposal_id=proposal.pk)
    with pytest.raises(Refused, match="withdrawn"):
        two.approve(proposal)


def test_R21_a_proposal_waits_72_hours(two: Two) -> None:
    proposal = two.propose()
    let_proposals_age(timedelta(hours=71, minutes=59))
    assert waiting_proposals_of(two.world.customer).get() == proposal
    let_proposals_age(timedelta(minutes=1))
    assert not waiting_proposals_of(two.world.customer).exists()
    assert proposals_of(two.world.customer).get().status_now == ProposalStatus.EXPIRED
    with pytest.raises(Refused, match="72 hours"):
        two.approve(proposal)


def test_R21_a_proposal_ends_with_the_role_of_its_author_also_where_they_get_it_back(two: Two) -> None:
    proposal = two.propose()
    unassign_role(actor=two.bruno, person=two.ana.user, role=Role.SUPER_ADMIN)
    assert status_of(proposal) == ProposalStatus.LAPSED
    assign_role(actor=two.bruno, person=two.ana.user, role=Role.SUPER_ADMIN)
    with pytest.raises(Refused, match="no longer a super admin"):
        two.approve(proposal)


@pytest.mark.parametrize("takes_over", ["password", "address"])
def test_R21_an_account_that_the_author_could_have_taken_over_does_not_approve(two: Two, takes_over: str) -> None:
    if takes_over == "password":
        reset_password(actor=two.ana, person=two.bruno.user)
    else:
        domain = two.world.customer.primary_domain
        two.bruno.user.refresh_from_db()
        rename_user(actor=two.ana, person=two.bruno.user, email=f"new@{domain}")
    proposal = two.propose()
    with pytest.raises(Refused, match="your password"):
        two.approve(proposal)
    two.approve(proposal, Actor(make_person(two.world.customer, Role.SUPER_ADMIN)))


# --- Ways around ----------------------------------------------------------------------------------------------


def test_R17_R21_approving_a_request_waits_too(two: Two) -> None:
    asked = request_access(two.world, extent=Extent(Level.FULL, lasts=DAY))
    proposal = approve(actor=two.ana, customer=two.world.customer, request_id=asked.pk, answer=chosen(asked, lasts=DAY))
    assert isinstance(proposal, Proposal)
    assert AccessRequest.objects.get().status == RequestStatus.PENDING
    propagate()
    assert not may_enter(two.world.agent, two.world.customer)
    two.approve(proposal)
    answered = AccessRequest.objects.get()
    assert (answered.status, answered.answered_by) == (RequestStatus.APPROVED, two.bruno.user)
    propagate()
    assert may_enter(two.world.agent, two.world.customer)


def test_R17_R21_a_request_answered_meanwhile_is_not_approved_again(two: Two) -> None:
    asked = request_access(two.world, extent=Extent(Level.FULL, lasts=DAY))
    proposal = approve(actor=two.ana, customer=two.world.customer, request_id=asked.pk, answer=chosen(asked, lasts=DAY))
    assert isinstance(proposal, Proposal)
    reject_request(actor=two.bruno, customer=two.world.customer, request_id=asked.pk, reason="No")
    with pytest.raises(Refused, match="rejected already"):
        two.approve(proposal)


def test_R9_R21_retrying_gives_what_two_decided_and_no_more(two: Two) -> None:
    two.approve(two.propose(Extent(Level.FULL, lasts=MONTH)))
    failed = AccessChange.objects.latest("pk")
    propagate()
    AccessChange.objects.filter(pk=failed.pk).update(outcome=Outcome.FAILED, failure_reason=FailureReason.GAVE_UP)
    reseller, decided = two.world.reseller.pk, desired_of(two.world.console())
    [retried] = retry_failed(actor=two.ana, customer=two.world.customer, reseller_id=reseller, subscription_id=None)
    assert desired_of(retried.grant) == decided


def test_R1_R21_a_new_reseller_begins_closed_unless_less_is_given(two: Two) -> None:
    first, second = make_reseller(), make_reseller()
    customer = two.world.customer
    assert console_would_open(customer, first) is False
    sell(customer, first)
    assert not grant(customer, first).allowed
    change_access_policy(actor=two.ana, customer=customer, longest=None, level=Level.VIEW, lasts=MONTH)
    assert console_would_open(customer, second) is True
    sell(customer, second)
    assert grant(customer, second).allowed


def test_R1_R21_a_relation_that_begins_again_opens_nothing_that_needs_two(two: Two) -> None:
    world = two.world
    two.approve(two.propose())
    propagate()
    lifecycle.cancel_subscription(actor=None, subscription=world.sold)
    assert console_would_open(world.customer, world.reseller) is False
    sell(world.customer, world.reseller)
    assert not world.console().allowed


def test_S12_R21_the_box_of_a_contract_waits(two: Two) -> None:
    partner, customer = make_reseller(), two.world.customer
    assert contract_would_open(customer, partner) is False
    begin_contract(actor=two.ana, customer=customer, reseller=partner, opens=True)
    assert not grant(customer, partner).allowed
    two.approve(waiting_proposals_of(customer).get())
    assert grant(customer, partner).allowed


def test_S12_R21_a_contract_opens_nothing_by_itself(two: Two) -> None:
    partner = make_reseller()
    begin_contract(actor=None, customer=two.world.customer, reseller=partner, opens=True)
    assert not grant(two.world.customer, partner).allowed


def test_R21_every_kind_is_shown_and_carried_out() -> None:
    assert set(kinds()) == set(ProposalKind)
