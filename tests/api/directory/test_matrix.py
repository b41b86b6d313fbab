"""Who may call which method of groups, members, units, roles and devices; strangers are told nothing (X1, X2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.directory.groups import add_members
from accounts.models import AuditEvent, ConsoleSession, DirectoryGroup, User
from accounts.roles import Role
from api.core.methods import method
from tests.access.world import propagate, sell
from tests.api.calls import call_of
from tests.api.directory.each_method import CLOSED, READING, WRITING
from tests.api.directory.world import Things, make_device, make_group, refusal, things_of
from tests.api.google import service
from tests.api.machines import machine
from tests.cast import Cast
from tests.factories import fresh, make_person, make_unit

Api = Callable[[User], Any]


@pytest.fixture
def as_() -> Api:
    """The Directory API, as a machine of a person calls it."""
    return lambda person: service(Client(), machine(person), "admin", "directory_v1")


@pytest.fixture
def things(cast: Cast) -> Things:
    for person in (*cast.acme.people, *cast.globex.people):
        person.refresh_from_db()
    cast.acme.customer.refresh_from_db()
    return things_of(cast.acme.customer, [cast.acme.nobody])


def test_X1_a_super_admin_calls_everything_that_is_not_closed_to_all(as_: Api, cast: Cast, things: Things) -> None:
    api = as_(cast.acme.super_admin)
    for name, request in {**READING, **WRITING}.items():
        request(api, things).execute()
        assert method(name.partition(" ")[0]) is not None
    for request in CLOSED.values():
        assert refusal(request(api, things)) == (403, "forbidden")


def test_X1_an_auditor_reads_and_changes_nothing(as_: Api, cast: Cast, things: Things) -> None:
    api = as_(cast.acme.auditor)
    for request in READING.values():
        request(api, things).execute()
    for name, request in {**WRITING, **CLOSED}.items():
        assert refusal(request(api, things)) == (403, "forbidden"), name


@pytest.mark.parametrize("role", [None, Role.HELP_DESK_ADMIN, Role.SUPPORT, Role.SUPPORT_MANAGER])
def test_X1_who_sees_no_groups_units_roles_and_devices_on_pages_sees_none_here(
    as_: Api, cast: Cast, things: Things, role: Role | None
) -> None:
    person = make_person(cast.acme.customer, *([role] if role else []), name="Eve")
    api = as_(person)
    for name, request in {**READING, **WRITING, **CLOSED}.items():
        assert refusal(request(api, things)) == (403, "forbidden"), name


def test_X1_a_user_management_admin_keeps_groups_and_units_alone(as_: Api, cast: Cast, things: Things) -> None:
    api = as_(make_person(cast.acme.customer, Role.USER_MANAGEMENT_ADMIN, name="Eve"))
    own = ("directory.groups", "directory.members", "directory.orgunits")
    for name, request in {**READING, **WRITING}.items():
        if name.startswith(own):
            request(api, things).execute()
        else:
            assert refusal(request(api, things)) == (403, "forbidden"), name


def test_a_stranger_is_told_of_nothing_that_there_is(as_: Api, cast: Cast, things: Things) -> None:
    for stranger in (cast.globex.super_admin, cast.resale_two.admin):
        api = as_(stranger)
        for name, request in {**READING, **WRITING, **CLOSED}.items():
            assert refusal(request(api, things)) == (404, "notFound"), name


def test_R14_a_resellers_machine_keeps_groups_units_and_devices_while_access_is_in_force(
    as_: Api, cast: Cast, things: Things
) -> None:
    api = as_(cast.resale_one.agent)
    name = "directory.groups.get"
    assert refusal(READING[name](api, things)) == (404, "notFound")
    sell(cast.acme.customer, cast.resale_one.reseller)
    propagate()
    for name, request in {**READING, **WRITING}.items():
        if "role" in name or "privilege" in name:
            assert refusal(request(api, things)) == (403, "forbidden"), name
        else:
            request(api, things).execute()
    written = AuditEvent.objects.filter(name="MOVE_ORG_UNIT") | AuditEvent.objects.filter(name="CREATE_GROUP")
    assert set(written.filter(actor_id=cast.resale_one.agent.pk).values_list("client_name", flat=True)) - {""}
    entries = ConsoleSession.objects.filter(customer=cast.acme.customer, agent=cast.resale_one.agent)
    assert entries.count() == 1


def test_another_customers_ids_are_nobodys_in_ones_own_console(as_: Api, cast: Cast, things: Things) -> None:
    """Mirror: with Globex's own customer, and everything else Acme's, the answer is as for what is not there."""
    api = as_(cast.globex.super_admin)
    cast.globex.customer.refresh_from_db()
    mirrored = Things(**{**vars(things), "customer": cast.globex.customer})
    lists = {name for name in READING if ".list" in name or "count" in name or ".roles." in name}
    known = {"directory.groups.insert", "directory.roles.insert", *CLOSED}
    for name, request in {**READING, **WRITING}.items():
        if name in (lists - {"directory.groups.list by user", "directory.members.list"}) | known:
            continue
        if name == "admin.customer.devices.chromeos.batchChangeStatus":
            [result] = request(api, mirrored).execute()["changeChromeOsDeviceStatusResults"]
            assert result["error"]["code"] == 5
        elif name == "directory.orgunits.insert":
            assert refusal(request(api, mirrored)) == (400, "invalid")
        else:
            assert refusal(request(api, mirrored)) == (404, "notFound"), name
    things.chromebook.refresh_from_db()
    assert (things.chromebook.notes, things.chromebook.org_unit_id) == (
        "",
        things.customer.org_units.get(parent=None).pk,
    )


def queries(name: str, person: User, params: dict[str, Any]) -> int:
    """How many queries a list takes, without those that say who calls."""
    function = method(name)
    assert function is not None
    with CaptureQueriesContext(
        connection,
    ) as caught:
        function(call_of(fresh(person), name, params))
    return len(caught)


@pytest.mark.django_db
def test_lists_take_as_many_queries_for_fifty_rows_as_for_one(cast: Cast) -> None:
    acme, alice = cast.acme.customer, cast.acme.super_admin
    acme.refresh_from_db()
    things_of(acme, [cast.acme.nobody])
    customer = acme.customer_id
    lists = {
        "directory.groups.list": {"customer": customer},
        "directory.members.list": {"groupKey": "team@acme.example"},
        "directory.orgunits.list": {"customerId": customer, "type": "all"},
        "directory.roleAssignments.list": {"customer": customer},
        "directory.chromeosdevices.list": {"customerId": customer},
        "directory.mobiledevices.list": {"customerId": customer},
    }
    few = {name: queries(name, alice, params) for name, params in lists.items()}
    people = [make_person(acme, Role.AUDITOR, name=f"P{number}") for number in range(50)]
    for number, person in enumerate(people):
        make_group(acme, f"G{number}")
        make_unit(acme, f"U{number}")
        make_device(acme, f"C{number}", user=person)
        make_device(acme, f"A{number}", "android", user=person)
    add_members(actor=None, group=DirectoryGroup.objects.get(email="team@acme.example"), people=people)
    assert {name: queries(name, alice, params) for name, params in lists.items()} == few
    assert max(few.values()) <= 12, few
