"""Who must know is told: in the console and by mail, once, with the right asked again (R25)."""

from __future__ import annotations

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import staffing
from accounts.actor import Actor
from accounts.audit import record_audit
from accounts.directory import people
from accounts.mail.sending import send_due_mails
from accounts.models import (
    AuditEvent,
    Customer,
    Mail,
    NoticePreference,
    Notification,
    RoleAssignment,
    UntoldEvent,
    User,
)
from accounts.models.event_names import EventName
from accounts.models.notices import HowSoon, Topic
from accounts.notices.reminders import REMINDERS, REVIEW_REMINDERS
from accounts.notices.table import NOTICES
from accounts.notices.told import Audience
from accounts.notices.unneeded import UNNEEDED
from accounts.notifications import telling
from accounts.notifications.audiences import audiences
from accounts.notifications.preferences import choices_of, how_soon, save_how_soon
from accounts.notifications.reading import in_words, notifications_of, unread_number, with_what_they_tell
from accounts.roles import Role
from subscriptions import lifecycle
from subscriptions.access import desired
from tests.access.world import World, make_world, propagate
from tests.accounts.reading_notices import ISOLATES, tell, told, untell
from tests.factories import make_person, make_reseller, make_team


@pytest.fixture
def world(db: None) -> World:
    world = make_world()
    untell()
    return world


def remove_access(world: World) -> None:
    desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    propagate()


# --- The table ------------------------------------------------------------------------------------------------


def test_R25_every_event_makes_a_notice_or_says_why_it_needs_none() -> None:
    assert set(NOTICES) | set(UNNEEDED) == set(EventName)
    assert not set(NOTICES) & set(UNNEEDED)
    assert all(len(why) > 5 for why in UNNEEDED.values())


def test_R25_every_audience_is_known_and_used() -> None:
    used = {told.audience for notice in NOTICES.values() for told in notice.told} | {
        told.audience for told in (*REMINDERS, *REVIEW_REMINDERS)
    }
    assert used == set(Audience) == set(audiences())


# --- Who hears ------------------------------------------------------------------------------------------------


def test_R25_other_super_admins_and_the_reseller_hear_of_access(world: World) -> None:
    second = make_person(world.customer, Role.SUPER_ADMIN)
    auditor = make_person(world.customer, Role.AUDITOR)
    boss, other = make_person(world.reseller, Role.RESELLER_ADMIN), make_person(world.reseller, Role.RESELLER_AGENT)
    stranger = make_person(make_reseller(), Role.RESELLER_ADMIN)
    untell()
    remove_access(world)
    tell()
    name, customer = world.reseller.name, world.customer.name
    assert told(second) == [f"Access for {name} was removed", f"Access for {name} has ended"]
    # Their own deed they know; that it is in effect they do not.
    assert told(world.admin.user) == [f"Access for {name} has ended"]
    assert told(boss) == told(world.agent) == [f"Access to the console of {customer} has ended"]
    assert told(auditor) == told(other) == told(stranger) == []


def test_R25_a_reseller_never_hears_who_decided(world: World) -> None:
    remove_access(world)
    tell()
    [line] = in_words(with_what_they_tell(notifications_of(world.agent)), world.agent)
    assert line.actor == ""


def test_R25_a_super_admin_made_and_unmade(world: World) -> None:
    second = make_person(world.customer, Role.SUPER_ADMIN)
    person = make_person(world.customer)
    User.objects.filter(pk=person.pk).update(created_at="2020-01-01T00:00Z")
    untell()
    people.assign_role(actor=world.admin, person=person, role=Role.SUPER_ADMIN)
    people.unassign_role(actor=world.admin, person=person, role=Role.SUPER_ADMIN)
    people.assign_role(actor=world.admin, person=person, role=Role.AUDITOR)
    tell()
    email = person.email
    assert told(second) == [f"{email} is a super admin now", f"{email} is no longer a super admin"]
    # It happened to them: they read it whatever they are now.
    assert told(person) == [
        "You have the role Super admin now",
        "You no longer have the role Super admin",
        "You have the role Auditor now",
    ]
    assert told(world.admin.user) == []


def test_R25_a_new_person_is_invited_and_not_told_of_their_roles(world: World) -> None:
    new = make_person(world.customer, Role.AUDITOR)
    tell()
    assert told(new) == []


def test_R25_agents_hear_for_whom_they_work(world: World) -> None:
    boss = Actor(make_person(world.reseller, Role.RESELLER_ADMIN))
    agent, member = make_person(world.reseller, Role.RESELLER_AGENT), make_person(world.reseller, Role.RESELLER_AGENT)
    team = make_team(world.reseller, name="North")
    User.objects.filter(pk__in=[agent.pk, member.pk]).update(created_at="2020-01-01T00:00Z")
    untell()
    staffing.add_member(actor=boss, team=team, agent=member)
    staffing.assign_customers_to_agent(actor=boss, agent=agent, customers=[world.customer])
    staffing.assign_customers_to_team(actor=boss, team=team, customers=[world.customer])
    tell()
    now = f"You work for {world.customer.name} now"
    assert told(agent) == [now]
    assert told(member) == ["You are in the team North now", now]
    staffing.unassign_customers_from_agent(actor=boss, agent=agent, customers=[world.customer])
    staffing.delete_team(actor=boss, team=team)
    tell()
    # That they work there is no longer theirs to read; that it ended is.
    assert told(agent) == [f"You no longer work for {world.customer.name}"]
    assert told(member) == ["You are in the team North now", "Your team North was deleted"]


def test_R25_what_a_reseller_ordered_is_told_and_not_what_the_customer_did(world: World) -> None:
    boss = Actor(make_person(world.reseller, Role.RESELLER_ADMIN))
    second = make_person(world.customer, Role.SUPER_ADMIN)
    untell()
    lifecycle.cancel_subscription(actor=world.admin, subscription=world.own)
    lifecycle.cancel_subscription(actor=boss, subscription=world.sold)
    tell()
    assert [says for says in told(second) if "cancelled" in says] == [
        f"{world.sold.sku.name} was cancelled by a reseller"
    ]


# --- Once, and whole ------------------------------------------------------------------------------------------


def test_R25_told_once_however_often_it_is_tried(world: World) -> None:
    remove_access(world)
    waiting = list(UntoldEvent.objects.all())
    tell()
    before = Notification.objects.count(), Mail.objects.count()
    UntoldEvent.objects.bulk_create(waiting)  # as if the worker's last statement had been lost
    tell()
    assert (Notification.objects.count(), Mail.objects.count()) == before
    assert not UntoldEvent.objects.exists()


def test_R25_a_step_that_is_cut_short_has_told_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    remove_access(world)
    waiting = UntoldEvent.objects.count()
    monkeypatch.setattr(telling, "_MAIL_AT_ONCE", "SELECT 1 / 0")
    assert telling.tell() == 0
    assert (Notification.objects.count(), UntoldEvent.objects.count()) == (0, waiting)


def test_R25_an_event_that_cannot_be_told_holds_up_no_other(world: World) -> None:
    stranger = make_world()
    for one in (world, stranger):
        make_person(one.customer, Role.SUPER_ADMIN)
        untell()
    for one in (world, stranger):
        record_audit(EventName.CHANGE_ACCESS_POLICY, actor=one.admin, customer=one.customer)
    bad, good = UntoldEvent.objects.order_by("pk")
    refuse = "ALTER TABLE accounts_notification ADD CONSTRAINT refused_by_the_test CHECK (event_id <> %s) NOT VALID"
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {refuse}", [bad.pk])
    assert telling.tell() == 1
    assert list(UntoldEvent.objects.all()) == [bad]
    assert Notification.objects.filter(event=good.pk).exists()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_notification DROP CONSTRAINT refused_by_the_test")
    assert telling.tell() == 1
    assert Notification.objects.filter(event=bad.pk).exists()


def test_R25_what_is_taken_back_tells_nobody(world: World) -> None:
    place = transaction.savepoint()
    desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    assert UntoldEvent.objects.exists()
    transaction.savepoint_rollback(place)
    assert not UntoldEvent.objects.exists()


def test_R25_ten_thousand_recipients_cost_as_many_statements_as_one(world: World) -> None:
    def statements() -> int:
        record_audit(EventName.CHANGE_ACCESS_POLICY, actor=world.admin, customer=world.customer)
        with CaptureQueriesContext(connection) as captured:
            assert telling.tell() == 1
        return len(captured)

    make_person(world.customer, Role.SUPER_ADMIN)
    untell()
    one = statements()
    crowd(world.customer, 10_000)
    assert statements() == one
    assert one <= 9  # with the two of a savepoint and its time limit, and two for how the mails are joined
    newest = AuditEvent.objects.latest("pk")
    assert Notification.objects.filter(event=newest).count() == 10_001
    assert Notification.objects.filter(event=newest, mail_id=None).count() == 0


def crowd(customer: Customer, number: int) -> None:
    """That many super admins, without the verbs that would take an hour."""
    unit = User.objects.filter(customer=customer).values_list("org_unit", flat=True)[0]
    made = User.objects.bulk_create(
        User(
            email=f"p{n}@{customer.primary_domain}",
            name=f"P{n}",
            sort_name=f"p{n}",
            customer=customer,
            org_unit_id=unit,
        )
        for n in range(number)
    )
    RoleAssignment.objects.bulk_create(RoleAssignment(user=person, role=Role.SUPER_ADMIN) for person in made)
    with connection.cursor() as cursor:
        # As autovacuum does where people come by the thousand; tables that it saw empty are searched row by row.
        cursor.execute("ANALYZE accounts_user, accounts_roleassignment")


# --- The right, asked again -----------------------------------------------------------------------------------


def test_R25_whoever_lost_the_role_reads_nothing_of_it_and_gets_no_mail(world: World) -> None:
    second = make_person(world.customer, Role.SUPER_ADMIN)
    untell()
    remove_access(world)
    tell()
    assert unread_number(second) == 2
    people.unassign_role(actor=None, person=second, role=Role.SUPER_ADMIN)
    send_due_mails()
    assert (told(second), unread_number(second)) == ([], 0)
    assert [sent.to for sent in mail.outbox if sent.to == [second.email]] == []
    assert Mail.objects.get(recipient=second).dropped_because == "not_for_them"


def test_R25_an_agent_taken_off_the_customer_reads_of_the_end_alone(world: World) -> None:
    remove_access(world)
    tell()
    staffing.unassign_customers_from_agent(actor=None, agent=world.agent, customers=[world.customer])
    assert told(world.agent) == [f"Access to the console of {world.customer.name} has ended"]


# --- By mail --------------------------------------------------------------------------------------------------


def test_R25_one_mail_at_once_with_moment_zone_actor_and_link(world: World) -> None:
    second = make_person(world.customer, Role.SUPER_ADMIN)
    User.objects.filter(pk=second.pk).update(language="fr", time_zone="Europe/Paris")
    untell()
    remove_access(world)
    tell()
    send_due_mails()
    [sent] = [sent for sent in mail.outbox if sent.to == [second.email]]
    body = str(sent.body)
    assert "Europe/Paris" in body
    assert world.admin.user.email in body
    assert f"/console/{world.customer.primary_domain}/account/reseller-access/" in body
    assert "/notifications/preferences/" in body
    assert "Bonjour" in body
    assert f"L’accès du revendeur {world.reseller.name} a été retiré" in body.translate(ISOLATES)


def test_R25_a_day_is_one_mail_of_what_was_not_read(world: World) -> None:
    second = make_person(world.customer, Role.SUPER_ADMIN)
    save_how_soon(person=second, chosen={Topic.ACCESS: HowSoon.DAILY})
    untell()
    remove_access(world)
    tell()
    assert not Mail.objects.filter(recipient=second).exists()
    assert telling.queue_digests() == 0
    Notification.objects.filter(recipient=second).update(created_at="2020-01-01T00:00Z")
    first = Notification.objects.filter(recipient=second).earliest("pk")
    Notification.objects.filter(pk=first.pk).update(read_at="2020-01-01T00:00Z")
    assert telling.queue_digests() == 1
    assert telling.queue_digests() == 0
    send_due_mails()
    [sent] = [sent for sent in mail.outbox if sent.to == [second.email]]
    assert "has ended" in str(sent.body)
    assert "was removed" not in str(sent.body)


# --- How soon -------------------------------------------------------------------------------------------------


def test_R25_never_is_never_but_not_for_super_admins_and_access(world: World) -> None:
    second, person = make_person(world.customer, Role.SUPER_ADMIN), make_person(world.customer)
    User.objects.filter(pk=person.pk).update(created_at="2020-01-01T00:00Z")
    assert HowSoon.NEVER not in choices_of(second, Topic.ACCESS)
    save_how_soon(person=second, chosen={Topic.ACCESS: HowSoon.NEVER})
    assert how_soon(second)[Topic.ACCESS] == HowSoon.AT_ONCE
    # Chosen before they were a super admin.
    NoticePreference.objects.create(person=second, topic=Topic.ACCESS, how_soon=HowSoon.NEVER)
    save_how_soon(person=person, chosen={Topic.ACCOUNT: HowSoon.NEVER})
    untell()
    remove_access(world)
    people.assign_role(actor=world.admin, person=person, role=Role.AUDITOR)
    tell()
    assert len(told(second)) == 2
    assert Mail.objects.filter(recipient=second).count() == 1
    assert told(person) == []


def test_R25_members_hear_that_their_team_works_for_all_customers_while_it_does(world: World) -> None:
    boss, agent = make_person(world.reseller, Role.RESELLER_ADMIN), make_person(world.reseller, Role.RESELLER_AGENT)
    make_person(world.reseller, Role.RESELLER_AGENT)
    team = make_team(world.reseller, agent, name="All hands")
    untell()
    staffing.assign_all_customers(actor=Actor(boss), team=team)
    tell()
    says = "Your team All hands works for all customers now"
    assert told(agent) == [says]
    staffing.unassign_all_customers(actor=Actor(boss), team=team)
    tell()
    assert told(agent) == ["Your team All hands works for its listed customers only now"]
