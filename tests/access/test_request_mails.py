"""R17: who gets mail about a request, and what it says; the right is asked again when it is sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail

from accounts.actor import Actor
from accounts.mail.sending import send_due_mails
from accounts.models import Mail
from accounts.roles import Role
from accounts.unstaffing import end_staffing
from subscriptions.access.answering import hand_on, reject
from subscriptions.access.asking import withdraw
from subscriptions.models import AccessRequest
from subscriptions.models.request import RequestMail
from tests.access.requests_world import close, give, request_access
from tests.access.world import World
from tests.factories import make_person

VOICE = "1010330004"  # what World.own is


@pytest.fixture
def asked(world: World) -> AccessRequest:
    """The agent asked for the directory and for Voice, for a week; nothing is open."""
    close(world)
    return request_access(world, skus=[VOICE])


def no(world: World, asked: AccessRequest) -> AccessRequest:
    return reject(actor=world.admin, customer=world.customer, request_id=asked.pk, reason="Not this week.")


def back(world: World, asked: AccessRequest) -> AccessRequest:
    return withdraw(actor=Actor(world.agent), customer=world.customer, request_id=asked.pk)


def hand(world: World, asked: AccessRequest, to: Actor) -> AccessRequest:
    return hand_on(actor=world.admin, customer=world.customer, request_id=asked.pk, person_id=to.user.pk)


def bodies_to(email: str) -> list[str]:
    mail.outbox.clear()
    send_due_mails()
    return [str(sent.body) for sent in mail.outbox if sent.to == [email]]


def test_R17_mail_tells_a_super_admin_what_is_asked_and_leads_to_the_request(
    world: World, asked: AccessRequest
) -> None:
    [body] = bodies_to(world.admin.user.email)
    for part in ("Directory", "7 days", asked.reason, world.agent.email, f"/requests/{asked.pk}/"):
        assert part in body


def test_R17_mail_in_french(world: World) -> None:
    for person in (world.admin.user, world.agent):
        person.language = "fr"
        person.save(update_fields=["language"])
    close(world)
    asked = request_access(world)
    [body] = bodies_to(world.admin.user.email)
    assert "7 jours" in body
    no(world, asked)
    assert [sent.subject for sent in mail.outbox] == [
        f"{world.reseller.name} demande l’accès à la console du client {world.customer.name}"
    ]
    [body] = bodies_to(world.agent.email)
    assert "a refusé votre demande d’accès" in body


@pytest.mark.parametrize("answer", [give, no], ids=["approved", "rejected"])
def test_R17_mail_tells_the_person_who_asked_and_nobody_else(
    world: World, asked: AccessRequest, answer: Callable[[World, AccessRequest], object]
) -> None:
    send_due_mails()
    answer(world, asked)
    [row] = Mail.objects.filter(kind=RequestMail.ANSWERED)
    assert row.recipient == world.agent
    [body] = bodies_to(world.agent.email)
    assert ("7 days" in body, "Not this week." in body) == (answer is give, answer is no)
    assert world.admin.user.email not in body


def test_R17_a_request_is_told_to_nobody_who_cannot_answer_it_any_more(world: World, asked: AccessRequest) -> None:
    other = make_person(world.customer, Role.SUPER_ADMIN)
    hand(world, asked, Actor(other))
    world.admin.user.role_assignments.all().delete()
    assert bodies_to(world.admin.user.email) == []
    assert "Another super admin of your organisation asks you" in next(
        str(sent.body) for sent in mail.outbox if sent.to == [other.email]
    )


def test_R17_a_request_that_was_withdrawn_is_told_to_nobody(world: World, asked: AccessRequest) -> None:
    other = make_person(world.customer, Role.SUPER_ADMIN)
    hand(world, asked, Actor(other))
    back(world, asked)
    assert bodies_to(world.admin.user.email) == bodies_to(other.email) == []


def test_R13_the_answer_does_not_reach_a_person_who_works_there_no_more(world: World, asked: AccessRequest) -> None:
    no(world, asked)
    end_staffing(actor=None, customer=world.customer, reseller=world.reseller)
    assert bodies_to(world.agent.email) == []
