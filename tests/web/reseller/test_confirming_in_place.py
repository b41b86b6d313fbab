"""A request for support is confirmed or declined where it is listed, by its verifier alone (S4, S8)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.directory.people import unassign_role
from accounts.errors import Refused
from accounts.models import Mail
from accounts.roles import Role
from support import partners
from support.models import SupportAssignment
from tests.cast import Cast
from tests.client import main_text_of as text
from tests.client import signed_in
from tests.support.world import acting, ask, event_names, pass_days, status, token_sent

SUPPORT = reverse("reseller_support")


def decide_url(assignment: SupportAssignment) -> str:
    return reverse("reseller_support_decide", kwargs={"assignment_id": assignment.pk})


@pytest.mark.parametrize(("decision", "becomes"), [("confirm", "active"), ("decline", "declined")])
def test_S4_the_verifier_decides_on_their_page_and_the_link_is_used_up(cast: Cast, decision: str, becomes: str) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    link = reverse("support_verify", kwargs={"token": token_sent()})
    sam = signed_in(cast.resale_one.support_agent)
    assert "Asked by Bob" in text(sam.get(SUPPORT))
    done = sam.post(decide_url(assignment), {"decision": decision}, follow=True)
    assert status(assignment) == becomes
    assert ("You handle support for" if becomes == "active" else "Declined.") in text(done)
    assert event_names(cast.acme.customer, "SUPPORT_PARTNER_")[-1] in {
        "SUPPORT_PARTNER_VERIFIED",
        "SUPPORT_PARTNER_DECLINED",
    }
    assert Mail.objects.filter(kind="assignment_decided", recipient=cast.acme.support_manager).count() == 1
    assert sam.get(link).status_code == 410
    assert "no longer open" in text(sam.post(decide_url(assignment), {"decision": "confirm"}, follow=True))
    assert status(assignment) == becomes


def test_S4_only_the_verifier_named_is_offered_it_and_for_others_it_does_not_exist(cast: Cast) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    for person, answer in {
        cast.resale_one.admin: 404,
        cast.resale_one.agent: 403,
        cast.resale_two.support_agent: 404,
        cast.acme.support_manager: 404,
        cast.vendor_support: 404,
    }.items():
        assert signed_in(person).post(decide_url(assignment), {"decision": "confirm"}).status_code == answer
    assert decide_url(assignment) not in signed_in(cast.resale_one.admin).get(SUPPORT).content.decode()
    assert decide_url(assignment) in signed_in(cast.resale_one.support_agent).get(SUPPORT).content.decode()
    assert status(assignment) == "pending"


def test_S4_the_verb_itself_takes_the_answer_of_the_verifier_alone(cast: Cast) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    for person in (cast.resale_one.admin, cast.resale_two.support_agent, cast.acme.super_admin, cast.vendor_support):
        with pytest.raises(Refused, match="not yours to confirm"):
            partners.decide(actor=acting(person), assignment_id=assignment.pk, confirm=True)
    assert status(assignment) == "pending"


def test_S4_a_look_or_a_forged_form_decides_nothing(cast: Cast) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    sam = signed_in(cast.resale_one.support_agent)
    assert sam.get(decide_url(assignment)).status_code == 405
    assert sam.post(decide_url(assignment)).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.resale_one.support_agent, backend="accounts.backends.SignInBackend")
    assert strict.post(decide_url(assignment), {"decision": "confirm"}).status_code == 403
    assert status(assignment) == "pending"


def test_S8_P8_what_is_over_or_no_longer_theirs_is_said_and_nothing_happens(cast: Cast) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    sam = signed_in(cast.resale_one.support_agent)
    pass_days(15)
    assert decide_url(assignment) not in sam.get(SUPPORT).content.decode()
    assert "no longer open" in text(sam.post(decide_url(assignment), {"decision": "confirm"}, follow=True))
    unassign_role(actor=None, person=cast.resale_one.support_agent, role=Role.SUPPORT_AGENT)
    assert sam.post(decide_url(assignment), {"decision": "confirm"}).status_code == 403
    assert status(assignment) == "pending"
