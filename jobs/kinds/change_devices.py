"""One change for several devices, by the verbs of devices."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.directory import devices
from accounts.directory.org_units import NO_SUCH_UNIT
from accounts.directory.several import Outcomes
from accounts.errors import Refused
from accounts.models import Customer, Device, OrgUnit
from accounts.models.devices import DeprovisionReason, DeviceStatus
from accounts.models.jobs import BulkAction
from accounts.permissions import Permission
from jobs.kinds.change import Change, Details, applying
from jobs.kinds.kind import Kind

Verb = Callable[[Actor, Customer, Sequence[int], Details], set[int]]


def _approve(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> set[int]:
    return devices.approve_devices(actor=actor, customer=customer, devices=ids)


def _block(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> set[int]:
    return devices.block_devices(actor=actor, customer=customer, devices=ids)


def _remove(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> set[int]:
    # A job of an earlier release has none.
    reason = DeprovisionReason(details["reason"]) if details.get("reason") else None
    return devices.remove_devices(actor=actor, customer=customer, devices=ids, reason=reason)


def _move(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> set[int]:
    unit = OrgUnit.objects.filter(customer=customer, pk=details["org_unit"]).first()
    if unit is None:
        raise Refused(NO_SUCH_UNIT)
    return devices.move_devices(actor=actor, customer=customer, devices=ids, org_unit=unit)


def _change(verb: Verb, left: Callable[[Details], Q]) -> Change:
    """Return an action. left: which devices it would leave as they are."""

    def do(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
        there = _there(customer, ids, Q())
        return _outcomes(ids, there, verb(actor, customer, ids, details))

    def foresee(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
        there = _there(customer, ids, Q())
        return _outcomes(ids, there, there - _there(customer, ids, left(details)))

    return Change(Permission.MANAGE_DEVICES, do, foresee, locks=True)


def _there(customer: Customer, ids: Sequence[int], which: Q) -> set[int]:
    return set(Device.objects.filter(which, customer=customer, pk__in=ids).values_list("pk", flat=True))


def _outcomes(ids: Sequence[int], there: set[int], changed: set[int]) -> Outcomes:
    gone = Refused(_("This device does not exist any more."))
    return Outcomes([pk for pk in ids if pk in changed], {pk: gone for pk in ids if pk not in there})


CHANGES = {
    BulkAction.APPROVE: _change(_approve, lambda details: Q(status=DeviceStatus.APPROVED)),
    BulkAction.BLOCK: _change(_block, lambda details: Q(status=DeviceStatus.BLOCKED)),
    BulkAction.MOVE: _change(_move, lambda details: Q(org_unit=details.get("org_unit") or 0)),
    BulkAction.REMOVE: _change(_remove, lambda details: Q(pk__isnull=True)),
}
KIND = Kind(Permission.MANAGE_DEVICES, applying(CHANGES, "device", Device.objects.all), changes=CHANGES)
