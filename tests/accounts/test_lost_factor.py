"""P12: a person lost all their second factors. Two super admins together, or an operator, and 24 hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.test import Client

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.mail.sending import send_due_mails
from accounts.models import AuditEvent, Customer, FactorReset, User
from accounts.models.two_people import ProposalStatus
from accounts.organisations import VENDOR
from accounts.proof import ProofNeeded
from accounts.roles import Role
from accounts.sign_in.enrolling import make_recovery_codes
from accounts.sign_in.factor_adapter import FactorAdapter
from accounts.sign_in.lost_factor import begin_reset, cancel_reset, carry_out_due, propose_reset, reset_of
from accounts.two_people.answering import approve, decide_alone
from accounts.two_people.reading import proposals_of
from tests.accounts.reading_notices import tell, told, untell
from tests.accounts.signing_in import no_counted_attempts, sign_in
from tests.client import signed_in, text_of
from tests.commands import run
from tests.factories import PASSWORD, fresh, make_customer, make_person, make_reseller
from tests.second_factors import code_of, give_app, half_signed_in

__all__ = ["no_counted_attempts"]

pytestmark = pytest.mark.django_db

REASON = "Telephone stolen; she called from her office line."
FACTORS = "/accounts/second-factor/"


class Acme:
    """A customer with three super admins, and Alice, who lost what she had."""

    def __init__(self) -> None:
        self.customer = make_customer("Acme", "acme.example")
        self.ana, self.ben, self.cleo = (
            make_person(self.customer, Role.SUPER_ADMIN, name=name, password=PASSWORD)
            for name in ("Ana", "Ben", "Cleo")
        )
        self.alice = make_person(self.customer, Role.AUDITOR, name="Alice", password=PASSWORD)
        self.secret = give_app(self.alice)
        make_recovery_codes(actor=Actor(self.alice))
        User.objects.update(created_at=database_now() - timedelta(days=1))
        untell()


@pytest.fixture
def acme(db: None) -> Acme:
    return Acme()


def two_decide(acme: Acme) -> FactorReset:
    made = propose_reset(actor=Actor(acme.ana), person=acme.alice, reason=REASON)
    approve(actor=Actor(acme.ben), customer=acme.customer, proposal_id=made.pk)
    reset = reset_of(acme.alice)
    assert reset is not None
    return reset


def a_day_passes() -> int:
    FactorReset.objects.update(due_at=F("due_at") - timedelta(hours=24))
    return carry_out_due(actor=None)


def has_factors(person: User) -> bool:
    return bool(Authenticator.objects.filter(user=person).exists())


def test_P12_two_super_admins_together_and_24_hours(acme: Acme) -> None:
    made = propose_reset(actor=Actor(acme.ana), person=acme.alice, reason=REASON)
    assert reset_of(acme.alice) is None, "one of them begins nothing"
    with pytest.raises(Refused, match="yourself"):
        approve(actor=Actor(acme.ana), customer=acme.customer, proposal_id=made.pk)
    approve(actor=Actor(acme.ben), customer=acme.customer, proposal_id=made.pk)
    reset = reset_of(acme.alice)
    assert reset is not None
    assert abs(reset.due_at - database_now() - timedelta(hours=24)) < timedelta(minutes=1)
    FactorReset.objects.update(due_at=F("due_at") - timedelta(hours=23, minutes=59))
    assert carry_out_due(actor=None) == 0
    assert has_factors(acme.alice)
    assert a_day_passes() == 1
    assert not has_factors(acme.alice)
    assert carry_out_due(actor=None) == 0
    events = AuditEvent.objects.filter(name__in=["BEGIN_2SV_RESET", "TURN_OFF_2_STEP_VERIFICATION"]).order_by(
        "at", "id"
    )
    assert [(event.name, event.actor_email) for event in events] == [
        ("BEGIN_2SV_RESET", acme.ben.email),
        ("TURN_OFF_2_STEP_VERIFICATION", ""),
    ]
    assert {event.target_id for event in events} == {acme.alice.pk}
    assert events[1].old_value == {"second_factor": ["totp"]}


def test_P12_after_it_the_person_must_add_another_one_before_anything_else(acme: Acme) -> None:
    """An auditor of whom none is required, and where the installation requires none of anybody."""
    inside = signed_in(acme.alice)
    assert inside.get(FACTORS).status_code == 200
    two_decide(acme)
    a_day_passes()
    assert inside.get(FACTORS).headers["Location"].startswith("/accounts/login/"), "sessions ended"
    client = Client()
    sign_in(client, acme.alice.email)
    for path in ("/", "/console/acme.example/", "/notifications/", "/accounts/password/change/"):
        assert client.get(path).headers["Location"] == FACTORS
    client.get(f"{FACTORS}app/")
    secret = FactorAdapter().decrypt(client.session["second_factor_secret"])
    client.post(f"{FACTORS}app/", {"code": code_of(secret)})
    assert client.get("/console/acme.example/").status_code == 200
    assert not fresh(acme.alice).must_enrol_factor


def test_P12_a_new_password_does_not_step_around_the_24_hours(acme: Acme) -> None:
    two_decide(acme)
    half = half_signed_in(acme.alice)
    assert half.get("/console/acme.example/").headers["Location"].startswith("/accounts/login/")
    acme.alice.refresh_from_db()
    acme.alice.set_password("another-lantern-orchard")
    acme.alice.save(update_fields=["password"])
    half_signed_in(acme.alice, "another-lantern-orchard")


@pytest.mark.parametrize("who", ["alice", "ana", "cleo"])
def test_P12_the_person_and_each_super_admin_can_cancel_it(who: str, acme: Acme) -> None:
    two_decide(acme)
    person: User = getattr(acme, who)
    assert cancel_reset(actor=replace(Actor(person), is_stale=True), person=acme.alice), "taking asks for no proof"
    assert not cancel_reset(actor=Actor(person), person=acme.alice)
    assert a_day_passes() == 0
    assert has_factors(acme.alice)
    assert AuditEvent.objects.get(name="CANCEL_2SV_RESET").actor_email == person.email


def strangers(acme: Acme) -> list[User]:
    other = make_customer("Globex", "globex.example")
    return [
        make_person(acme.customer, Role.USER_MANAGEMENT_ADMIN),
        make_person(other, Role.SUPER_ADMIN),
        make_person(make_reseller(), Role.RESELLER_ADMIN),
        make_person(VENDOR, Role.VENDOR_SUPPORT),
    ]


def test_P12_nobody_else_proposes_begins_or_cancels(acme: Acme) -> None:
    two_decide(acme)
    bob = make_person(acme.customer, name="Bob")
    give_app(bob)
    for stranger in strangers(acme):
        for verb in (
            lambda actor: cancel_reset(actor=actor, person=acme.alice),
            lambda actor: propose_reset(actor=actor, person=bob, reason=REASON),
            lambda actor: begin_reset(actor=actor, person=bob, reason=REASON),
        ):
            with pytest.raises(PermissionDenied):
                verb(Actor(stranger))
    with pytest.raises(PermissionDenied):
        begin_reset(actor=Actor(acme.ana), person=bob, reason=REASON)
    assert FactorReset.objects.count() == 1


def test_P12_nobody_decides_about_their_own(acme: Acme) -> None:
    give_app(acme.cleo)
    operator = make_person(VENDOR, Role.VENDOR_OPERATOR)
    give_app(operator)
    with pytest.raises(Refused, match="own second factor"):
        propose_reset(actor=Actor(acme.cleo), person=acme.cleo, reason=REASON)
    with pytest.raises(Refused, match="own second factor"):
        begin_reset(actor=Actor(operator), person=operator, reason=REASON)
    made = propose_reset(actor=Actor(acme.ana), person=acme.cleo, reason=REASON)
    with pytest.raises(Refused, match="own second factor"):
        approve(actor=Actor(acme.cleo), customer=acme.customer, proposal_id=made.pk)


def test_P12_it_needs_two_besides_the_person_and_no_emergency_opens_it(acme: Acme) -> None:
    give_app(acme.cleo)
    made = propose_reset(actor=Actor(acme.ana), person=acme.alice, reason=REASON)
    User.objects.filter(pk__in=[acme.ben.pk]).update(is_active=False)
    with pytest.raises(Refused, match="No other super admin"):
        propose_reset(actor=Actor(acme.ana), person=acme.cleo, reason=REASON)
    User.objects.filter(pk__in=[acme.cleo.pk]).update(is_active=False)
    with pytest.raises(Refused, match="always needs two"):
        decide_alone(actor=Actor(acme.ana), customer=acme.customer, proposal_id=made.pk, reason="Alone.")
    page = text_of(signed_in(acme.ana).get(f"/console/acme.example/account/two-people/{made.pk}/"))
    assert "Decide alone" not in page
    assert FactorReset.objects.count() == 0


def test_P13_giving_it_asks_for_a_fresh_proof(acme: Acme) -> None:
    stale = replace(Actor(acme.ana), is_stale=True)
    with pytest.raises(ProofNeeded):
        propose_reset(actor=stale, person=acme.alice, reason=REASON)
    operator = replace(Actor(make_person(VENDOR, Role.VENDOR_OPERATOR)), is_stale=True)
    with pytest.raises(ProofNeeded):
        begin_reset(actor=operator, person=acme.alice, reason=REASON)


@pytest.mark.parametrize("reason", ["", " \u3164 "])
def test_P12_it_has_a_reason_and_is_asked_for_once(reason: str, acme: Acme) -> None:
    with pytest.raises(Refused):
        propose_reset(actor=Actor(acme.ana), person=acme.alice, reason=reason)
    propose_reset(actor=Actor(acme.ana), person=acme.alice, reason=REASON)
    with pytest.raises(Refused, match="proposed already"):
        propose_reset(actor=Actor(acme.ben), person=acme.alice, reason=REASON)
    begin_reset(actor=None, person=acme.alice, reason=REASON)
    with pytest.raises(Refused, match="waits already"):
        begin_reset(actor=None, person=acme.alice, reason=REASON)
    with pytest.raises(Refused, match="has no second factor"):
        begin_reset(actor=None, person=acme.ben, reason=REASON)


def test_P12_the_operator_begins_it_by_page_and_by_command(acme: Acme) -> None:
    operator, agent = make_person(VENDOR, Role.VENDOR_OPERATOR), make_person(make_reseller(), Role.RESELLER_AGENT)
    give_app(agent)
    client = signed_in(operator)
    answer = client.post("/operations/lost-factors/", {"email": agent.email.upper(), "reason": REASON})
    assert answer.status_code == 302
    assert agent.name in text_of(client.get("/operations/lost-factors/"))
    assert "takes effect at" in run("reset_second_factor", acme.alice.email, "--reason", REASON)
    assert a_day_passes() == 2
    assert not has_factors(agent) and not has_factors(acme.alice)
    unknown = client.post("/operations/lost-factors/", {"email": "nobody@acme.example", "reason": REASON})
    assert unknown.status_code == 422


def test_P12_what_two_super_admins_decide_is_neither_shown_to_the_vendor_nor_cancelled_by_its_page(acme: Acme) -> None:
    reset = two_decide(acme)
    operator = make_person(VENDOR, Role.VENDOR_OPERATOR)
    give_app(acme.cleo)
    begin_reset(actor=Actor(operator), person=acme.cleo, reason="They called.")
    client = signed_in(operator)
    page = text_of(client.get("/operations/lost-factors/"))
    assert "They called." in page
    for secret in (acme.alice.email, acme.alice.name, REASON, acme.ben.email):
        assert secret not in page
    client.post(f"/operations/lost-factors/{reset.pk}/cancel/")
    assert reset_of(acme.alice) == reset


def test_P12_the_admins_of_a_reseller_hear_of_it_and_can_cancel_it(acme: Acme) -> None:
    reseller = make_reseller()
    admin, agent = make_person(reseller, Role.RESELLER_ADMIN), make_person(reseller, Role.RESELLER_AGENT)
    give_app(agent)
    User.objects.update(created_at=database_now() - timedelta(days=1))
    untell()
    begin_reset(actor=None, person=agent, reason=REASON)
    tell()
    assert told(admin) == [f"The second factor of {agent.email} will be reset in 24 hours"]
    assert told(acme.ana) == []
    page = signed_in(admin).get(f"/reseller/staff/agents/{agent.pk}/")
    assert "Cancel the reset" in text_of(page)
    signed_in(admin).post(f"/reseller/staff/agents/{agent.pk}/second-factor/cancel/")
    assert reset_of(agent) is None


def sent_mails() -> dict[str, str]:
    mail.outbox.clear()
    while send_due_mails():
        pass
    return {message.to[0]: str(message.body) for message in mail.outbox}


def test_P12_all_super_admins_and_the_person_are_told_at_once(acme: Acme) -> None:
    two_decide(acme)
    tell()
    sentence = f"The second factor of {acme.alice.email} will be reset in 24 hours"
    assert [sentence in told(person) for person in (acme.ana, acme.cleo)] == [True, True]
    assert "cancel it if you have not lost it" in " ".join(told(acme.alice))
    mails = sent_mails()
    assert sentence in mails[acme.cleo.email]
    assert "Reset of a lost second factor begun" in mails[acme.alice.email]


def the_page(acme: Acme) -> str:
    return f"/console/acme.example/users/{acme.alice.pk}/second-factor/"


def test_P12_the_pages_lead_from_the_person_to_the_proposal_and_to_cancelling(acme: Acme) -> None:
    ana, ben, cleo = (signed_in(person) for person in (acme.ana, acme.ben, acme.cleo))
    assert the_page(acme) in ana.get(f"/console/acme.example/users/{acme.alice.pk}/").content.decode()
    answer: Any = ana.post(the_page(acme), {"reason": REASON})
    [made] = proposals_of(acme.customer)
    assert answer.headers["Location"].endswith(f"/two-people/{made.pk}/")
    shown = text_of(ben.get(answer.headers["Location"]))
    assert REASON in shown.translate({0x2068: None, 0x2069: None})
    ben.post(answer.headers["Location"], {"verb": "approve"})
    assert proposals_of(acme.customer).get().status == ProposalStatus.APPROVED
    assert "Cancel the reset" in text_of(cleo.get(the_page(acme)))
    assert "Cancel the reset" in text_of(signed_in(acme.alice).get(FACTORS))
    cleo.post(f"{the_page(acme)}cancel/")
    assert reset_of(acme.alice) is None


def test_a_person_of_another_customer_is_not_found(acme: Acme) -> None:
    other: Customer = make_customer("Globex", "globex.example")
    client = signed_in(make_person(other, Role.SUPER_ADMIN))
    assert client.get(f"/console/globex.example/users/{acme.alice.pk}/second-factor/").status_code == 404
