"""Channels: a machine is told of what it may read, at its URL, for some hours (X5, X6, R11)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from googleapiclient.errors import HttpError

from accounts.audit import EventName, record_audit
from accounts.clock import database_now
from accounts.models import ActivityChannel, AuditEvent, RoleAssignment, User, WebhookDelivery, WebhookEndpoint
from accounts.webhooks.sending import due_deliveries
from tests.accounts.webhooks.receiver import Got, Receiver, receiver
from tests.api.google import service
from tests.api.machines import account_of, machine
from tests.cast import Cast
from tests.support.world import acting


@pytest.fixture
def program() -> Iterator[Receiver]:
    """A program that is told."""
    with receiver() as server:
        yield server


def reports(person: User, token: str = "") -> Any:
    return service(Client(), token or machine(person), "admin", "reports_v1")


def watch(person: User, program: Receiver, name: str = "my-channel", **asked: Any) -> Any:
    body = {"id": name, "type": "web_hook", "address": program.url, "token": "from=us"} | asked.pop("body", {})
    params = {"userKey": "all", "applicationName": "admin"} | asked
    return reports(person).activities().watch(body=body, **params).execute()


def happen(person: User, name: EventName = EventName.CREATE_GROUP, subject: str = "all@acme.example") -> None:
    record_audit(name, actor=acting(person), customer=person.customer_id, subject=subject)


def told(program: Receiver) -> list[Got]:
    """What came since, beside the first message."""
    sum(due_deliveries())
    found, program.got = program.got, []
    return [got for got in found if got.headers["x-goog-resource-state"] != "sync"]


def test_X5_activities_come_as_they_are_listed_with_the_headers_of_the_original(cast: Cast, program: Receiver) -> None:
    alice = cast.acme.super_admin
    channel = watch(alice, program)
    assert (channel["kind"], channel["id"], channel["token"]) == ("api#channel", "my-channel", "from=us")
    assert channel["resourceUri"] == "http://testserver/admin/reports/v1/activity/users/all/applications/admin"
    in_hours = (int(channel["expiration"]) / 1000 - database_now().timestamp()) / 3600
    assert in_hours == pytest.approx(6, abs=0.05)
    sum(due_deliveries())
    [sync] = program.got
    expected = {
        "x-goog-channel-id": "my-channel",
        "x-goog-channel-token": "from=us",
        "x-goog-resource-id": channel["resourceId"],
        "x-goog-resource-uri": channel["resourceUri"],
        "x-goog-resource-state": "sync",
        "x-goog-message-number": "1",
    }
    assert (sync.body, expected.items() <= sync.headers.items()) == (b"", True)
    assert sync.headers["x-goog-channel-expiration"].endswith("GMT")
    program.got = []
    happen(alice)
    [got] = told(program)
    assert got.headers["x-goog-resource-state"] == "CREATE_GROUP"
    assert int(got.headers["x-goog-message-number"]) > 1
    asked = {"userKey": "all", "applicationName": "admin", "eventName": "CREATE_GROUP"}
    [listed] = reports(alice).activities().list(**asked).execute()["items"]
    listed.pop("etag", None)
    assert json.loads(got.body) == listed
    [opened] = AuditEvent.objects.filter(name="CREATE_CHANNEL")
    assert (opened.subject, opened.actor_email, opened.new_value) == (
        "my-channel", "alice@acme.example", {"host": program.url.split("/")[2]},
    )  # fmt: skip


def test_only_what_was_asked_for_comes(cast: Cast, program: Receiver) -> None:
    alice, bob = cast.acme.super_admin, cast.acme.support_manager
    watch(alice, program, userKey=bob.email, eventName="CREATE_GROUP", filters="GROUP_EMAIL==one@acme.example")
    happen(alice, subject="one@acme.example")
    happen(bob, subject="two@acme.example")
    happen(bob, EventName.DELETE_GROUP, subject="one@acme.example")
    happen(cast.globex.super_admin, subject="one@acme.example")
    assert told(program) == []
    happen(bob, subject="one@acme.example")
    [got] = told(program)
    assert json.loads(got.body)["actor"]["email"] == bob.email


def test_R11_nothing_comes_any_more_when_the_right_the_person_the_machine_or_the_time_is_gone(
    cast: Cast, program: Receiver
) -> None:
    auditor = cast.acme.auditor
    for number, ends in enumerate((_role_taken, _suspended, _machine_suspended, _expired)):
        watch(auditor, program, f"channel-{number}")
        happen(cast.acme.super_admin)
        assert len(told(program)) == 1, ends
        undo = ends(auditor)
        happen(cast.acme.super_admin)
        assert told(program) == [], ends
        assert not WebhookEndpoint.objects.filter(removed_at=None).exists(), "it is over for good"
        undo()
    assert not WebhookDelivery.objects.filter(settled_at=None).exists()


def _role_taken(person: User) -> Any:
    rows = list(RoleAssignment.objects.filter(user=person))
    RoleAssignment.objects.filter(user=person).delete()
    return lambda: RoleAssignment.objects.bulk_create(rows)


def _suspended(person: User) -> Any:
    User.objects.filter(pk=person.pk).update(is_active=False)
    return lambda: User.objects.filter(pk=person.pk).update(is_active=True)


def _machine_suspended(person: User) -> Any:
    account = ActivityChannel.objects.latest("pk").account
    assert account is not None
    account.suspended_at = database_now()
    account.save(update_fields=["suspended_at"])
    return lambda: None


def _expired(person: User) -> Any:
    ActivityChannel.objects.update(expires_at=database_now() - timedelta(seconds=1))
    return lambda: None


def test_a_channel_is_stopped_by_the_person_who_began_it_and_nobody_else(cast: Cast, program: Receiver) -> None:
    alice = cast.acme.super_admin
    channel = watch(alice, program)
    body = {"id": channel["id"], "resourceId": channel["resourceId"]}
    for stranger in (cast.acme.auditor, cast.globex.super_admin, cast.resale_one.admin):
        with pytest.raises(HttpError) as error:
            reports(stranger).channels().stop(body=body).execute()
        assert error.value.resp.status == 404
    assert reports(alice).channels().stop(body=body).execute() == ""
    told(program)
    happen(alice)
    assert told(program) == []
    with pytest.raises(HttpError):
        reports(alice).channels().stop(body=body).execute()
    assert AuditEvent.objects.filter(name="STOP_CHANNEL").count() == 1


def test_a_reseller_is_told_what_its_own_people_do(cast: Cast, program: Receiver) -> None:
    watch(cast.resale_one.admin, program)
    record_audit(
        EventName.CREATE_GROUP,
        actor=acting(cast.resale_one.agent),
        customer=cast.acme.customer,
        subject="x@acme.example",
    )
    record_audit(
        EventName.CREATE_GROUP, actor=acting(cast.resale_two.agent), customer=cast.globex.customer, subject="y"
    )
    [got] = told(program)
    assert json.loads(got.body)["actor"]["email"] == cast.resale_one.agent.email


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"body": {"address": "https://10.0.0.1/hook"}}, 400),
        ({"body": {"address": "http://example.com/hook"}}, 400),
        ({"body": {"id": "no spaces"}}, 400),
        ({"body": {"type": "mail"}}, 400),
        ({"body": {"token": "x" * 300}}, 400),
        ({"body": {"token": "a\r\nX-Other: b"}}, 400),
        ({"body": {"expiration": "1"}}, 400),
        ({"body": {"params": {"ttl": "soon"}}}, 400),
        ({"filters": "NEW_VALUE==1"}, 400),
        ({"customerId": "C00000000"}, 404),
    ],
)
def test_what_cannot_be_watched_is_refused(cast: Cast, program: Receiver, asked: dict[str, Any], status: int) -> None:
    with pytest.raises(HttpError) as error:
        watch(cast.acme.super_admin, program, **asked)
    assert error.value.resp.status == status
    assert not ActivityChannel.objects.exists()


def test_a_channel_ends_when_its_client_says_and_its_id_is_free_again(cast: Cast, program: Receiver) -> None:
    alice = cast.acme.super_admin
    channel = watch(alice, program, body={"params": {"ttl": "600"}})
    in_minutes = (int(channel["expiration"]) / 1000 - database_now().timestamp()) / 60
    assert in_minutes == pytest.approx(10, abs=0.5)
    with pytest.raises(HttpError) as error:
        watch(alice, program)
    assert error.value.resp.status == 409
    _expired(alice)
    assert watch(alice, program)["id"] == "my-channel"
    with pytest.raises(HttpError) as error:
        watch(cast.acme.nobody, program, "another")
    assert error.value.resp.status == 403


def test_a_machine_keeps_to_its_scopes(cast: Cast, program: Receiver) -> None:
    alice = cast.acme.super_admin
    token = machine(alice, "admin.reports.usage.readonly", account=account_of(alice))
    with pytest.raises(HttpError) as error:
        reports(alice, token).activities().list(userKey="all", applicationName="admin").execute()
    assert error.value.resp.status == 403
