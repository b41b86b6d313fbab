"""R15: who is inside a console from outside, what the customer is told and asks for, and how it ends it."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.db.models import F
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.console_sessions import entering
from accounts.console_sessions.inside import lasting, write_down_what_is_over
from accounts.directory import people
from accounts.errors import Refused
from accounts.mail.sending import send_due_mails
from accounts.models import AuditEvent, ConsoleSession, Customer, Notification
from accounts.roles import Role
from accounts.tasks import clear_expired_sessions
from subscriptions.access import desired
from tests.access.world import World, make_world, propagate, wish
from tests.accounts.entering import inside
from tests.client import signed_in
from tests.client import text_of as text
from tests.client import url_of as url
from tests.factories import make_person

REASON = {"reason": "Mail is late", "case_number": "T-7"}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def stranger(db: None) -> World:
    return make_world()


def status(client: Client, customer: Customer) -> int:
    return client.get(url("console_home", customer)).status_code


def events(customer: Customer, name: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(customer_id=customer.pk, name=name).order_by("pk"))


def ask_for_reason(world: World) -> None:
    entering.ask_for_entry_reason(actor=world.admin, customer=world.customer, required=True)


def who_is_inside(customer: Customer) -> list[str]:
    return [session.agent.email for session in lasting(customer)]


def age(**ago: float) -> None:
    """Let time pass since agents were last seen."""
    ConsoleSession.objects.update(last_seen_at=F("last_seen_at") - timedelta(**ago))


# --- The reason ------------------------------------------------------------------------------------------


def test_R15_where_nothing_is_asked_one_click_enters(world: World) -> None:
    page = signed_in(world.agent).get(url("reseller_customer", world.customer)).content.decode()
    assert f'method="post" action="{url("enter_console", world.customer)}"' in page
    assert status(inside(world), world.customer) == 200


def test_R15_a_customer_can_ask_for_a_reason_and_reads_it_everywhere(world: World) -> None:
    ask_for_reason(world)
    client = signed_in(world.agent)
    page = client.get(url("reseller_customer", world.customer)).content.decode()
    assert f'href="{url("enter_console", world.customer)}"' in page
    refused = client.post(url("enter_console", world.customer), {"reason": "  ", "case_number": "T-8"})
    assert refused.status_code == 422
    assert 'value="T-8"' in refused.content.decode()
    assert lasting(world.customer) == []
    assert client.post(url("enter_console", world.customer), REASON).status_code == 302
    [entered] = events(world.customer, "RESELLER_CONSOLE_ENTERED")
    assert entered.new_value == {**REASON, "second_factor": ""}
    send_due_mails()
    assert "Mail is late" in str(mail.outbox[0].body)
    assert "T-7" in str(mail.outbox[0].body)
    admin = signed_in(world.admin.user)
    for name in ("outside_access", "audit_log"):
        assert "Mail is late" in text(admin.get(url(name, world.customer))), name
    assert "Mail is late" in text(admin.get(reverse("notifications")))


@pytest.mark.parametrize("said", [{"reason": "x" * 301}, {"reason": "x", "case_number": "9" * 41}])
def test_a_reason_that_cannot_be_stored_is_an_error_of_the_form(world: World, said: dict[str, str]) -> None:
    ask_for_reason(world)
    assert signed_in(world.agent).post(url("enter_console", world.customer), said).status_code == 422


def test_R15_the_verb_itself_asks_for_the_reason(world: World) -> None:
    ask_for_reason(world)
    key = signed_in(world.agent).session.session_key
    with pytest.raises(Refused) as refused:
        entering.enter_console(actor=Actor(world.agent), customer=world.customer, session_key=key)
    assert refused.value.field == "reason"


def test_R15_the_setting_is_the_super_admins_alone_and_recorded_once(world: World) -> None:
    admin, address = signed_in(world.admin.user), url("outside_access_reason", world.customer)
    for _ in range(2):
        admin.post(address, {"required": "on"})
    [changed] = events(world.customer, "CHANGE_CONSOLE_ENTRY_REASON")
    assert (changed.old_value, changed.new_value) == ({"reason_required": False}, {"reason_required": True})
    for person in (make_person(world.customer, Role.AUDITOR), world.agent):
        assert signed_in(person).post(address, {}).status_code == 403
        with pytest.raises(PermissionDenied):
            entering.ask_for_entry_reason(actor=Actor(person), customer=world.customer, required=False)
    assert Customer.objects.get(pk=world.customer.pk).asks_for_entry_reason


# --- Who is inside -----------------------------------------------------------------------------------------


def test_R15_the_customer_sees_who_is_inside_and_who_was(world: World) -> None:
    client = inside(world)
    page = text(signed_in(world.admin.user).get(url("outside_access", world.customer)))
    now, _, before = page.partition("Reason for entering")
    assert world.agent.email in now
    assert world.agent.email not in before
    client.post(url("leave_console", world.customer))
    client.post(url("leave_console", world.customer))
    page = text(signed_in(world.admin.user).get(url("outside_access", world.customer)))
    now, _, before = page.partition("Reason for entering")
    assert "No active external sessions" in now
    assert world.agent.email in before
    [left] = events(world.customer, "RESELLER_CONSOLE_LEFT")
    assert (left.actor_email, left.on_behalf_of) == (world.agent.email, world.reseller.name)


def sign_out(world: World, client: Client) -> None:
    client.post(reverse("account_logout"))


def expire(world: World, client: Client) -> None:
    Session.objects.filter(session_key=client.session.session_key).update(expire_date="2020-01-01T00:00Z")


def fall_asleep(world: World, client: Client) -> None:
    age(hours=1)


def close(world: World, client: Client) -> None:
    desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)


def suspend(world: World, client: Client) -> None:
    people.suspend_user(actor=None, person=world.agent)


def suspend_reseller(world: World, client: Client) -> None:
    world.reseller.suspended_at = world.reseller.created_at
    world.reseller.save(update_fields=["suspended_at"])


def lose_the_role(world: World, client: Client) -> None:
    people.unassign_role(actor=None, person=world.agent, role=Role.RESELLER_AGENT)


@pytest.mark.parametrize("end", [sign_out, expire, fall_asleep, close, suspend, suspend_reseller, lose_the_role])
def test_R15_nobody_who_is_gone_is_shown_as_inside_without_any_worker(world: World, end: Any) -> None:
    client = inside(world)
    assert who_is_inside(world.customer) == [world.agent.email]
    end(world, client)
    assert lasting(world.customer) == []
    assert status(client, world.customer) != 200


def test_R10_a_session_of_an_older_window_is_over(world: World) -> None:
    client = inside(world)
    close(world, client)
    give = wish(world.customer, world.reseller, allowed=True)
    desired.save_reseller_access(actor=world.admin, customer=world.customer, desired=[give])
    propagate()
    assert lasting(world.customer) == []
    client.post(url("enter_console", world.customer))
    assert who_is_inside(world.customer) == [world.agent.email]
    assert ConsoleSession.objects.filter(ended_at=None).count() == 1


def test_last_seen_moves_at_most_once_a_minute_and_not_by_what_a_page_asks_for_itself(world: World) -> None:
    client = inside(world)
    home = url("console_home", world.customer)
    first = ConsoleSession.objects.get().last_seen_at
    client.get(home)
    assert ConsoleSession.objects.get().last_seen_at == first
    age(minutes=5)
    client.get(home, headers={"HX-Request": "true"})
    assert ConsoleSession.objects.get().last_seen_at == first - timedelta(minutes=5)
    client.get(home)
    assert ConsoleSession.objects.get().last_seen_at > first


def test_a_worker_writes_down_what_is_over_at_the_moment_it_was_last_seen(world: World) -> None:
    gone, stays = inside(world), inside(world)
    sign_out(world, gone)
    clear_expired_sessions()
    over, lasts = ConsoleSession.objects.order_by("pk")
    assert (over.ended_because, over.ended_at) == ("over", over.last_seen_at)
    assert (lasts.ended_because, lasts.session_key) == ("", stays.session.session_key)
    assert write_down_what_is_over() == 0


# --- Ending ----------------------------------------------------------------------------------------------------


def test_R15_a_super_admin_ends_a_session_and_the_agent_is_out_and_told(world: World) -> None:
    client, other = inside(world), inside(world)
    first, second = lasting(world.customer)[::-1]
    admin = signed_in(world.admin.user)
    for _ in range(2):
        admin.post(url("outside_access_end", world.customer), {"session": first.pk})
    out = client.get(url("console_home", world.customer)).headers["Location"]
    assert out.partition("?")[0] == url("enter_console", world.customer)
    told = text(client.get(url("enter_console", world.customer)))
    assert f"{world.customer.name} has ended your session" in told
    assert status(other, world.customer) == 200
    assert [session.pk for session in lasting(world.customer)] == [second.pk]
    [ended] = events(world.customer, "END_CONSOLE_SESSION")
    assert (ended.actor_email, ended.new_value) == (world.admin.user.email, {"agent": world.agent.email})
    # While access is in force it may come back; that is a new entry, and the customer is told again.
    client.post(url("enter_console", world.customer))
    assert status(client, world.customer) == 200
    assert len(events(world.customer, "RESELLER_CONSOLE_ENTERED")) == 3
    assert Notification.objects.count() == 3


def test_R15_all_sessions_end_at_once(world: World) -> None:
    clients = [inside(world), inside(world)]
    signed_in(world.admin.user).post(url("outside_access_end_all", world.customer))
    assert [status(client, world.customer) for client in clients] == [302, 302]
    assert len(events(world.customer, "END_CONSOLE_SESSION")) == 2


@pytest.mark.parametrize("session", ["", "x", "-1", "0", str(2**70)])
def test_a_forged_session_ends_nothing(world: World, session: str) -> None:
    client = inside(world)
    response = signed_in(world.admin.user).post(url("outside_access_end", world.customer), {"session": session})
    assert response.status_code == 302
    assert status(client, world.customer) == 200


def test_R15_only_super_admins_end_sessions(world: World) -> None:
    client = inside(world)
    [session] = lasting(world.customer)
    auditor = make_person(world.customer, Role.AUDITOR)
    page = signed_in(auditor).get(url("outside_access", world.customer)).content.decode()
    assert world.agent.email in page
    assert "End session" not in page
    for person in (auditor, world.agent):
        assert signed_in(person).post(url("outside_access_end_all", world.customer)).status_code == 403
        with pytest.raises(PermissionDenied):
            entering.end_console_session(actor=Actor(person), customer=world.customer, session_id=session.pk)
    assert status(client, world.customer) == 200


def test_R15_a_stranger_sees_and_ends_nothing(world: World, stranger: World) -> None:
    client = inside(world)
    [session] = lasting(world.customer)
    [told] = Notification.objects.all()
    gina = signed_in(stranger.admin.user)
    gina.post(url("outside_access_end", stranger.customer), {"session": session.pk})
    gina.post(url("outside_access_end_all", stranger.customer))
    gina.post(reverse("notifications_read"))
    opened = gina.post(reverse("notification_open", kwargs={"notification_id": told.pk}))
    assert opened.status_code == 404
    assert gina.get(url("outside_access", world.customer)).status_code == 404
    for page in (url("outside_access", stranger.customer), reverse("notifications")):
        assert world.agent.email not in gina.get(page).content.decode()
    told.refresh_from_db()
    assert told.read_at is None
    assert status(client, world.customer) == 200


@pytest.mark.django_db(transaction=True)
def test_R15_two_super_admins_who_end_a_session_at_once_end_it_once() -> None:
    world = make_world()
    inside(world)
    [session] = lasting(world.customer)
    barrier, done = threading.Barrier(2), []

    def end() -> None:
        try:
            barrier.wait(10)
            done.append(entering.end_console_session(actor=world.admin, customer=world.customer, session_id=session.pk))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=end) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(done) == [False, True]
    assert len(events(world.customer, "END_CONSOLE_SESSION")) == 1
