"""ChromeOS and mobile devices in the Directory API, called with Google's own client."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent, Device
from tests.api.directory.world import all_pages, make_device, refusal
from tests.api.google import service
from tests.api.machines import machine
from tests.cast import Cast
from tests.factories import make_unit

DAY = timedelta(days=1)


@pytest.fixture
def directory(cast: Cast) -> Any:
    return service(Client(), machine(cast.acme.super_admin), "admin", "directory_v1")


@pytest.fixture
def chromebooks(cast: Cast) -> dict[str, Device]:
    """AAA111 of Dave in /Sales/North, BBB222 in /Sales, blocked, CCC333 at the top, never seen."""
    acme = cast.acme.customer
    sales = make_unit(acme, "Sales")
    north = make_unit(acme, "North", sales)
    found = {
        "a": make_device(
            acme, "AAA111", model="Pixelbook Go", os_version="128.0", user=cast.acme.nobody, org_unit=north
        ),
        "b": make_device(acme, "BBB222", org_unit=sales),
        "c": make_device(acme, "CCC333"),
    }
    make_device(acme, "MMM444", "android")
    make_device(cast.globex.customer, "GGG555")
    seen, day = Device.objects.filter, datetime
    seen(pk=found["a"].pk).update(last_seen_at=day(2026, 11, 2, tzinfo=UTC), enrolled_at=day(2026, 1, 1, tzinfo=UTC))
    seen(pk=found["b"].pk).update(
        last_seen_at=day(2026, 11, 1, 12, tzinfo=UTC), status="blocked", notes="lent from john"
    )
    seen(pk=found["c"].pk).update(annotated_asset_id="X-1", annotated_location="Berlin", annotated_user="Joe Small")
    for device in found.values():
        device.refresh_from_db()
    return found


def serials(answer: dict[str, Any]) -> str:
    return "".join(device["serialNumber"][0].lower() for device in answer["chromeosdevices"])


def test_a_chromebook_is_read_with_what_is_known_of_it(directory: Any, chromebooks: dict[str, Device]) -> None:
    # https://developers.google.com/workspace/admin/directory/v1/guides/manage-chrome-devices
    device, devices = chromebooks["a"], directory.chromeosdevices()
    shown = devices.get(customerId="my_customer", deviceId=device.public_id).execute()
    assert {**shown, "etag": ""} == {
        "kind": "admin#directory#chromeosdevice",
        "etag": "",
        "deviceId": device.public_id,
        "serialNumber": "AAA111",
        "status": "ACTIVE",
        "model": "Pixelbook Go",
        "osVersion": "128.0",
        "orgUnitPath": "/Sales/North",
        "orgUnitId": device.org_unit.public_id,
        "firstEnrollmentTime": "2026-01-01T00:00:00.000Z",
        "lastEnrollmentTime": "2026-01-01T00:00:00.000Z",
        "lastSync": "2026-11-02T00:00:00.000Z",
        "recentUsers": [{"type": "USER_TYPE_MANAGED", "email": "dave@acme.example"}],
    }
    basic = devices.get(customerId="my_customer", deviceId=device.public_id, projection="BASIC").execute()
    assert "recentUsers" not in basic
    assert devices.get(customerId="my_customer", deviceId=chromebooks["b"].public_id).execute()["status"] == "DISABLED"
    telephone = Device.objects.get(serial_number="MMM444").public_id
    for key in (telephone, str(device.pk), "AAA111", Device.objects.get(serial_number="GGG555").public_id):
        assert refusal(devices.get(customerId="my_customer", deviceId=key)) == (404, "notFound")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        # https://developers.google.com/workspace/admin/directory/v1/list-query-operators
        ("", "abc"),
        ("status:provisioned", "ac"),
        ("status:disabled", "b"),
        ("status:managed", "abc"),
        ("status:deprovisioned", ""),
        ("id:aaa", "a"),
        ("asset_id:x-1", "c"),
        ("register:2026-01-01", "a"),
        ("register:2026-01-02..", "bc"),
        ("sync:2026-11-01", "b"),
        ("sync:2026-11-01..2026-11-02", "ab"),
        ("sync:..2026-11-01", "b"),
        ("user:joe", "c"),
        ('user:"joe small"', "c"),
        ("user:dave", "a"),
        ("location:BERLIN", "c"),
        ('note:"lent from john"', "b"),
        ('public_model_name:"pixelbook"', "a"),
        ("chrome_version:128", "a"),
        ("status:managed sync:2026-11-01.. user:dave", "a"),
    ],
)
def test_chromebooks_are_found_in_the_originals_language(
    directory: Any, chromebooks: dict[str, Device], query: str, found: str
) -> None:
    asked = {"query": query} if query else {}
    assert serials(directory.chromeosdevices().list(customerId="my_customer", **asked).execute()) == found
    counted = directory.customer().devices().chromeos()
    request = counted.countChromeOsDevices(customerId="my_customer", filter=query)
    assert request.execute() == {"count": str(len(found))}


@pytest.mark.parametrize(
    "query", ["joe", "colour:red", "id:ab", "status:lost", "sync:yesterday", "sync:..", 'user:"joe']
)
def test_what_is_no_query_for_devices_is_an_error(directory: Any, cast: Cast, query: str) -> None:
    for devices in (directory.chromeosdevices(), directory.mobiledevices()):
        assert refusal(devices.list(customerId="my_customer", query=query)) == (400, "invalid")


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("serialNumber", "abc"),
        ("lastSync", "cba"),
        ("annotatedUser", "abc"),
        ("annotatedLocation", "abc"),
        ("notes", "acb"),
        ("status", "acb"),
    ],
)
def test_chromebooks_are_ordered_and_pages_leave_out_none(
    directory: Any, chromebooks: dict[str, Device], order: str, found: str
) -> None:
    devices = directory.chromeosdevices()
    for down, expected in (("ASCENDING", found), ("DESCENDING", found[::-1])):
        asked = {"customerId": "my_customer", "orderBy": order, "sortOrder": down}
        assert serials(devices.list(**asked).execute()) == expected
        pages = all_pages(devices, "list", "chromeosdevices", maxResults=1, **asked)
        assert "".join(serials({"chromeosdevices": page}) for page in pages) == expected


def test_chromebooks_of_a_unit_are_listed(directory: Any, chromebooks: dict[str, Device]) -> None:
    devices = directory.chromeosdevices()
    for place in ("/Sales", "Sales", f"id:{chromebooks['b'].org_unit.public_id}"):
        assert serials(devices.list(customerId="my_customer", orgUnitPath=place).execute()) == "b"
        below = devices.list(customerId="my_customer", orgUnitPath=place, includeChildOrgunits=True).execute()
        assert serials(below) == "ab"
    assert refusal(devices.list(customerId="my_customer", orgUnitPath="/Nowhere")) == (404, "notFound")
    assert refusal(devices.list(customerId="my_customer", includeChildOrgunits=True)) == (400, "invalid")


def test_what_is_noted_about_a_chromebook_is_changed(directory: Any, chromebooks: dict[str, Device]) -> None:
    devices, key = directory.chromeosdevices(), {"customerId": "my_customer", "deviceId": chromebooks["c"].public_id}
    sent = {"annotatedUser": "Ana", "notes": "New screen", "annotatedLocation": ""}
    changed = devices.patch(**key, body=sent).execute()
    assert (changed["annotatedUser"], changed["notes"], changed["annotatedAssetId"]) == ("Ana", "New screen", "X-1")
    assert "annotatedLocation" not in changed
    moved = devices.update(**key, body={"orgUnitPath": "/Sales", "serialNumber": "ZZZ"}).execute()
    assert (moved["orgUnitPath"], moved["serialNumber"], moved["notes"]) == ("/Sales", "CCC333", "New screen")
    north = chromebooks["a"].org_unit.public_id
    assert devices.patch(**key, body={"orgUnitId": north}).execute()["orgUnitPath"] == "/Sales/North"
    assert refusal(devices.patch(**key, body={"notes": "x" * 501})) == (400, "invalid")
    assert refusal(devices.patch(**key, body={"orgUnitPath": "/Nowhere"})) == (404, "notFound")
    names = AuditEvent.objects.filter(target_kind="device", subject="CCC333").order_by("id")
    assert list(names.values_list("name", flat=True)) == [
        "ENROLL_DEVICE",
        "UPDATE_DEVICE",
        "MOVE_DEVICE_TO_ORG_UNIT",
        "MOVE_DEVICE_TO_ORG_UNIT",
    ]


def test_chromebooks_are_disabled_enabled_and_deprovisioned(directory: Any, chromebooks: dict[str, Device]) -> None:
    devices, a = directory.chromeosdevices(), chromebooks["a"]

    def act(action: str, **more: str) -> Any:
        body = {"action": action, **more}
        return devices.action(customerId="my_customer", resourceId=a.public_id, body=body)

    for action, status in (("disable", "blocked"), ("reenable", "approved")):
        assert act(action).execute() == ""
        a.refresh_from_db()
        assert a.status == status
    assert refusal(act("wipe")) == refusal(act("deprovision")) == (400, "invalid")
    assert refusal(act("deprovision", deprovisionReason="because")) == (400, "invalid")
    act("deprovision", deprovisionReason="retiring_device").execute()
    assert not Device.objects.filter(pk=a.pk).exists()
    assert AuditEvent.objects.get(name="REMOVE_DEVICE").new_value == {"deprovision_reason": "retiring_device"}
    assert refusal(devices.get(customerId="my_customer", deviceId=a.public_id)) == (404, "notFound")
    assert refusal(act("disable")) == (404, "notFound")


def test_several_chromebooks_are_moved_or_none(directory: Any, chromebooks: dict[str, Device], cast: Cast) -> None:
    devices, ids = directory.chromeosdevices(), [device.public_id for device in chromebooks.values()]

    def move(*keys: str, to: str = "/Sales") -> Any:
        body = {"deviceIds": list(keys)}
        return devices.moveDevicesToOu(customerId="my_customer", orgUnitPath=to, body=body)

    stranger = Device.objects.get(serial_number="GGG555")
    assert refusal(move(*ids, stranger.public_id)) == (404, "notFound")
    assert refusal(move(*ids, to="/Nowhere")) == (404, "notFound")
    assert refusal(move()) == refusal(move(*(f"{number}" for number in range(51)))) == (400, "invalid")
    assert AuditEvent.objects.filter(name="MOVE_DEVICE_TO_ORG_UNIT").count() == 0
    assert move(*ids).execute() == ""
    assert {device.org_unit.name for device in cast.acme.customer.devices.filter(kind="chromeos")} == {"Sales"}


def test_the_status_of_several_chromebooks_is_changed(directory: Any, chromebooks: dict[str, Device]) -> None:
    chromeos, stranger = directory.customer().devices().chromeos(), Device.objects.get(serial_number="GGG555")
    ids = [chromebooks["a"].public_id, stranger.public_id]

    def change(action: str, **more: str) -> Any:
        named = {"changeChromeOsDeviceStatusAction": f"CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_{action}"}
        return chromeos.batchChangeStatus(customerId="my_customer", body={"deviceIds": ids, **named, **more})

    for action, status in (("DISABLE", "blocked"), ("REENABLE", "approved")):
        done, unknown = change(action).execute()["changeChromeOsDeviceStatusResults"]
        assert done == {"deviceId": ids[0], "response": {}}
        assert (unknown["deviceId"], unknown["error"]["code"]) == (stranger.public_id, 5)
        chromebooks["a"].refresh_from_db()
        assert chromebooks["a"].status == status
    stranger.refresh_from_db()
    assert stranger.status == "approved"
    assert refusal(change("DEPROVISION")) == refusal(change("UNSPECIFIED")) == (400, "invalid")
    unspecified = change("DEPROVISION", deprovisionReason="DEPROVISION_REASON_UNSPECIFIED")
    assert refusal(unspecified) == (400, "invalid")
    change("DEPROVISION", deprovisionReason="DEPROVISION_REASON_OTHER").execute()
    assert AuditEvent.objects.get(name="REMOVE_DEVICE").new_value == {"deprovision_reason": "other"}
    assert not Device.objects.filter(pk=chromebooks["a"].pk).exists()
    assert Device.objects.filter(pk=stranger.pk).exists()


def test_a_telephone_is_read_approved_blocked_and_removed(directory: Any, cast: Cast) -> None:
    devices, dave = directory.mobiledevices(), cast.acme.nobody
    phone = make_device(cast.acme.customer, "R58M", "ios", model="iPhone 17", os_version="19.1", user=dave)
    make_device(cast.acme.customer, "CHROME", "chromeos")
    phone.refresh_from_db()
    key = {"customerId": "my_customer", "resourceId": phone.public_id}
    shown = devices.get(**key).execute()
    assert (shown["os"], shown["type"], shown["status"]) == ("iOS 19.1", "IOS", "APPROVED")
    assert (shown["name"], shown["email"], shown["serialNumber"]) == (["Dave"], ["dave@acme.example"], "R58M")
    assert devices.list(customerId="my_customer").execute()["mobiledevices"] == [shown]
    for action, status in (
        ("block", "BLOCKED"),
        ("approve", "APPROVED"),
        ("cancel_remote_wipe_then_block", "BLOCKED"),
        ("cancel_remote_wipe_then_activate", "APPROVED"),
    ):
        assert devices.action(**key, body={"action": action}).execute() == ""
        assert devices.get(**key).execute()["status"] == status
    assert refusal(devices.action(**key, body={"action": "admin_remote_wipe"})) == (501, "notImplemented")
    assert refusal(devices.action(**key, body={"action": "melt"})) == (400, "invalid")
    assert devices.delete(**key).execute() == ""
    assert not Device.objects.filter(pk=phone.pk).exists()
    assert refusal(devices.delete(**key)) == (404, "notFound")


@pytest.mark.parametrize(
    ("query", "order", "found"),
    [
        # https://developers.google.com/workspace/admin/directory/v1/search-operators
        ("", "deviceId", None),
        ("", "email", "ZYX"),
        ("", "name", "ZYX"),
        ("", "model", "XYZ"),
        ("", "os", "YXZ"),
        ("", "type", "XZY"),
        ("", "status", "YZX"),
        ("", "lastSync", "XYZ"),
        ("status:pending", "model", "X"),
        ("status:approved type:ios", "model", "Y"),
        ("type:android", "model", "XZ"),
        ("email:dave", "model", "Y"),
        ('name:"carol"', "model", "X"),
        ("os:17", "model", "X"),
        ("serial:ZZZ", "model", "Z"),
        ("model:pixel", "model", "XZ"),
    ],
)
def test_telephones_are_found_and_ordered(
    directory: Any, cast: Cast, query: str, order: str, found: str | None
) -> None:
    acme = cast.acme.customer
    x = make_device(acme, "XYZ", "android", model="Pixel 8", os_version="17", user=cast.acme.auditor)
    make_device(acme, "YYY", "ios", model="Q 17", os_version="16", user=cast.acme.nobody)
    make_device(acme, "ZZZ", "android", model="Z Pixel", os_version="18")
    Device.objects.filter(pk=x.pk).update(status="pending")
    asked = {"customerId": "my_customer", "orderBy": order} | ({"query": query} if query else {})
    whole = [device["serialNumber"][0] for device in directory.mobiledevices().list(**asked).execute()["mobiledevices"]]
    assert found is None or "".join(whole) == found or sorted(whole) == sorted(found)
    pages = all_pages(directory.mobiledevices(), "list", "mobiledevices", maxResults=1, **asked)
    assert [page[0]["serialNumber"][0] for page in pages if page] == whole
