"""Devices: who waits for approval, and what several at once come to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.directory import devices, org_units
from accounts.directory.tree import tree_of
from accounts.errors import Refused
from accounts.models import AuditEvent, Customer, Device
from accounts.models.devices import DeviceStatus
from tests.access.world import propagate, sell
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def enrol(customer: Customer, serial_number: str, kind: str = "android") -> Device:
    return devices.enrol_device(actor=None, customer=customer, kind=kind, serial_number=serial_number)


def states(customer: Customer) -> dict[str, str]:
    return dict(customer.devices.order_by("pk").values_list("serial_number", "status"))


def test_a_mobile_device_waits_where_its_unit_says_so(cast: Cast) -> None:
    acme = cast.acme.customer
    root = tree_of(acme).root
    sales = org_units.create_org_unit(actor=None, customer=acme, parent=root, name="Sales")
    org_units.edit_org_unit(actor=None, unit=root, name="", description="", approves_mobile_devices=True)
    statuses = {kind: enrol(acme, kind, kind).status for kind in ("android", "ios", "chromeos")}
    assert statuses == {"android": "pending", "ios": "pending", "chromeos": "approved"}
    org_units.edit_org_unit(actor=None, unit=sales, name="Sales", description="", approves_mobile_devices=False)
    device = devices.enrol_device(actor=None, customer=acme, kind="ios", serial_number="x", org_unit=sales)
    assert device.status == DeviceStatus.APPROVED


def test_a_device_stands_by_default_where_its_user_stands(cast: Cast) -> None:
    acme, dave = cast.acme.customer, cast.acme.nobody
    dave.org_unit = org_units.create_org_unit(actor=None, customer=acme, parent=tree_of(acme).root, name="Sales")
    dave.save(update_fields=["org_unit"])
    device = devices.enrol_device(
        actor=Actor(cast.acme.super_admin),
        customer=acme,
        kind="chromeos",
        serial_number=" 5cd 123ab ",
        model="Chromebook  x360",
        os_version="128.0",
        user=dave,
    )
    assert (device.serial_number, device.org_unit, device.model) == ("5CD123AB", dave.org_unit, "Chromebook x360")
    event = AuditEvent.objects.order_by("-id")[0]
    assert (event.name, event.subject) == ("ENROLL_DEVICE", "5CD123AB")
    assert event.new_value == {
        "device_kind": "chromeos",
        "serial_number": "5CD123AB",
        "model": "Chromebook x360",
        "os_version": "128.0",
        "device_status": "approved",
        "org_unit": "/Sales",
        "device_user": "dave@acme.example",
    }


def test_a_serial_number_is_enrolled_once_per_customer_in_any_spelling(cast: Cast) -> None:
    enrol(cast.acme.customer, "abc-1")
    enrol(cast.globex.customer, "abc-1")
    for spelling in ("abc-1", "ABC-1", "a b c - 1"):
        with pytest.raises(Refused) as refused:
            enrol(cast.acme.customer, spelling)
        assert refused.value.field == "serial_number"
    for nothing in ("", "  ", "\x00", "x" * 65, "a\u202eb"):
        with pytest.raises(Refused):
            enrol(cast.acme.customer, nothing)
    assert states(cast.acme.customer) == {"ABC-1": "approved"}


def test_people_and_units_of_a_stranger_and_unknown_kinds_are_refused(cast: Cast) -> None:
    acme, globex = cast.acme.customer, cast.globex.customer
    attempts: list[Callable[[], object]] = [
        lambda: devices.enrol_device(
            actor=None, customer=acme, kind="ios", serial_number="1", user=cast.globex.super_admin
        ),
        lambda: devices.enrol_device(
            actor=None, customer=acme, kind="ios", serial_number="1", org_unit=tree_of(globex).root
        ),
        lambda: enrol(acme, "1", "toaster"),
    ]
    for attempt in attempts:
        with pytest.raises(Refused):
            attempt()
    assert states(acme) == {}


def test_several_devices_change_with_one_event_each_and_only_those_that_differ(cast: Cast) -> None:
    acme, actor = cast.acme.customer, Actor(cast.acme.super_admin)
    ids = [enrol(acme, serial).pk for serial in ("a", "b", "c")]
    theirs = enrol(cast.globex.customer, "a")
    assert len(devices.block_devices(actor=actor, customer=acme, devices=ids[:2])) == 2
    assert len(devices.block_devices(actor=actor, customer=acme, devices=[*ids, theirs.pk, 0])) == 1
    assert len(devices.approve_devices(actor=actor, customer=acme, devices=ids[:1])) == 1
    assert states(acme) == {"A": "approved", "B": "blocked", "C": "blocked"}
    assert states(cast.globex.customer) == {"A": "approved"}
    sales = org_units.create_org_unit(actor=None, customer=acme, parent=tree_of(acme).root, name="Sales")
    for moved in (2, 0):
        number = len(devices.move_devices(actor=actor, customer=acme, devices=[*ids[:2], theirs.pk], org_unit=sales))
        assert number == moved
    for removed in (1, 0):
        assert len(devices.remove_devices(actor=actor, customer=acme, devices=[ids[0], theirs.pk])) == removed
    written = AuditEvent.objects.filter(actor_id=actor.user.pk).order_by("id").values_list("name", "subject")
    assert list(written) == [
        ("BLOCK_DEVICE", "A"),
        ("BLOCK_DEVICE", "B"),
        ("BLOCK_DEVICE", "C"),
        ("APPROVE_DEVICE", "A"),
        ("MOVE_DEVICE_TO_ORG_UNIT", "A"),
        ("MOVE_DEVICE_TO_ORG_UNIT", "B"),
        ("REMOVE_DEVICE", "A"),
    ]
    kept = AuditEvent.objects.get(name="REMOVE_DEVICE").old_value
    assert kept == {"device_kind": "android", "serial_number": "A", "device_status": "approved", "org_unit": "/Sales"}
    assert states(cast.globex.customer) == {"A": "approved"}
    with pytest.raises(Refused):
        devices.move_devices(actor=actor, customer=acme, devices=ids, org_unit=tree_of(cast.globex.customer).root)


def test_fifty_devices_take_as_many_queries_as_one(cast: Cast) -> None:
    acme = cast.acme.customer
    counts = set()
    for name, number in (("a", 1), ("b", 50)):
        ids = [enrol(acme, f"{name}{n}").pk for n in range(number)]
        with CaptureQueriesContext(connection) as queries:
            devices.block_devices(actor=None, customer=acme, devices=ids)
            devices.remove_devices(actor=None, customer=acme, devices=ids)
        counts.add(len(queries))
    assert len(counts) == 1


@pytest.mark.parametrize("who", ["auditor", "stranger", "agent"])
def test_R11_only_who_manages_devices_at_this_instant_changes_them(who: str, cast: Cast) -> None:
    acme = cast.acme.customer
    device = enrol(acme, "a")
    persons = {"auditor": cast.acme.auditor, "stranger": cast.globex.super_admin, "agent": cast.resale_one.agent}
    actor = Actor(persons[who])
    attempts: list[Callable[[], object]] = [
        lambda: devices.enrol_device(actor=actor, customer=acme, kind="ios", serial_number="b"),
        lambda: devices.block_devices(actor=actor, customer=acme, devices=[device.pk]),
        lambda: devices.approve_devices(actor=actor, customer=acme, devices=[device.pk]),
        lambda: devices.move_devices(actor=actor, customer=acme, devices=[device.pk], org_unit=device.org_unit),
        lambda: devices.remove_devices(actor=actor, customer=acme, devices=[device.pk]),
    ]
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()
    assert states(acme) == {"A": "approved"}
    if who == "agent":  # the same agent, once access is in force
        sell(acme, cast.resale_one.reseller)
        propagate()
        for attempt in attempts:
            attempt()
        assert states(acme) == {"B": "approved"}


def test_what_admins_note_about_a_device_is_kept_and_nothing_follows_from_it(cast: Cast) -> None:
    acme, alice = cast.acme.customer, Actor(cast.acme.super_admin)
    device = enrol(acme, "5CD1", "chromeos")

    def note(actor: Actor, **noted: str) -> Device:
        nothing = {"annotated_user": "", "annotated_asset_id": "", "annotated_location": "", "notes": ""}
        return devices.annotate_device(actor=actor, device=device, **(nothing | noted))

    note(alice, annotated_user=" Dave  at the  desk", notes="Lent\nuntil May", annotated_location="Berlin")
    device.refresh_from_db()
    assert (device.annotated_user, device.annotated_asset_id) == ("Dave at the desk", "")
    assert (device.annotated_location, device.notes, device.status) == ("Berlin", "Lent\nuntil May", "approved")
    event = AuditEvent.objects.order_by("-id")[0]
    assert (event.name, event.subject, event.actor_id) == ("UPDATE_DEVICE", "5CD1", cast.acme.super_admin.pk)
    assert event.old_value == {"annotated_user": "", "annotated_location": "", "notes": ""}
    written = AuditEvent.objects.count()
    note(alice, annotated_user="Dave at the desk", notes="Lent\nuntil May", annotated_location="Berlin")
    assert AuditEvent.objects.count() == written
    for field, length in {
        "annotated_user": 100,
        "annotated_asset_id": 100,
        "annotated_location": 200,
        "notes": 500,
    }.items():
        note(alice, **{field: "x" * length})
        with pytest.raises(Refused) as refused:
            note(alice, **{field: "x" * (length + 1)})
        assert refused.value.field == field
    with pytest.raises(PermissionDenied):
        note(Actor(cast.acme.auditor), notes="Mine")
    devices.remove_devices(actor=alice, customer=acme, devices=[device.pk])
    with pytest.raises(Refused) as refused:
        note(alice, notes="Late")
    assert refused.value.reason == "notFound"
