"""A reseller's machine in a customer's console (X4): entered with the first call, seen, put out, and kept out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.db.models import F
from django.test import RequestFactory

from accounts.actor import Actor
from accounts.audit import record_audit
from accounts.console_sessions import entering
from accounts.console_sessions.entering import end_console_session
from accounts.console_sessions.inside import lasting, write_down_what_is_over
from accounts.machines.service_accounts import suspend_service_account
from accounts.models import AuditEvent, ConsoleSession, Notification, OpenedPage, ServiceAccount, User
from accounts.models.event_names import EventName
from accounts.permissions import Permission
from accounts.proof import ProofNeeded
from accounts.roles import Role
from api.core.call import Call
from api.core.errors import ApiError, Forbidden, NotFound
from api.core.shown import note_shown
from api.door import opened
from api.door.consoles import console, console_of_user
from subscriptions.access import desired
from subscriptions.access.policy import change_access_policy
from subscriptions.models.level import Level
from tests.access.world import World, make_world, propagate, wish
from tests.api.machines import account_of
from tests.factories import fresh, put_person

VIEW = Permission.VIEW_USERS


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def robot(world: World) -> ServiceAccount:
    return account_of(world.agent, name="Robot")


def call_by(account: ServiceAccount, person: User, method: str = "directory.users.get", **headers: str) -> Call:
    """A call of a machine that acts for a person, as a request by itself."""
    request = RequestFactory().get("/admin/directory/v1/users/ana", headers=headers)
    actor = Actor.of_machine(account, fresh(person), "203.0.113.7")
    return Call(method=method, params={}, body={}, actor=actor, scopes=frozenset(account.scopes), request=request)


def rules(
    world: World, *, is_stale: bool = False, machines: bool | None = None, second_factor: bool | None = None
) -> bool:
    actor = Actor(user=world.admin.user, is_stale=is_stale)
    return change_access_policy(
        actor=actor,
        customer=world.customer,
        longest=None,
        level=Level.FULL,
        lasts=None,
        machines=machines,
        second_factor=second_factor,
    )


def visits() -> list[ConsoleSession]:
    return list(ConsoleSession.objects.order_by("pk"))


def test_X4_the_first_call_is_an_entry_and_the_next_ones_are_none(world: World, robot: ServiceAccount) -> None:
    call = call_by(robot, world.agent)
    assert console(call, world.customer.customer_id, VIEW) == world.customer
    console(call_by(robot, world.agent), world.customer.primary_domain, VIEW)
    [visit] = visits()
    assert (visit.client, visit.agent, visit.customer) == (robot, world.agent, world.customer)
    assert call.actor.console_session_id == visit.pk
    [event] = AuditEvent.objects.filter(name=EventName.RESELLER_CONSOLE_ENTERED)
    assert (event.client_name, event.client_id, event.actor_email) == ("Robot", robot.pk, world.agent.email)
    assert event.console_session_id == visit.pk and event.customer_id == world.customer.pk
    assert Notification.objects.filter(console_session=visit, recipient=world.admin.user).count() == 1
    assert lasting(world.customer) == [visit]


def test_X1_what_a_machine_does_names_it_in_the_log_and_is_of_its_visit(world: World, robot: ServiceAccount) -> None:
    call = call_by(robot, world.agent)
    customer = console(call, world.customer.customer_id, VIEW)
    event = record_audit(EventName.CHANGE_USER, actor=call.actor, customer=customer)
    event.refresh_from_db()
    assert (event.client_id, event.client_name) == (robot.pk, "Robot")
    assert event.console_session_id == visits()[0].pk and event.actor_email == world.agent.email


def test_X4_after_twelve_hours_and_in_another_window_it_enters_again(world: World, robot: ServiceAccount) -> None:
    console(call_by(robot, world.agent), world.customer.customer_id, VIEW)
    ConsoleSession.objects.update(entered_at=F("entered_at") - timedelta(hours=11, minutes=59))
    console(call_by(robot, world.agent), world.customer.customer_id, VIEW)
    assert len(visits()) == 1
    ConsoleSession.objects.update(entered_at=F("entered_at") - timedelta(minutes=2))
    assert lasting(world.customer) == []
    console(call_by(robot, world.agent), world.customer.customer_id, VIEW)
    assert [visit.ended_because for visit in visits()] == ["over", ""]
    for allowed in (False, True):
        shut(world, allowed)
    console(call_by(robot, world.agent), world.customer.customer_id, VIEW)
    assert [visit.ended_because for visit in visits()] == ["over", "over", ""]


def shut(world: World, allowed: bool) -> None:
    """The box of the console, and a worker at once."""
    wanted = [wish(world.customer, world.reseller, allowed)]
    desired.save_reseller_access(actor=world.admin, customer=world.customer, desired=wanted)
    propagate()


def test_X4_each_account_and_each_person_enters_by_itself(world: World, robot: ServiceAccount) -> None:
    admin = put_person(world.reseller, Role.RESELLER_ADMIN)
    other = account_of(world.agent, name="Other")
    for account, person in ((robot, world.agent), (robot, admin), (other, world.agent)):
        console(call_by(account, person), world.customer.customer_id, VIEW)
    assert [(visit.client, visit.agent) for visit in visits()] == [
        (robot, world.agent),
        (robot, admin),
        (other, world.agent),
    ]
    assert len(lasting(world.customer)) == 3


def test_R8_a_closed_console_is_closed_with_the_next_call(world: World, robot: ServiceAccount) -> None:
    console(call_by(robot, world.agent), world.customer.customer_id, VIEW)
    shut(world, False)
    with pytest.raises(Forbidden):
        console(call_by(robot, world.agent), world.customer.customer_id, VIEW)
    assert lasting(world.customer) == []


def test_X2_a_customer_keeps_machines_out_at_once_and_lets_them_in_with_a_proof(
    world: World, robot: ServiceAccount
) -> None:
    console(call_by(robot, world.agent), world.customer.customer_id, VIEW)
    assert rules(world, is_stale=True, machines=False)
    assert lasting(world.customer) == []
    with pytest.raises(Forbidden):
        console(call_by(robot, world.agent), world.customer.customer_id, VIEW)
    with pytest.raises(ProofNeeded):
        rules(world, is_stale=True, machines=True)
    assert rules(world, machines=True)
    console(call_by(robot, world.agent), world.customer.customer_id, VIEW)


def test_X4_who_was_put_out_comes_back_in_the_next_window_only(world: World, robot: ServiceAccount) -> None:
    """None of the account, whichever person it acts for; another account of the same reseller is none of it."""
    admin = put_person(world.reseller, Role.RESELLER_ADMIN)
    console(call_by(robot, world.agent), world.customer.customer_id, VIEW)
    [visit] = visits()
    assert end_console_session(actor=world.admin, customer=world.customer, session_id=visit.pk)
    for person in (world.agent, admin):
        with pytest.raises(Forbidden, match="put this service account out"):
            console(call_by(robot, person), world.customer.customer_id, VIEW)
    ConsoleSession.objects.update(entered_at=F("entered_at") - timedelta(hours=13))
    with pytest.raises(Forbidden):
        console(call_by(robot, world.agent), world.customer.customer_id, VIEW)
    console(call_by(account_of(world.agent), world.agent), world.customer.customer_id, VIEW)
    shut(world, False)
    shut(world, True)
    assert console(call_by(robot, world.agent), world.customer.customer_id, VIEW)


def test_R15_where_a_customer_asks_for_a_reason_the_request_carries_it(world: World, robot: ServiceAccount) -> None:
    entering.ask_for_entry_reason(actor=world.admin, customer=world.customer, required=True)
    for headers in ({}, {"X-Goog-Request-Reason": " "}):
        with pytest.raises(Forbidden, match="X-Goog-Request-Reason"):
            console(call_by(robot, world.agent, **headers), world.customer.customer_id, VIEW)
    assert visits() == []
    headers = {"X-Goog-Request-Reason": "Nightly backup"}
    console(call_by(robot, world.agent, **headers), world.customer.customer_id, VIEW)
    assert visits()[0].reason == "Nightly backup"
    event = AuditEvent.objects.get(name=EventName.RESELLER_CONSOLE_ENTERED)
    assert event.new_value["reason"] == "Nightly backup"


def test_P12_where_a_customer_asks_for_a_second_factor_no_machine_is_let_in(
    world: World, robot: ServiceAccount
) -> None:
    console(call_by(robot, world.agent), world.customer.customer_id, VIEW)
    rules(world, second_factor=True)
    assert lasting(world.customer) == []
    with pytest.raises(Forbidden, match="second factor"):
        console(call_by(robot, world.agent), world.customer.customer_id, VIEW)


def test_X1_a_role_that_does_not_do_and_a_stranger_are_refused_without_an_entry(
    world: World, robot: ServiceAccount
) -> None:
    for permission in (Permission.VIEW_AUDIT_LOG, Permission.CHANGE_RESELLER_ACCESS, Permission.VIEW_BILLING):
        with pytest.raises(Forbidden):
            console(call_by(robot, world.agent), world.customer.customer_id, permission)
    stranger = make_world()
    for key in (
        stranger.customer.customer_id,
        stranger.customer.primary_domain,
        "my_customer",
        "C00000000",
        "x.example",
        "",
        "\0",
        "C" * 999,
    ):
        with pytest.raises(NotFound):
            console(call_by(robot, world.agent), key, VIEW)
    for key in (stranger.admin.user.email, stranger.admin.user.public_id, "x@y.example", "1" * 21):
        with pytest.raises(NotFound):
            console_of_user(call_by(robot, world.agent), key, VIEW)
    assert visits() == []


def test_a_person_of_the_customer_enters_nothing(world: World) -> None:
    account = account_of(world.admin.user)
    call = call_by(account, world.admin.user)
    for key in ("my_customer", world.customer.customer_id, world.customer.primary_domain):
        assert console(call, key, Permission.VIEW_AUDIT_LOG) == world.customer
    auditor = put_person(world.customer, Role.AUDITOR)
    with pytest.raises(Forbidden):
        console(call_by(account, auditor), "my_customer", Permission.MANAGE_USERS)
    note_shown(call, {"primaryEmail": "ana@acme.example"})
    assert visits() == [] and not OpenedPage.objects.exists()


def test_an_account_by_itself_has_no_console(world: World, robot: ServiceAccount) -> None:
    """Not of its own customer either: it holds no role."""
    for account, key in ((robot, world.customer.customer_id), (account_of(world.admin.user), "my_customer")):
        request = RequestFactory().get("/")
        call = Call("directory.users.list", {}, {}, Actor.of_machine(account, None, None), frozenset(), request)
        with pytest.raises(ApiError) as refused:
            console(call, key, VIEW)
        assert refused.value.status in (403, 404)


def test_a_person_is_found_by_addresses_and_id(world: World, robot: ServiceAccount) -> None:
    person = world.admin.user
    for key in (person.email, person.email.upper(), person.public_id):
        found = console_of_user(call_by(robot, world.agent), key, VIEW)
        assert found == person and found.customer == world.customer
    assert len(visits()) == 1


def test_R23_what_a_machine_reads_is_written_down_with_its_visit(world: World, robot: ServiceAccount) -> None:
    call = call_by(robot, world.agent)
    console(call, world.customer.customer_id, VIEW)
    note_shown(call, {"kind": "admin#directory#user", "primaryEmail": "ana@acme.example"})
    listing = call_by(robot, world.agent, "directory.users.list")
    listing = Call(**{**{n: getattr(listing, n) for n in Call.__slots__}, "params": {"query": "a", "pageToken": "x"}})
    console(listing, world.customer.customer_id, VIEW)
    note_shown(listing, {"users": [{}, {}, {}], "kind": "x"})
    one, several = OpenedPage.objects.order_by("pk")
    assert (one.page, one.title, one.rows, one.filter) == ("directory.users.get", "ana@acme.example", None, "")
    assert (several.page, several.rows, several.filter) == ("directory.users.list", 3, "query=a")
    assert one.console_session == several.console_session == visits()[0]


def test_R23_what_cannot_be_written_down_is_not_shown(
    world: World, robot: ServiceAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = call_by(robot, world.agent)
    console(call, world.customer.customer_id, VIEW)

    def fail(*_arguments: Any, **_more: Any) -> None:
        raise DatabaseError("full")

    monkeypatch.setattr(opened, "note_opened", fail)
    with pytest.raises(ApiError) as refused:
        note_shown(call, {})
    assert refused.value.status == 503 and refused.value.headers["Retry-After"]


def test_a_suspended_account_is_inside_no_more_and_its_entry_is_tidied_up(world: World, robot: ServiceAccount) -> None:
    console(call_by(robot, world.agent), world.customer.customer_id, VIEW)
    assert write_down_what_is_over() == 0
    admin = put_person(world.reseller, Role.RESELLER_ADMIN)
    suspend_service_account(actor=Actor(user=admin), account=robot)
    assert lasting(world.customer) == []
    assert write_down_what_is_over() == 1
