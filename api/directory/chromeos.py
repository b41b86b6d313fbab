"""ChromeOS devices (Directory v1): blocked here is DISABLED there, and what is removed is DEPROVISIONED and gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from accounts.directory.devices import annotate_device, approve_devices, block_devices, move_devices, remove_devices
from accounts.directory.tree import Tree, tree_of
from accounts.models import Device
from accounts.models.devices import DeprovisionReason, DeviceKind, DeviceStatus
from accounts.permissions import Permission
from api.core.call import Call
from api.core.errors import ApiError, Invalid
from api.core.methods import serves
from api.directory.device_queries import CHROMEOS, condition_of
from api.directory.devices import device_of, devices_for, moment, page_of, said
from api.directory.org_units import unit_at

_KINDS: Final = (DeviceKind.CHROMEOS,)
# "Value should not exceed 300."
_PAGE_AT_MOST: Final = 300
# "Maximum 50": https://developers.google.com/workspace/admin/directory/reference/rest/v1/customer.devices.chromeos
_TOGETHER: Final = 50
_NOT_FOUND: Final = 5  # google.rpc.Code

_Verb = Callable[..., set[int]]
_ACTIONS: Final[Mapping[str, _Verb]] = {
    "deprovision": remove_devices,
    "disable": block_devices,
    "reenable": approve_devices,
}
_REASON: Final = "deprovision_reason_"
_STATUS_ACTION: Final = "CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_"


@serves("directory.chromeosdevices.list")
def list_devices(call: Call) -> dict[str, Any]:
    """Return a page of the ChromeOS devices of a customer, or of one of its units."""
    customer, devices = devices_for(call, Permission.VIEW_DEVICES, _KINDS)
    tree = tree_of(customer)
    if place := call.params.get("orgUnitPath", ""):
        unit = unit_at(tree, place)
        below = call.params.get("includeChildOrgunits", False)
        devices = devices.filter(org_unit__in=tree.below(unit.pk) if below else {unit.pk})
    elif call.params.get("includeChildOrgunits"):
        # "If this is set to true, 'orgUnitPath' must be provided."
        raise Invalid("orgUnitPath")
    if query := call.params.get("query", ""):
        devices = devices.filter(condition_of(query, CHROMEOS))
    rows, token = page_of(call, devices, _PAGE_AT_MOST)
    shown = [_shown(call, device, tree) for device in rows]
    answer: dict[str, Any] = {"kind": "admin#directory#chromeosdevices", "chromeosdevices": shown}
    return answer | ({"nextPageToken": token} if token else {})


@serves("directory.chromeosdevices.get")
def get(call: Call) -> dict[str, Any]:
    """Return one device."""
    customer, devices = devices_for(call, Permission.VIEW_DEVICES, _KINDS)
    return _shown(call, device_of(devices, call.params["deviceId"], "deviceId"), tree_of(customer))


@serves("directory.chromeosdevices.patch", "directory.chromeosdevices.update")
def change(call: Call) -> dict[str, Any]:
    """Change what admins noted about a device, and move it to another unit. What is not sent stays, in a PUT too."""
    customer, devices = devices_for(call, Permission.MANAGE_DEVICES, _KINDS)
    device = device_of(devices, call.params["deviceId"], "deviceId")
    tree = tree_of(customer)
    if place := call.body.get("orgUnitId") or call.body.get("orgUnitPath"):
        unit = unit_at(tree, f"id:{place.removeprefix('id:')}" if call.body.get("orgUnitId") else place)
        move_devices(actor=call.actor, customer=customer, devices=[device.pk], org_unit=unit)
    annotate_device(
        actor=call.actor,
        device=device,
        annotated_user=call.body.get("annotatedUser", device.annotated_user) or "",
        annotated_asset_id=call.body.get("annotatedAssetId", device.annotated_asset_id) or "",
        annotated_location=call.body.get("annotatedLocation", device.annotated_location) or "",
        notes=call.body.get("notes", device.notes) or "",
    )
    return _shown(call, devices.get(pk=device.pk), tree)


@serves("directory.chromeosdevices.moveDevicesToOu")
def move(call: Call) -> None:
    """Move devices to a unit, all of them or none."""
    customer, devices = devices_for(call, Permission.MANAGE_DEVICES, _KINDS)
    unit = unit_at(tree_of(customer), call.params["orgUnitPath"])
    ids = set(call.body.get("deviceIds") or ())
    if not 0 < len(ids) <= _TOGETHER:
        raise Invalid("deviceIds", f"Invalid Input: deviceIds. Name 1 to {_TOGETHER} devices.")
    found = devices.filter(public_id__in=ids).values_list("pk", flat=True)
    if len(found) != len(ids):
        raise ApiError(404, "notFound", "Resource Not Found: deviceIds", "deviceIds")
    move_devices(actor=call.actor, customer=customer, devices=list(found), org_unit=unit)


@serves("directory.chromeosdevices.action")
def act(call: Call) -> None:
    """Disable, enable or deprovision a device."""
    customer, devices = devices_for(call, Permission.MANAGE_DEVICES, _KINDS)
    device = device_of(devices, call.params["resourceId"], "resourceId")
    verb = _ACTIONS.get(call.body.get("action") or "")
    if verb is None:
        raise Invalid("action")
    verb(actor=call.actor, customer=customer, devices=[device.pk], **_why(call, verb))


@serves("admin.customer.devices.chromeos.batchChangeStatus")
def change_status(call: Call) -> dict[str, Any]:
    """Do the same with several devices; of each, the answer says whether there is such a one."""
    customer, devices = devices_for(call, Permission.MANAGE_DEVICES, _KINDS)
    ids = list(dict.fromkeys(call.body.get("deviceIds") or ()))
    if not 0 < len(ids) <= _TOGETHER:
        raise Invalid("deviceIds", f"Invalid Input: deviceIds. Name 1 to {_TOGETHER} devices.")
    action = call.body.get("changeChromeOsDeviceStatusAction") or ""
    verb = _ACTIONS.get(action.removeprefix(_STATUS_ACTION).lower())
    if verb is None:
        raise Invalid("changeChromeOsDeviceStatusAction")
    why = _why(call, verb)
    found = dict(devices.filter(public_id__in=ids).values_list("public_id", "pk"))
    verb(actor=call.actor, customer=customer, devices=list(found.values()), **why)
    return {"changeChromeOsDeviceStatusResults": [_result(public_id, found) for public_id in ids]}


@serves("admin.customer.devices.chromeos.countChromeOsDevices")
def count(call: Call) -> dict[str, Any]:
    """Return how many devices a search finds."""
    customer, devices = devices_for(call, Permission.VIEW_DEVICES, _KINDS)
    if place := call.params.get("orgUnitPath", ""):
        tree = tree_of(customer)
        unit = unit_at(tree, place)
        below = call.params.get("includeChildOrgunits", False)
        devices = devices.filter(org_unit__in=tree.below(unit.pk) if below else {unit.pk})
    return {"count": str(devices.filter(condition_of(call.params.get("filter", ""), CHROMEOS)).count())}


def _why(call: Call, verb: _Verb) -> dict[str, DeprovisionReason]:
    """Return the reason that deprovisioning takes, and nothing for another verb."""
    if verb is not remove_devices:
        return {}
    try:
        reason = DeprovisionReason((call.body.get("deprovisionReason") or "").lower().removeprefix(_REASON))
    except ValueError:
        raise Invalid("deprovisionReason") from None
    return {"reason": reason}


def _result(public_id: str, found: Collection[str]) -> dict[str, Any]:
    if public_id in found:
        return {"deviceId": public_id, "response": {}}
    return {"deviceId": public_id, "error": {"code": _NOT_FOUND, "message": "Resource Not Found: deviceId"}}


def _shown(call: Call, device: Device, tree: Tree) -> dict[str, Any]:
    """Return a device as the document names its fields; who uses it only where all of them are asked for."""
    shown = said(
        {
            "kind": "admin#directory#chromeosdevice",
            "deviceId": device.public_id,
            "serialNumber": device.serial_number,
            "status": "DISABLED" if device.status == DeviceStatus.BLOCKED else "ACTIVE",
            "model": device.model,
            "osVersion": device.os_version,
            "orgUnitPath": tree.path(device.org_unit_id),
            "annotatedUser": device.annotated_user,
            "annotatedAssetId": device.annotated_asset_id,
            "annotatedLocation": device.annotated_location,
            "notes": device.notes,
            "firstEnrollmentTime": moment(device.enrolled_at),
            "lastEnrollmentTime": moment(device.enrolled_at),
            "lastSync": moment(device.last_seen_at),
        }
    )
    if unit := tree.get(device.org_unit_id):
        shown["orgUnitId"] = unit.public_id
    if device.user is not None and call.params.get("projection") != "BASIC":
        shown["recentUsers"] = [{"type": "USER_TYPE_MANAGED", "email": device.user.email}]
    return shown
