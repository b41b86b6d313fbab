"""The verbs of devices: enrolling, approving, blocking, moving and removing them.

All but the enrolment work on several devices of one customer at once: one statement, one event for each device.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, event, record_audit, record_many
from accounts.directory.change import clean_line, lock_directory
from accounts.directory.org_units import NO_SUCH_UNIT
from accounts.directory.tree import Tree, tree_of
from accounts.errors import Refused
from accounts.locking import taking_away
from accounts.models import Customer, Device, OrgUnit, User
from accounts.models.devices import MOBILE_KINDS, DeprovisionReason, DeviceKind, DeviceStatus
from accounts.names import clean_text
from accounts.organisations import refuse_duplicate
from accounts.permissions import Permission

SERIAL_NUMBER_MAX_LENGTH = 64
MODEL_MAX_LENGTH = 100
OS_VERSION_MAX_LENGTH = 40
NOTES_MAX_LENGTH = 500
# Characters of what an admin notes about a device, in one line each.
_NOTED = {"annotated_user": 100, "annotated_asset_id": 100, "annotated_location": 200}


@transaction.atomic
def enrol_device(
    *,
    actor: Actor | None,
    customer: Customer,
    kind: str,
    serial_number: str,
    model: str = "",
    os_version: str = "",
    user: User | None = None,
    org_unit: OrgUnit | None = None,
) -> Device:
    """Enrol a device. A mobile one waits for approval where its unit says so; any other counts at once.

    user: who uses it, if anybody in particular.
    org_unit: where in the tree; by default the unit of its user, or the root. Raises Refused.
    """
    customer = lock_directory(actor, Permission.MANAGE_DEVICES, customer)
    if kind not in DeviceKind.values:
        raise Refused(_("Choose the device type."), "kind")
    if user is not None and (user.customer_id != customer.pk or user.deleted_at is not None):
        raise Refused(_("Nobody in this organisation has this address."), "user", reason="notFound")
    tree = tree_of(customer)
    unit = tree.get(org_unit.pk) if org_unit else tree.get(user.org_unit_id) if user else tree.root
    if unit is None:
        raise Refused(NO_SUCH_UNIT, "org_unit", reason="notFound")
    device = Device(
        customer=customer,
        org_unit=unit,
        user=user,
        kind=kind,
        serial_number=clean_serial_number(serial_number),
        model=clean_line(model, "model", MODEL_MAX_LENGTH),
        os_version=clean_line(os_version, "os_version", OS_VERSION_MAX_LENGTH),
        status=_first_status(tree, unit, kind),
    )
    with refuse_duplicate(_("A device with this serial number is enrolled already."), "serial_number"):
        device.save(force_insert=True)
    new = _described(device, tree)
    record_audit(
        EventName.ENROLL_DEVICE, actor=actor, customer=customer, subject=device.serial_number, target=device, new=new
    )
    return device


@transaction.atomic
def approve_devices(*, actor: Actor | None, customer: Customer, devices: Collection[int]) -> set[int]:
    """Approve devices that wait, and unblock blocked ones; return the ids of those that changed. devices: their ids."""
    return _set_status(actor, customer, devices, DeviceStatus.APPROVED, EventName.APPROVE_DEVICE)


@taking_away()
def block_devices(*, actor: Actor | None, customer: Customer, devices: Collection[int]) -> set[int]:
    """Block devices: the organisation's data cannot be reached from them; return which that changed."""
    return _set_status(actor, customer, devices, DeviceStatus.BLOCKED, EventName.BLOCK_DEVICE)


@transaction.atomic
def move_devices(*, actor: Actor | None, customer: Customer, devices: Collection[int], org_unit: OrgUnit) -> set[int]:
    """Move devices to another unit; return which stood elsewhere. What was approved stays so. Raises Refused."""
    customer = lock_directory(actor, Permission.MANAGE_DEVICES, customer)
    tree = tree_of(customer)
    if tree.get(org_unit.pk) is None:
        raise Refused(NO_SUCH_UNIT, "org_unit", reason="notFound")
    found = list(_locked(customer, devices).exclude(org_unit=org_unit))
    ids = {device.pk for device in found}
    Device.objects.filter(pk__in=ids).update(org_unit=org_unit)
    new = {"org_unit": tree.path(org_unit.pk)}
    record_many(
        event(
            EventName.MOVE_DEVICE_TO_ORG_UNIT,
            actor=actor,
            customer=customer,
            subject=device.serial_number,
            target=device,
            old={"org_unit": tree.path(device.org_unit_id)},
            new=new,
        )
        for device in found
    )
    return ids


@transaction.atomic
def annotate_device(
    *,
    actor: Actor | None,
    device: Device,
    annotated_user: str,
    annotated_asset_id: str,
    annotated_location: str,
    notes: str,
) -> Device:
    """Change what admins note about a device; nothing follows from it. Raises Refused."""
    customer = lock_directory(actor, Permission.MANAGE_DEVICES, device.customer_id)
    found = _locked(customer, [device.pk]).first()
    if found is None:
        raise Refused(_("This device does not exist any more."), reason="notFound")
    noted = (annotated_user, annotated_asset_id, annotated_location)
    wanted = {name: clean_line(text, name, _NOTED[name]) for name, text in zip(_NOTED, noted, strict=True)}
    wanted["notes"] = clean_text(notes, "notes", NOTES_MAX_LENGTH) if notes.strip() else ""
    old = {name: getattr(found, name) for name, value in wanted.items() if value != getattr(found, name)}
    if not old:
        return found
    for name in old:
        setattr(found, name, wanted[name])
    found.save(update_fields=list(old))
    record_audit(
        EventName.UPDATE_DEVICE,
        actor=actor,
        customer=customer,
        subject=found.serial_number,
        target=found,
        old=old,
        new={name: wanted[name] for name in old},
    )
    return found


@taking_away()
def remove_devices(
    *, actor: Actor | None, customer: Customer, devices: Collection[int], reason: DeprovisionReason | None = None
) -> set[int]:
    """Remove devices from the organisation; return which there still were. The events keep what they were.

    reason: why ChromeOS devices are deprovisioned, which the events of those say; others have none.
    """
    customer = lock_directory(actor, Permission.MANAGE_DEVICES, customer)
    tree, found = tree_of(customer), list(_locked(customer, devices))
    ids = {device.pk for device in found}
    Device.objects.filter(pk__in=ids).delete()
    record_many(
        event(
            EventName.REMOVE_DEVICE,
            actor=actor,
            customer=customer,
            subject=device.serial_number,
            target=device,
            old=_described(device, tree),
            new={"deprovision_reason": reason} if reason and device.kind == DeviceKind.CHROMEOS else None,
        )
        for device in found
    )
    return ids


def clean_serial_number(text: str) -> str:
    """Return a serial number in its one spelling: capital letters, no spaces. Raises Refused."""
    serial = "".join(text.split()).upper()
    if not serial or not serial.isprintable():
        raise Refused(_("Enter the serial number as it stands on the device."), "serial_number")
    return clean_line(serial, "serial_number", SERIAL_NUMBER_MAX_LENGTH)


def _first_status(tree: Tree, unit: OrgUnit, kind: str) -> DeviceStatus:
    waits = kind in MOBILE_KINDS and tree.approves_mobile_devices(unit.pk)
    return DeviceStatus.PENDING if waits else DeviceStatus.APPROVED


def _locked(customer: Customer, devices: Collection[int]) -> QuerySet[Device]:
    """Lock those devices that are this customer's; anybody else's are not found."""
    rows = Device.objects.filter(customer=customer, pk__in=devices).order_by("pk")
    return rows.select_related("user").select_for_update(of=("self",))


def _set_status(
    actor: Actor | None, customer: Customer, devices: Collection[int], status: DeviceStatus, name: EventName
) -> set[int]:
    customer = lock_directory(actor, Permission.MANAGE_DEVICES, customer)
    found = list(_locked(customer, devices).exclude(status=status))
    ids = {device.pk for device in found}
    Device.objects.filter(pk__in=ids).update(status=status)
    record_many(
        event(
            name,
            actor=actor,
            customer=customer,
            subject=device.serial_number,
            target=device,
            old={"device_status": device.status},
            new={"device_status": status},
        )
        for device in found
    )
    return ids


def _described(device: Device, tree: Tree) -> dict[str, Any]:
    """Return what the audit log keeps of a device: its row may be gone when someone reads it."""
    values = {
        "device_kind": device.kind,
        "serial_number": device.serial_number,
        "model": device.model,
        "os_version": device.os_version,
        "device_status": device.status,
        "org_unit": tree.path(device.org_unit_id),
        "device_user": device.user.email if device.user else "",
    }
    return {key: value for key, value in values.items() if value}
