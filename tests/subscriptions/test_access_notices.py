"""Who hears of requests for access, of a reseller that is suspended, and of what failed (R25)."""

from __future__ import annotations

import pytest

from accounts import organisations
from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.mail.sending import send_due_mails
from accounts.models import Mail, Notification
from accounts.notifications.mails import MailKind
from accounts.organisations import VENDOR
from accounts.roles import Role
from tests.access.world import World, make_world
from tests.accounts.reading_notices import tell, told, untell
from tests.factories import make_person, make_reseller


@pytest.fixture
def world(db: None) -> World:
    world = make_world()
    untell()
    return world


def record(world: World, name: EventName, actor: Actor | None, **values: object) -> None:
    record_audit(name, actor=actor, customer=world.customer, subject=world.reseller.name, **values)


def test_R25_a_request_and_its_answer(world: World) -> None:
    second = make_person(world.customer, Role.SUPER_ADMIN)
    boss, other = make_person(world.reseller, Role.RESELLER_ADMIN), make_person(world.reseller, Role.RESELLER_AGENT)
    stranger = make_person(make_reseller(name="Another"), Role.RESELLER_ADMIN)
    untell()
    record(world, EventName.REQUEST_RESELLER_ACCESS, Actor(world.agent))
    record(world, EventName.REQUEST_RESELLER_ACCESS, world.admin, new={"handed_to": second.email})
    record(world, EventName.REJECT_ACCESS_REQUEST, world.admin)
    tell()
    name, customer = world.reseller.name, world.customer.name
    assert told(world.admin.user) == [f"{name} asks for access"]
    assert told(second) == [f"{name} asks for access", f"The request of {name} for access was rejected"]
    says = [f"{customer} rejected your organisation’s request for access"]
    assert told(world.agent) == told(boss) == says
    assert told(other) == told(stranger) == []
    # A mail of their own goes to the one who asked, and to super admins about the request.
    mailed = Mail.objects.filter(kind=MailKind.NOTICES).values_list("recipient__email", flat=True)
    assert set(mailed) == {second.email, boss.email}


def test_R25_super_admins_hear_that_their_reseller_is_suspended(world: World) -> None:
    elsewhere = make_world()
    untell()
    organisations.suspend_reseller(actor=None, reseller=world.reseller)
    tell()
    assert told(world.admin.user) == [f"{world.reseller.name} is suspended, and its access has ended"]
    assert told(elsewhere.admin.user) == []


def test_R13_R25_the_people_of_a_suspended_reseller_read_nothing_until_they_are_back(world: World) -> None:
    record(world, EventName.REQUEST_RESELLER_ACCESS, Actor(world.agent))
    record(world, EventName.APPROVE_ACCESS_REQUEST, world.admin)
    tell()
    says = [f"{world.customer.name} approved your organisation’s request for access"]
    assert told(world.agent) == says
    organisations.suspend_reseller(actor=None, reseller=world.reseller)
    assert told(world.agent) == []
    organisations.unsuspend_reseller(actor=None, reseller=world.reseller)
    assert told(world.agent) == says


def test_R25_operators_hear_of_what_they_must_act_on(world: World) -> None:
    operator = make_person(VENDOR, Role.VENDOR_OPERATOR)
    make_person(VENDOR, Role.VENDOR_SUPPORT)
    untell()
    record(world, EventName.RESELLER_ACCESS_FAILED, None, new={"allowed": True, "reason": "gave_up"})
    record(world, EventName.RESELLER_ACCESS_FAILED, None, new={"allowed": True, "reason": "end_passed"})
    tell()
    assert told(operator) == [f"Access for {world.reseller.name} at {world.customer.name} could not be given"]
    assert len(told(world.admin.user)) == 2
    assert set(Notification.objects.values_list("recipient", flat=True)) == {operator.pk, world.admin.user.pk}
    send_due_mails()
    assert Mail.objects.filter(recipient=operator, sent_at__isnull=False).count() == 1
