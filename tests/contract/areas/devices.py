from __future__ import annotations

from django.db.models import Model

from accounts.directory import devices
from accounts.models import AuditEvent, Device
from accounts.models.devices import DeviceKind, DeviceStatus
from tests.contract.areas.area import Area
from tests.contract.cases import Post, Sender
from tests.contract.lists import ADMIN, AGENT, MANY, List
from tests.contract.world import Tenant, World
from tests.factories import make_person

TABLE = """
GET  devices                               ODDDDODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  device                                ODDDDODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  device_enrol                          ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST device_enrol                          ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  devices_change                        ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST devices_change                        ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
"""


def furnish(tenant: Tenant) -> None:
    """A laptop of a person."""
    tenant.rows["device"] = device = devices.enrol_device(
        actor=None,
        customer=tenant.customer,
        kind="chromeos",
        serial_number=f"{tenant.domain}-1",
        user=tenant.people["no role"],
    )
    tenant.arguments["<int:device_id>"] = {"device_id": device.pk}


def the_device(sender: Sender) -> list[Model]:
    return [sender.world.acme.rows["device"]]


def more_devices(world: World) -> None:
    """Each of someone else's."""
    acme = world.acme
    root = acme.rows["device"].org_unit
    Device.objects.bulk_create(
        Device(
            customer=acme.customer,
            org_unit=root,
            user=make_person(acme.customer),
            kind=DeviceKind.ANDROID,
            serial_number=f"SERIAL{number}",
            status=DeviceStatus.PENDING,
        )
        for number in range(MANY)
    )


AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "device_enrol": Post(
            lambda sender: {"kind": "ios", "serial_number": "NEW1", "user": sender.world.acme.people["auditor"].email},
            adds=(Device, AuditEvent),
        ),
        "devices_change": Post(
            lambda sender: {"action": "block", "device": [str(sender.world.acme.rows["device"].pk)]},
            the_device,
            (AuditEvent,),
        ),
    },
    lists=(
        List("devices", ADMIN, more_devices),
        List("devices", AGENT, more_devices, label="an agent"),
    ),
    one_object={
        "device": "one device",
        "device_enrol": "the units, counted at org_unit_create",
        "devices_change": "the devices that were chosen, read with one query: tests/web/console/test_devices_pages.py",
    },
    scope_tests={"accounts.Device": ("tests/web/console/test_devices_pages.py", "stranger")},
    verb_modules=("accounts.directory.devices",),
    no_verbs={"accounts.directory.devices.clean_serial_number": "spelling"},
)
