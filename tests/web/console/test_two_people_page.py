"""R21 in the console: the page *Two people*, a proposal, and the pages whose save waits."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Proposal
from accounts.models.two_people import Demand, ProposalStatus
from accounts.roles import Role
from accounts.two_people.demands import demands_of
from subscriptions.access.extent import Extent
from subscriptions.models import TransferToken
from subscriptions.models.level import Level
from tests.access.boxes import save
from tests.access.two_people_world import REASON, Two, box, make_two, status_of
from tests.client import main_text_of, signed_in, text_of, url_of
from tests.factories import make_person, make_reseller


@pytest.fixture
def two(db: None) -> Two:
    return make_two(demands=Demand)


def page(proposal: Proposal) -> str:
    return url_of("proposal", proposal.customer, proposal_id=proposal.pk)


def waiting_of(two: Two) -> Proposal:
    return Proposal.objects.get(customer=two.world.customer, status=ProposalStatus.WAITING)


def ticked(client: Client, two: Two) -> dict[str, str]:
    """What the page of *Reseller access* sends where its one console is ticked."""
    html = client.get(url_of("reseller_access", two.world.customer)).content.decode()
    [seen] = re.findall(r'name="seen" value="([^"]*)"', html)
    return {"seen": seen, "allow": str(two.world.reseller.pk)}


def test_R21_the_save_says_before_and_after_that_it_waits_and_the_second_approves(two: Two) -> None:
    ana, bruno = signed_in(two.ana.user), signed_in(two.bruno.user)
    form = ticked(ana, two)
    preview = main_text_of(ana.post(url_of("reseller_access", two.world.customer), form))
    assert "What waits for another super admin" in preview
    assert "Takes effect by" not in preview
    saved = ana.post(url_of("reseller_access", two.world.customer), {**form, "confirmed": "1"}, follow=True)
    assert "It waits for another super admin until" in text_of(saved)
    proposal = waiting_of(two)
    assert "You proposed this" in main_text_of(ana.get(page(proposal)))

    assert two.world.reseller.name in main_text_of(bruno.get(url_of("reseller_access", two.world.customer)))
    says = main_text_of(bruno.get(page(proposal)))
    reseller = two.world.reseller.name
    assert f"{reseller} will be able to open your admin console" in says
    assert f"{reseller} can do everything that access opens. The access of {reseller} has no end." in says
    done = bruno.post(page(proposal), {"verb": "approve"}, follow=True)
    assert "Approved, and done." in text_of(done)
    assert status_of(proposal) == ProposalStatus.APPROVED
    assert two.world.console().allowed


def test_R21_the_author_gets_no_button_to_approve_and_is_refused(two: Two) -> None:
    proposal, ana = two.propose(), signed_in(two.ana.user)
    assert 'value="approve"' not in ana.get(page(proposal)).content.decode()
    assert "You proposed this yourself" in text_of(ana.post(page(proposal), {"verb": "approve"}, follow=True))
    assert status_of(proposal) == ProposalStatus.WAITING


def test_R21_rejected_with_what_was_typed_kept_where_it_is_refused(two: Two) -> None:
    proposal, bruno = two.propose(), signed_in(two.bruno.user)
    empty = bruno.post(page(proposal), {"verb": "reject", "reason": ""})
    assert empty.status_code == 422
    long = bruno.post(page(proposal), {"verb": "reject", "reason": "no " * 900})
    assert long.status_code == 422
    assert "no no" in long.content.decode()
    bruno.post(page(proposal), {"verb": "reject", "reason": "Not now"})
    assert "Not now" in main_text_of(signed_in(two.ana.user).get(page(proposal)))


def test_R21_approving_what_was_withdrawn_says_so(two: Two) -> None:
    proposal, bruno = two.propose(), signed_in(two.bruno.user)
    signed_in(two.ana.user).post(page(proposal), {"verb": "withdraw"})
    assert "was withdrawn by its author" in text_of(bruno.post(page(proposal), {"verb": "approve"}, follow=True))


def test_R6_the_page_says_who_changed_it_meanwhile(two: Two) -> None:
    proposal, bruno = two.propose(), signed_in(two.bruno.user)
    save(two.world, box(two.world, Extent(Level.VIEW, lasts=timedelta(days=1))), actor=two.bruno)
    assert two.bruno.user.email in main_text_of(bruno.get(page(proposal)))
    assert "was changed after this was proposed" in text_of(
        bruno.post(page(proposal), {"verb": "approve"}, follow=True)
    )
    assert status_of(proposal) == ProposalStatus.OVERTAKEN


def test_R21_an_auditor_looks_and_a_stranger_finds_nothing(two: Two) -> None:
    proposal = two.propose()
    auditor = signed_in(make_person(two.world.customer, Role.AUDITOR))
    says = main_text_of(auditor.get(page(proposal)))
    assert "You can only look" in says
    assert auditor.post(page(proposal), {"verb": "approve"}).status_code == 403
    other = make_two()
    stranger = signed_in(other.ana.user)
    assert stranger.get(url_of("proposal", other.world.customer, proposal_id=proposal.pk)).status_code == 404
    assert "No proposals yet" in main_text_of(stranger.get(url_of("two_people", other.world.customer)))


def test_R21_the_emergency_is_offered_to_the_only_super_admin_left(two: Two) -> None:
    proposal, ana = two.propose(), signed_in(two.ana.user)
    assert "Decide alone" not in main_text_of(ana.get(page(proposal)))
    two.unmake_bruno()
    assert "Your organisation has one super admin left" in main_text_of(
        ana.get(url_of("two_people", proposal.customer))
    )
    assert "Decide alone in an emergency" in main_text_of(ana.get(page(proposal)))
    assert ana.post(page(proposal), {"verb": "emergency", "reason": ""}).status_code == 422
    done = ana.post(page(proposal), {"verb": "emergency", "reason": REASON}, follow=True)
    assert "Everybody who was a super admin" in text_of(done)
    assert status_of(proposal) == ProposalStatus.EMERGENCY


def test_R21_the_rule_is_made_stricter_at_once_and_looser_with_a_second(db: None) -> None:
    two = make_two(demands=[])
    ana, url = signed_in(two.ana.user), url_of("two_people_rules", two.world.customer)
    ana.post(url, {"demands": ["access", "transfer_tokens"]})
    assert demands_of(two.world.customer) == {Demand.ACCESS, Demand.TRANSFER_TOKENS}
    loosened = ana.post(url, {"demands": ["access"]}, follow=True)
    assert "It waits for another super admin" in text_of(loosened)
    assert "One super admin alone will decide about: Transfer tokens" in main_text_of(loosened)
    assert demands_of(two.world.customer) == {Demand.ACCESS, Demand.TRANSFER_TOKENS}
    assert "Nothing was different" in text_of(ana.post(url, {"demands": ["access", "transfer_tokens"]}, follow=True))
    assert ana.post(url, {"demands": ["everything"]}).status_code == 422


def test_R21_one_super_admin_cannot_demand_two_and_is_told_beside_the_boxes(db: None) -> None:
    two = make_two(demands=[])
    two.unmake_bruno()
    answer = signed_in(two.ana.user).post(url_of("two_people_rules", two.world.customer), {"demands": ["access"]})
    assert answer.status_code == 422
    assert "Your organisation has one super admin. Make a second one first." in main_text_of(answer)
    assert "checked" in answer.content.decode()


@pytest.mark.parametrize("name", ["admin_role_assign", "user_roles"])
def test_R21_a_new_super_admin_waits_on_both_pages(two: Two, name: str) -> None:
    person, customer = make_person(two.world.customer), two.world.customer
    if name == "user_roles":
        url, form = url_of(name, customer, user_id=person.pk), {"roles": "super_admin"}
    else:
        url, form = url_of(name, customer, role="super_admin"), {"email": person.email}
    answer = signed_in(two.ana.user).post(url, form, follow=True)
    assert "It waits for another super admin" in text_of(answer)
    proposal, bruno = waiting_of(two), signed_in(two.bruno.user)
    assert "will be a super admin" in main_text_of(bruno.get(page(proposal)))
    bruno.post(page(proposal), {"verb": "approve"})
    assert person.role_assignments.filter(role=Role.SUPER_ADMIN).exists()


def test_R21_a_token_waits_and_is_shown_once_to_the_second(two: Two) -> None:
    reseller = make_reseller()
    form = {"reseller": reseller.public_id, "step": "generate"}
    answer = signed_in(two.ana.user).post(url_of("transfer", two.world.customer), form, follow=True)
    assert "It waits for another super admin" in text_of(answer)
    assert not TransferToken.objects.exists()
    proposal, bruno = waiting_of(two), signed_in(two.bruno.user)
    assert "can take over subscriptions of your organisation" in main_text_of(bruno.get(page(proposal)))
    shown = bruno.post(page(proposal), {"verb": "approve"}, follow=True)
    assert f"Token for {reseller.name}" in main_text_of(shown)
    assert TransferToken.objects.get().made_by == two.bruno.user
    assert "Token for" not in main_text_of(bruno.get(url_of("transfer_token", two.world.customer)))
