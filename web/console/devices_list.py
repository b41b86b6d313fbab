"""The columns of the list of devices."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.directory.tree import Tree, place
from accounts.models import Customer, Device
from accounts.models.devices import DeviceKind, DeviceStatus
from accounts.permissions import Permission
from web.lists import cells
from web.lists.columns import Column
from web.lists.listing import Kind, Words

_NEVER = gettext_lazy("never")
_CHIPS = {DeviceStatus.APPROVED: "open", DeviceStatus.PENDING: "pending", DeviceStatus.BLOCKED: "closed"}


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device as the list shows it. user_url: empty where the reader may not open people."""

    device: Device
    url: str
    unit: str
    user_url: str
    kind: str
    status: cells.Html


def _used_by(row: DeviceRow) -> cells.Html:
    person = row.device.user
    if person is None:
        return _("nobody in particular")
    name = cells.name(person.name)
    return cells.link(row.user_url, name) if row.user_url else name


_COLUMNS = (
    Column[DeviceRow](
        "serial_number", gettext_lazy("Serial number"), lambda row: cells.link(row.url, row.device.serial_number)
    ),
    Column[DeviceRow]("model", gettext_lazy("Model"), lambda row: row.device.model or cells.NOTHING, is_text=True),
    Column[DeviceRow]("kind", gettext_lazy("Type"), lambda row: row.kind),
    Column[DeviceRow]("status", gettext_lazy("Status"), lambda row: row.status),
    Column[DeviceRow]("user", gettext_lazy("Used by"), _used_by, is_text=True),
    Column[DeviceRow](
        "email",
        gettext_lazy("E-mail address"),
        lambda row: cells.email(row.device.user.email if row.device.user else ""),
        is_shown=False,
    ),
    Column[DeviceRow]("unit", gettext_lazy("Organisational unit"), lambda row: cells.name(row.unit), is_text=True),
    Column[DeviceRow]("last_seen", gettext_lazy("Last seen"), lambda row: cells.day(row.device.last_seen_at, _NEVER)),
    Column[DeviceRow](
        "enrolled", gettext_lazy("Enrolled"), lambda row: cells.day(row.device.enrolled_at), is_shown=False
    ),
    Column[DeviceRow](
        "os_version",
        gettext_lazy("Version of the operating system"),
        lambda row: row.device.os_version or cells.NOTHING,
        is_shown=False,
    ),
)


def _counted(number: int) -> str:
    return ngettext("%(number)s device", "%(number)s devices", number) % {"number": cells.number(number)}


def all_devices(number: str) -> str:
    """Return the words for all that the filter finds."""
    return _("Select all %(number)s devices") % {"number": number}


_WORDS = Words(
    name=gettext_lazy("Devices"),
    search=gettext_lazy("Search devices"),
    counted=_counted,
    none_found=gettext_lazy("No device matches this search"),
    none_found_text=gettext_lazy(
        "Search for a part of the serial number, of the model or of the user's name, or clear the search."
    ),
    none=gettext_lazy("No devices yet"),
    none_text=gettext_lazy(
        "ChromeOS devices, Android devices, iPhones and iPads of the organisation will be listed here once they are"
        " enrolled."
    ),
    icon="monitor-smartphone",
)

DEVICES = Kind("devices", _WORDS, _COLUMNS)


def rows_of(devices: list[Device], customer: Customer, tree: Tree, may: frozenset[Permission]) -> list[DeviceRow]:
    """Return the rows of a page."""
    url = cells.urls("device", "device_id", domain=customer.primary_domain)
    user_url = cells.urls("user", "user_id", domain=customer.primary_domain)
    kinds, chips = cells.labels(DeviceKind), cells.chips(_CHIPS)
    opens_people = Permission.VIEW_USERS in may
    return [
        DeviceRow(
            device,
            url(device.pk),
            place(tree, device.org_unit_id, customer),
            user_url(device.user_id) if opens_people and device.user_id else "",
            kinds[DeviceKind(device.kind)],
            chips[DeviceStatus(device.status)],
        )
        for device in devices
    ]
