"""The pages of devices."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.directory import devices
from accounts.directory.tree import tree_of
from accounts.models import Address, AuditEvent, Customer, Device
from tests.cast import Cast
from tests.client import signed_in as browser
from tests.client import url_of as url
from tests.factories import make_unit
from tests.web.console.pages_world import enter

pytestmark = pytest.mark.django_db


def enrol(customer: Customer, serial_number: str, **details: object) -> Device:
    arguments = {"kind": "chromeos", **details}
    return devices.enrol_device(actor=None, customer=customer, serial_number=serial_number, **arguments)  # type: ignore[arg-type]


def choose(ids: list[int], action: str) -> dict[str, Any]:
    """What the form of the list sends."""
    return {"device": ids, "action": action}


def test_devices_are_found_by_what_is_known_of_them(cast: Cast) -> None:
    acme, client = cast.acme.customer, browser(cast.acme.auditor)
    sales = make_unit(acme, "Sales")
    berlin = make_unit(acme, "Berlin", sales)
    enrol(acme, "5CD1", model="Chromebook x360", user=cast.acme.nobody)
    enrol(acme, "F2L1", kind="ios", org_unit=berlin)
    devices.block_devices(actor=None, customer=acme, devices=[enrol(acme, "R58", kind="android", org_unit=sales).pk])
    asked: list[tuple[dict[str, str | int], set[str]]] = [
        ({}, {"5CD1", "F2L1", "R58"}),
        ({"q": "cd1"}, {"5CD1"}),
        ({"q": "X360"}, {"5CD1"}),
        ({"q": "dave"}, {"5CD1"}),
        ({"kind": "ios"}, {"F2L1"}),
        ({"status": "blocked"}, {"R58"}),
        ({"org_unit": sales.pk}, {"F2L1", "R58"}),
        ({"org_unit": sales.pk, "kind": "ios", "q": "r58"}, set()),
        ({"org_unit": tree_of(cast.globex.customer).root.pk}, set()),
        ({"kind": "toaster"}, set()),
    ]
    for params, serials in asked:
        response = client.get(url("devices", acme), params)
        assert response.status_code == 200
        assert {row.device.serial_number for row in response.context["list"].rows.rows} == serials, params


def test_a_device_is_enrolled_for_somebody_by_any_of_the_addresses(cast: Cast) -> None:
    acme, client = cast.acme.customer, browser(cast.acme.super_admin)
    Address.objects.create(email="old@acme.example", user=cast.acme.nobody)
    typed = {"kind": "ios", "serial_number": "f2l1", "model": "iPhone 16", "user": " OLD@acme.example"}
    assert client.post(url("device_enrol", acme), typed).status_code == 302
    assert Device.objects.get().user == cast.acme.nobody
    response = client.post(url("device_enrol", acme), typed)
    assert response.status_code == 422
    assert "enrolled already" in response.text
    assert 'value="iPhone 16"' in response.text


def test_forged_users_and_units_are_errors_of_the_form(cast: Cast) -> None:
    acme, client = cast.acme.customer, browser(cast.acme.super_admin)
    theirs = tree_of(cast.globex.customer).root.pk
    for forged in ({"user": cast.globex.nobody.email}, {"org_unit": theirs}, {"org_unit": 10**30}, {"kind": "x"}):
        typed = {"kind": "ios", "serial_number": "f2l1", **forged}
        assert client.post(url("device_enrol", acme), typed).status_code == 422
    assert not Device.objects.exists()


def test_several_are_changed_after_a_page_that_says_what_that_means(cast: Cast) -> None:
    acme, client = cast.acme.customer, browser(cast.acme.super_admin)
    ids = [enrol(acme, serial).pk for serial in "AB"]
    sales = make_unit(acme, "Sales")
    address = url("devices_change", acme)
    response = client.get(address, choose(ids, "remove"))
    assert "Remove 2 devices?" in response.text
    assert Device.objects.count() == 2
    client.post(address, {"device": ids, "action": "block"})
    assert set(Device.objects.values_list("status", flat=True)) == {"blocked"}
    client.post(address, {"device": ids, "action": "approve"})
    assert set(Device.objects.values_list("status", flat=True)) == {"approved"}
    for nowhere in ("", "x", str(10**30), str(tree_of(cast.globex.customer).root.pk)):
        response = client.post(address, {"device": ids, "action": "move", "org_unit": nowhere})
        assert response.status_code == 422
        assert response.text.count('name="device"') == 2, "the choice is not lost"
    client.post(address, {"device": ids, "action": "move", "org_unit": sales.pk})
    assert set(Device.objects.values_list("org_unit", flat=True)) == {sales.pk}
    reason = {"reason": "retiring_device"}
    response = client.post(address, {"device": ids, "action": "remove", **reason}, follow=True)
    assert "2 devices were removed." in response.text
    assert not Device.objects.exists()


def test_removing_chromeos_devices_asks_why_and_the_event_says_it(cast: Cast) -> None:
    acme, client = cast.acme.customer, browser(cast.acme.super_admin)
    chromebook, phone = enrol(acme, "A"), enrol(acme, "B", kind="android")
    address = url("devices_change", acme)
    assert "Reason for deprovisioning" not in client.get(address, choose([phone.pk], "remove")).text
    assert "Reason for deprovisioning" not in client.get(address, choose([chromebook.pk], "block")).text
    asked = client.get(address, choose([chromebook.pk, phone.pk], "remove")).text
    for words in ("same model", "different model", "Retired from the fleet", "goes to another device"):
        assert words in asked
    sent = {"device": [chromebook.pk, phone.pk], "action": "remove"}
    for forged in ("", "because", "other"):
        assert client.post(address, {**sent, "reason": forged}).status_code == 422
    assert Device.objects.count() == 2
    client.post(address, {**sent, "reason": "upgrade_transfer"})
    events = {event.subject: event for event in AuditEvent.objects.filter(name="REMOVE_DEVICE")}
    assert events["A"].new_value == {"deprovision_reason": "upgrade_transfer"}
    assert events["A"].old_value["device_kind"] == "chromeos"
    assert events["B"].new_value is None, "a telephone is not deprovisioned"
    log = client.get(url("audit_log", acme), {"event": "REMOVE_DEVICE"}).text
    assert "Reason for deprovisioning" in log and "Its upgrade goes to another device" in log


def test_choosing_many_devices_takes_as_many_queries_as_choosing_one(cast: Cast) -> None:
    acme, client = cast.acme.customer, browser(cast.acme.super_admin)
    ids = [enrol(acme, f"A{number}", user=cast.acme.nobody).pk for number in range(50)]
    client.get(url("devices_change", acme), choose(ids[:1], "block"))
    counts = set()
    for chosen in (ids[:1], ids):
        with CaptureQueriesContext(connection) as queries:
            client.get(url("devices_change", acme), choose(chosen, "block"))
        counts.add(len(queries))
    assert len(counts) == 1


def test_a_device_of_a_stranger_does_not_exist_and_cannot_be_chosen(cast: Cast) -> None:
    acme, client = cast.acme.customer, browser(cast.acme.super_admin)
    mine, theirs = enrol(acme, "A"), enrol(cast.globex.customer, "A")
    for device_id in (theirs.pk, 10**30):
        assert client.get(url("device", acme, device_id=device_id)).status_code == 404
    address = url("devices_change", acme)
    for forged in ([theirs.pk], [10**30], ["x"], ["²"], []):
        response = client.post(address, {"device": forged, "action": "remove"}, follow=True)
        assert "Choose devices in the list" in response.text
    assert client.post(address, {"device": [mine.pk], "action": "explode"}).status_code == 302
    client.post(address, {"device": [mine.pk, theirs.pk], "action": "remove", "reason": "retiring_device"})
    assert list(Device.objects.all()) == [theirs]


def test_an_agent_inside_works_on_the_same_pages_and_an_auditor_only_looks(cast: Cast) -> None:
    acme, ana = cast.acme.customer, enter(cast)
    device = enrol(acme, "A")
    assert ana.post(url("devices_change", acme), {"device": [device.pk], "action": "block"}).status_code == 302
    device.refresh_from_db()
    assert device.status == "blocked"
    carol = browser(cast.acme.auditor)
    for address in (url("devices", acme), url("device", acme, device_id=device.pk)):
        assert "/devices/change/" not in carol.get(address).text
    assert carol.post(url("devices_change", acme), {"device": [device.pk], "action": "remove"}).status_code == 403
