"""Assigning, verifying and removing support partners (S2, S3, S4, S7, S8)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connections, transaction
from django.db.models.functions import Now

from accounts import organisations
from accounts.directory import people
from accounts.errors import Refused
from accounts.mail import sending
from accounts.models import AuditEvent, User
from accounts.models.audit_event import ActorKind
from accounts.roles import Role
from support import look_up, partners
from support.assignments import hash_of, open_request
from support.models import SupportAssignment
from support.models.partner import AssignmentStatus
from tests.cast import Cast
from tests.factories import make_person
from tests.support.world import (
    CLOUD,
    WORKSPACE,
    acting,
    active,
    ask,
    confirm,
    event_names,
    pass_days,
    remove,
    status,
    token_sent,
)
from web.console.support_overview import cards_of

PARTNER = "SUPPORT_PARTNER_"


def test_S4_a_request_is_pending_until_its_verifier_confirms(cast: Cast) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    assert status(assignment) == "pending"
    confirm(assignment)
    assert status(assignment) == "active"
    assert event_names(cast.acme.customer, PARTNER) == [
        "SUPPORT_PARTNER_LOOKED_UP",
        "SUPPORT_PARTNER_ASSIGNED",
        "SUPPORT_PARTNER_VERIFIED",
    ]


def test_S4_the_verifier_gets_the_mail_with_the_link_and_the_manager_the_answer(cast: Cast) -> None:
    confirm(ask(cast.acme, cast.resale_one))
    [asked] = mail.outbox
    assert asked.to == [cast.resale_one.support_agent.email]
    assert "Acme" in asked.subject
    sending.send_due_mails()
    assert len(mail.outbox) == 2
    assert mail.outbox[-1].to == [cast.acme.support_manager.email]
    assert "Resale One" in mail.outbox[-1].subject


def test_S4_a_verifier_may_decline(cast: Cast) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    partners.decide_by_link(actor=acting(cast.resale_one.support_agent), token=token_sent(), confirm=False)
    assert status(assignment) == "declined"
    assert event_names(cast.acme.customer, PARTNER)[-1] == "SUPPORT_PARTNER_DECLINED"


def test_A4_the_verifier_s_answer_is_marked_as_that_of_a_support_partner(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    verified = AuditEvent.objects.get(name="SUPPORT_PARTNER_VERIFIED")
    assert (verified.actor_kind, verified.on_behalf_of) == (ActorKind.SUPPORT_PARTNER, "Resale One")


def test_S4_only_a_hash_of_the_link_is_stored_and_only_once_it_is_sent(cast: Cast) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    assert assignment.token_hash is None
    token = token_sent()
    assignment.refresh_from_db()
    assert assignment.token_hash == hash_of(token)
    assert token not in str(SupportAssignment.objects.values()) + str(AuditEvent.objects.values())


def test_S4_a_link_works_once(cast: Cast) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    token = token_sent()
    verifier = acting(cast.resale_one.support_agent)
    partners.decide_by_link(actor=verifier, token=token, confirm=True)
    with pytest.raises(Refused, match="does not work"):
        partners.decide_by_link(actor=verifier, token=token, confirm=False)
    assert status(assignment) == "active"


def _withdraw(cast: Cast, assignment: SupportAssignment) -> None:
    partners.withdraw_request(
        actor=acting(cast.acme.support_manager), customer=cast.acme.customer, assignment_id=assignment.pk
    )


def _resend(cast: Cast, assignment: SupportAssignment) -> None:
    partners.resend_verification(
        actor=acting(cast.acme.support_manager), customer=cast.acme.customer, assignment_id=assignment.pk
    )


ENDS: dict[str, Callable[[Cast, SupportAssignment], object]] = {
    "expired": lambda cast, a: pass_days(14),
    "withdrawn": _withdraw,
    "sent again": _resend,
    "verifier suspended": lambda cast, a: people.suspend_user(actor=None, person=cast.resale_one.support_agent),
    "verifier stripped": lambda cast, a: people.unassign_role(
        actor=None, person=cast.resale_one.support_agent, role=Role.SUPPORT_AGENT
    ),
    "reseller suspended": lambda cast, a: organisations.suspend_reseller(actor=None, reseller=cast.resale_one.reseller),
}


@pytest.mark.parametrize("end", ENDS)
def test_S4_S8_R13_a_link_stops_working_when_it_is(cast: Cast, end: str) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    token = token_sent()
    ENDS[end](cast, assignment)
    with pytest.raises(Refused, match="does not work"):
        partners.decide_by_link(actor=acting(cast.resale_one.support_agent), token=token, confirm=True)
    assert status(assignment) != "active"


def test_S4_nobody_else_can_use_the_link(cast: Cast) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    token = token_sent()
    others = [
        cast.resale_one.admin,
        cast.resale_two.support_agent,
        cast.acme.support_manager,
        cast.acme.super_admin,
        cast.operator,
    ]
    for other in others:
        with pytest.raises(Refused, match="does not work"):
            partners.decide_by_link(actor=acting(other), token=token, confirm=True)
    assert status(assignment) == "pending"
    assert open_request(token, cast.resale_one.support_agent) == assignment


def test_S8_a_request_expires_without_any_job_and_frees_its_service(cast: Cast) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    pass_days(13.9)
    assert cards_of(cast.acme.customer)[0].live == assignment
    pass_days(0.2)
    card = cards_of(cast.acme.customer)[0]
    assert (card.live, str(card.latest_word)) == (None, "Expired")
    again = ask(cast.acme, cast.resale_two)
    assert (status(assignment), status(again)) == ("expired", "pending")
    assert "SUPPORT_PARTNER_EXPIRED" in event_names(cast.acme.customer)


def test_S4_resending_has_a_limit_and_gives_fourteen_new_days(cast: Cast) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    pass_days(13)
    for _ in range(partners.MAILS_AT_MOST - 1):
        _resend(cast, assignment)
    with pytest.raises(Refused, match="as often as is allowed"):
        _resend(cast, assignment)
    pass_days(13)
    token = token_sent()
    assert open_request(token, cast.resale_one.support_agent) == assignment


def test_S2_each_service_has_at_most_one_partner_pending_or_active(cast: Cast) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    with pytest.raises(Refused, match="Remove it first"):
        ask(cast.acme, cast.resale_two)
    confirm(assignment)
    with pytest.raises(Refused, match="Remove it first"):
        ask(cast.acme, cast.resale_two)
    assert status(ask(cast.acme, cast.resale_two, CLOUD)) == "pending"
    assert status(ask(cast.globex, cast.resale_two)) == "pending"


def test_S2_the_database_refuses_a_second_partner_too(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    with pytest.raises(IntegrityError, match="one_live_partner"), transaction.atomic():
        SupportAssignment.objects.create(
            customer=cast.acme.customer,
            service=WORKSPACE,
            reseller=cast.resale_two.reseller,
            status=AssignmentStatus.ACTIVE,
            requested_by=cast.acme.support_manager,
            active_since=Now(),
        )


@pytest.mark.parametrize("who", ["auditor", "nobody", "another customer's manager", "support", "agent", "operator"])
def test_S2_only_support_managers_decide_about_partners(cast: Cast, who: str) -> None:
    assignment = active(cast.acme, cast.resale_one)
    person: User = {
        "auditor": cast.acme.auditor,
        "nobody": cast.acme.nobody,
        "another customer's manager": cast.globex.support_manager,
        "support": make_person(cast.acme.customer, Role.SUPPORT),
        "agent": cast.resale_one.admin,
        "operator": cast.operator,
    }[who]
    before = event_names(cast.acme.customer)
    actor = acting(person)
    for verb in (partners.remove_support_partner, partners.withdraw_request, partners.resend_verification):
        with pytest.raises(PermissionDenied):
            verb(actor=actor, customer=cast.acme.customer, assignment_id=assignment.pk)
    with pytest.raises(PermissionDenied):
        partners.assign_support_partner(
            actor=actor,
            customer=cast.acme.customer,
            service=CLOUD,
            reseller=cast.resale_one.reseller,
            verifier_email=cast.resale_one.admin.email,
        )
    assert (status(assignment), event_names(cast.acme.customer)) == ("active", before)


def test_a_manager_cannot_touch_another_customer_s_assignment(cast: Cast) -> None:
    assignment = active(cast.globex, cast.resale_two)
    with pytest.raises(Refused, match="does not exist"):
        remove(cast.acme, assignment)
    assert status(assignment) == "active"


@pytest.mark.parametrize("address", ["vera@resale-two.example", "ana@resale-one.example", "gone@resale-one.example"])
def test_S3_the_verifier_must_be_one_of_the_chosen_partner(cast: Cast, address: str) -> None:
    with pytest.raises(Refused, match="Nobody with this address can confirm"):
        partners.assign_support_partner(
            actor=acting(cast.acme.support_manager),
            customer=cast.acme.customer,
            service=WORKSPACE,
            reseller=cast.resale_one.reseller,
            verifier_email=address,
        )
    assert not SupportAssignment.objects.exists()


def test_S8_removing_and_withdrawing_end_only_what_they_are_for_and_once(cast: Cast) -> None:
    pending, running = ask(cast.acme, cast.resale_one, CLOUD), active(cast.acme, cast.resale_one)
    remove(cast.acme, pending)
    _withdraw(cast, running)
    assert (status(pending), status(running)) == ("pending", "active")
    for _ in range(2):
        remove(cast.acme, running)
        _withdraw(cast, pending)
    assert (status(pending), status(running)) == ("withdrawn", "removed")
    names = event_names(cast.acme.customer, PARTNER)
    assert (names.count("SUPPORT_PARTNER_REMOVED"), names.count("SUPPORT_PARTNER_WITHDRAWN")) == (1, 1)


def test_A1_a_change_whose_event_cannot_be_written_does_not_happen(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assignment = active(cast.acme, cast.resale_one)

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no trail")

    monkeypatch.setattr(partners, "record_audit", fail)
    with pytest.raises(RuntimeError):
        remove(cast.acme, assignment)
    assert status(assignment) == "active"


@pytest.mark.django_db(transaction=True)
def test_S2_of_two_managers_who_assign_at_once_one_is_told_that_there_is_a_partner(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two real connections, let loose together right in front of the transaction that assigns, five times over."""
    managers = [cast.acme.support_manager, cast.acme.super_admin]
    sides = [cast.resale_one, cast.resale_two]
    for _ in range(5):
        barrier = threading.Barrier(2)
        results: list[str] = []

        def find_then_wait(barrier: threading.Barrier = barrier, **asked: Any) -> User | None:
            found = look_up.find_verifier(**asked)
            barrier.wait(10)
            return found

        monkeypatch.setattr(partners, "find_verifier", find_then_wait)

        def assign(number: int, results: list[str] = results) -> None:
            try:
                partners.assign_support_partner(
                    actor=acting(managers[number]),
                    customer=cast.acme.customer,
                    service=WORKSPACE,
                    reseller=sides[number].reseller,
                    verifier_email=sides[number].support_agent.email,
                )
                results.append("assigned")
            except Refused as refused:
                results.append(str(refused.message))
            except IntegrityError as error:
                results.append(str(error))
            finally:
                connections.close_all()

        threads = [threading.Thread(target=assign, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(results) == ["This service has a support partner. Remove it first.", "assigned"]
        _withdraw(cast, SupportAssignment.objects.get(status=AssignmentStatus.PENDING))
