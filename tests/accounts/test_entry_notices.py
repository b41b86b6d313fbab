"""A customer's super admins are told who enters its console (R15)."""

from __future__ import annotations

import pytest
from django.core import mail
from django.urls import reverse

from accounts.directory import people
from accounts.mail.sending import send_due_mails
from accounts.models import ConsoleSession, Mail, Notification
from accounts.roles import Role
from subscriptions.access import desired
from tests.access.world import World, make_world
from tests.accounts.entering import inside
from tests.client import signed_in
from tests.client import url_of as url
from tests.factories import make_person


@pytest.fixture
def world(db: None) -> World:
    return make_world()


# --- Telling the customer ------------------------------------------------------------------------------------


def test_R15_every_super_admin_is_told_once_in_the_console_and_by_mail(world: World) -> None:
    second = make_person(world.customer, Role.SUPER_ADMIN)
    gone = make_person(world.customer, Role.SUPER_ADMIN)
    people.suspend_user(actor=None, person=gone)
    make_person(world.customer, Role.AUDITOR)
    client = inside(world)
    client.post(url("enter_console", world.customer))
    both = {world.admin.user.email, second.email}
    assert set(Notification.objects.values_list("recipient__email", flat=True)) == both
    send_due_mails()
    assert sorted(to for sent in mail.outbox for to in sent.to) == sorted(both)
    body = str(mail.outbox[0].body)
    for said in (world.agent.name, world.agent.email, world.reseller.name, "127.0.0.1", "none given"):
        assert said in body
    assert url("outside_access", world.customer) in body


def test_R15_whoever_is_no_super_admin_any_more_when_the_mail_is_sent_gets_none(world: World) -> None:
    second = make_person(world.customer, Role.SUPER_ADMIN)
    inside(world)
    people.unassign_role(actor=None, person=second, role=Role.SUPER_ADMIN)
    send_due_mails()
    assert [sent.to for sent in mail.outbox] == [[world.admin.user.email]]
    assert Mail.objects.get(recipient=second).dropped_because == "not_for_them"


def test_R15_the_bell_counts_what_is_unread_until_it_is_read(world: World) -> None:
    admin = signed_in(world.admin.user)
    home = url("console_home", world.customer)
    assert 'aria-label="Notifications"' in admin.get(home).content.decode()
    inside(world)
    inside(world)
    assert 'aria-label="Notifications, 2 unread"' in admin.get(home).content.decode()
    admin.get(reverse("notifications"))
    first = Notification.objects.order_by("pk")[0]
    opened = admin.post(reverse("notification_open", kwargs={"notification_id": first.pk}))
    assert opened.headers["Location"] == url("outside_visit", world.customer, session_id=first.console_session_id)
    assert 'aria-label="Notifications, 1 unread"' in admin.get(home).content.decode()
    admin.post(reverse("notifications_read"))
    assert 'aria-label="Notifications"' in admin.get(home).content.decode()
    assert not Notification.objects.filter(read_at=None).exists()


def test_R15_agents_have_no_bell_inside_and_do_not_see_who_else_is(world: World) -> None:
    client = inside(world)
    assert "Notifications" not in client.get(url("console_home", world.customer)).content.decode()
    assert client.get(url("outside_access", world.customer)).status_code == 403


def test_A1_an_entry_that_is_taken_back_tells_nobody(world: World) -> None:
    desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    assert signed_in(world.agent).post(url("enter_console", world.customer)).status_code == 403
    assert (Notification.objects.count(), Mail.objects.count(), ConsoleSession.objects.count()) == (0, 0, 0)


def test_R15_nobody_floods_super_admins_with_mails_by_going_in_and_out(world: World) -> None:
    client = signed_in(world.agent)
    for _ in range(60):
        client.post(url("enter_console", world.customer))
        client.post(url("leave_console", world.customer))
    refused = client.post(url("enter_console", world.customer))
    assert (refused.status_code, "entered consoles very often" in refused.content.decode()) == (422, True)
    assert ConsoleSession.objects.filter(customer=world.customer).count() == Mail.objects.count() == 60
    colleague = signed_in(make_person(world.reseller, Role.RESELLER_ADMIN))
    assert colleague.post(url("enter_console", world.customer)).status_code == 302
