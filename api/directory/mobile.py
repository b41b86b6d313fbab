"""Mobile devices (Directory v1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from accounts.directory.devices import approve_devices, block_devices, remove_devices
from accounts.models import Device
from accounts.models.devices import MOBILE_KINDS, DeviceKind
from accounts.permissions import Permission
from api.core.call import Call
from api.core.errors import ApiError, Invalid
from api.core.methods import serves
from api.directory.device_queries import MOBILE, condition_of
from api.directory.devices import device_of, devices_for, moment, page_of, said

_PAGE_AT_MOST: Final = 100
# No wipe is ever on its way, so that there is none to take back: what is left of those two is the second half.
_ACTIONS: Final[Mapping[str, Callable[..., set[int]]]] = {
    "approve": approve_devices,
    "block": block_devices,
    "cancel_remote_wipe_then_activate": approve_devices,
    "cancel_remote_wipe_then_block": block_devices,
}
_WIPES: Final = frozenset({"admin_remote_wipe", "admin_account_wipe"})
_SYSTEMS: Final = {DeviceKind.ANDROID: "Android", DeviceKind.IOS: "iOS"}


@serves("directory.mobiledevices.list")
def list_devices(call: Call) -> dict[str, Any]:
    """Return a page of the mobile devices of a customer."""
    _customer, devices = devices_for(call, Permission.VIEW_DEVICES, MOBILE_KINDS)
    if query := call.params.get("query", ""):
        devices = devices.filter(condition_of(query, MOBILE))
    rows, token = page_of(call, devices, _PAGE_AT_MOST)
    answer: dict[str, Any] = {
        "kind": "admin#directory#mobiledevices",
        "mobiledevices": [_shown(device) for device in rows],
    }
    return answer | ({"nextPageToken": token} if token else {})


@serves("directory.mobiledevices.get")
def get(call: Call) -> dict[str, Any]:
    """Return one device."""
    _customer, devices = devices_for(call, Permission.VIEW_DEVICES, MOBILE_KINDS)
    return _shown(device_of(devices, call.params["resourceId"], "resourceId"))


@serves("directory.mobiledevices.action")
def act(call: Call) -> None:
    """Approve or block a device."""
    customer, devices = devices_for(call, Permission.MANAGE_DEVICES, MOBILE_KINDS)
    device = device_of(devices, call.params["resourceId"], "resourceId")
    action = call.body.get("action") or ""
    if action in _WIPES:
        raise ApiError(501, "notImplemented", "No device is wiped from here: it can be blocked, or removed.", "action")
    verb = _ACTIONS.get(action)
    if verb is None:
        raise Invalid("action")
    verb(actor=call.actor, customer=customer, devices=[device.pk])


@serves("directory.mobiledevices.delete")
def delete(call: Call) -> None:
    """Remove a device from the organisation."""
    customer, devices = devices_for(call, Permission.MANAGE_DEVICES, MOBILE_KINDS)
    device = device_of(devices, call.params["resourceId"], "resourceId")
    remove_devices(actor=call.actor, customer=customer, devices=[device.pk])


def _shown(device: Device) -> dict[str, Any]:
    """Return a device as the document names its fields."""
    kind = DeviceKind(device.kind)
    shown = said(
        {
            "kind": "admin#directory#mobiledevice",
            "resourceId": device.public_id,
            "deviceId": device.public_id,
            "serialNumber": device.serial_number,
            "type": kind.upper(),
            "status": device.status.upper(),
            "model": device.model,
            "os": f"{_SYSTEMS[kind]} {device.os_version}".strip(),
            "firstSync": moment(device.enrolled_at),
            "lastSync": moment(device.last_seen_at),
        }
    )
    if device.user is not None:
        shown |= {"name": [device.user.name], "email": [device.user.email]}
    return shown
