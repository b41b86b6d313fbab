"""What the lists and the answers about ChromeOS and mobile devices have in common."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce

from accounts.directory.device_scope import devices_of
from accounts.models import Customer, Device
from accounts.models.people import NEVER
from accounts.moments import rfc3339
from accounts.permissions import Permission
from api.core.call import Call
from api.core.errors import NotFound
from api.core.paging import page
from api.door.consoles import console

# The column, or annotation, behind each order that either document knows.
_ORDERS: Final[Mapping[str, str]] = {
    "annotatedLocation": "annotated_location",
    "annotatedUser": "annotated_user",
    "deviceId": "public_id",
    "email": "user_email",
    "lastSync": "seen_at",
    "model": "model",
    "name": "user_name",
    "notes": "notes",
    "os": "os_version",
    "serialNumber": "serial_number",
    "status": "status",
    "type": "kind",
}


def devices_for(call: Call, permission: Permission, kinds: Collection[str]) -> tuple[Customer, QuerySet[Device]]:
    """Return the customer that a call names, and its devices of these kinds."""
    customer = console(call, call.params["customerId"], permission)
    return customer, devices_of(customer).filter(kind__in=kinds)


def device_of(devices: QuerySet[Device], public_id: str, what: str) -> Device:
    """Return one of some devices by its public id. Raises NotFound for what is none of them."""
    found = devices.filter(public_id=public_id).first()
    if found is None:
        raise NotFound(what)
    return found


def page_of(call: Call, devices: QuerySet[Device], size: int) -> tuple[list[Device], str | None]:
    """Return a page of devices in the order that is asked for; those of nobody, and never seen, come first."""
    order = _ORDERS.get(call.params.get("orderBy", ""), "")
    if order == "seen_at":
        devices = devices.annotate(seen_at=Coalesce("last_seen_at", NEVER))
    elif order in {"user_email", "user_name"}:
        column = "user__email" if order == "user_email" else "user__sort_name"
        devices = devices.annotate(**{order: Coalesce(column, Value(""))})
    keys = (order, "id") if order else ("id",)
    descending = bool(order) and call.params.get("sortOrder") == "DESCENDING"
    return page(call, devices, keys=keys, size=min(call.params.get("maxResults", size), size), descending=descending)


def moment(value: datetime | None) -> str | None:
    """Return a moment as the documents want it: RFC 3339 in UTC, to the millisecond."""
    return rfc3339(value, "milliseconds") if value else None


def said(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return those fields of a device that there is something to say about."""
    return {name: value for name, value in values.items() if value not in {None, ""}}
