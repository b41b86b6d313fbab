"""A call of each method of groups, members, units, roles and devices, about one of each thing of a customer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accounts.roles import Role
from api.directory.roles import role_id
from tests.api.directory.world import Things

Request = Callable[[Any, Things], Any]
AUDITOR = role_id(Role.AUDITOR)


def _customer(of: Things) -> dict[str, str]:
    return {"customer": of.customer.customer_id}


def _unit(of: Things) -> dict[str, str]:
    return {"customerId": of.customer.customer_id, "orgUnitPath": f"id:{of.unit.public_id}"}


def _chromebook(of: Things) -> dict[str, str]:
    return {"customerId": of.customer.customer_id, "deviceId": of.chromebook.public_id}


def _telephone(of: Things) -> dict[str, str]:
    return {"customerId": of.customer.customer_id, "resourceId": of.telephone.public_id}


def _member(of: Things) -> dict[str, str]:
    return {"groupKey": of.group.public_id, "memberKey": of.person.public_id}


def _new_member(of: Things) -> dict[str, str]:
    return {"email": of.person.email}


# What an auditor reads.
READING: Mapping[str, Request] = {
    "directory.groups.list": lambda api, of: api.groups().list(**_customer(of)),
    "directory.groups.list by domain": lambda api, of: api.groups().list(domain=of.customer.primary_domain),
    "directory.groups.list by user": lambda api, of: api.groups().list(userKey=of.person.public_id),
    "directory.groups.get": lambda api, of: api.groups().get(groupKey=of.group.public_id),
    "directory.members.list": lambda api, of: api.members().list(groupKey=of.group.email),
    "directory.members.get": lambda api, of: api.members().get(**_member(of)),
    "directory.members.hasMember": lambda api, of: api.members().hasMember(**_member(of)),
    "directory.orgunits.list": lambda api, of: api.orgunits().list(customerId=of.customer.customer_id),
    "directory.orgunits.get": lambda api, of: api.orgunits().get(**_unit(of)),
    "directory.roles.list": lambda api, of: api.roles().list(**_customer(of)),
    "directory.roles.get": lambda api, of: api.roles().get(**_customer(of), roleId=AUDITOR),
    "directory.privileges.list": lambda api, of: api.privileges().list(**_customer(of)),
    "directory.roleAssignments.list": lambda api, of: api.roleAssignments().list(**_customer(of)),
    "directory.chromeosdevices.list": lambda api, of: api.chromeosdevices().list(customerId=of.customer.customer_id),
    "directory.chromeosdevices.get": lambda api, of: api.chromeosdevices().get(**_chromebook(of)),
    "directory.mobiledevices.list": lambda api, of: api.mobiledevices().list(customerId=of.customer.customer_id),
    "directory.mobiledevices.get": lambda api, of: api.mobiledevices().get(**_telephone(of)),
    "admin.customer.devices.chromeos.countChromeOsDevices": lambda api, of: (
        api.customer().devices().chromeos().countChromeOsDevices(customerId=of.customer.customer_id)
    ),
}
# What an auditor may not do, and a super admin may.
WRITING: Mapping[str, Request] = {
    "directory.groups.insert": lambda api, of: api.groups().insert(body={"email": f"new@{of.customer.primary_domain}"}),
    "directory.groups.patch": lambda api, of: api.groups().patch(groupKey=of.group.email, body={"name": "New"}),
    "directory.groups.update": lambda api, of: api.groups().update(groupKey=of.group.email, body={"name": "Newer"}),
    "directory.members.patch": lambda api, of: api.members().patch(**_member(of), body={"role": "OWNER"}),
    "directory.members.update": lambda api, of: api.members().update(**_member(of), body={"role": "MEMBER"}),
    "directory.members.delete": lambda api, of: api.members().delete(**_member(of)),
    "directory.members.insert": lambda api, of: api.members().insert(groupKey=of.group.public_id, body=_new_member(of)),
    "directory.groups.delete": lambda api, of: api.groups().delete(groupKey=of.group.public_id),
    "directory.orgunits.insert": lambda api, of: api.orgunits().insert(
        customerId=of.customer.customer_id, body={"name": "New", "parentOrgUnitId": f"id:{of.unit.public_id}"}
    ),
    "directory.chromeosdevices.moveDevicesToOu": lambda api, of: api.chromeosdevices().moveDevicesToOu(
        **_unit(of), body={"deviceIds": [of.chromebook.public_id]}
    ),
    "directory.chromeosdevices.patch": lambda api, of: api.chromeosdevices().patch(
        **_chromebook(of), body={"notes": "New", "orgUnitPath": "/"}
    ),
    "directory.chromeosdevices.update": lambda api, of: api.chromeosdevices().update(
        **_chromebook(of), body={"notes": "Newer"}
    ),
    "directory.chromeosdevices.action": lambda api, of: api.chromeosdevices().action(
        customerId=of.customer.customer_id, resourceId=of.chromebook.public_id, body={"action": "disable"}
    ),
    "admin.customer.devices.chromeos.batchChangeStatus": lambda api, of: (
        api.customer()
        .devices()
        .chromeos()
        .batchChangeStatus(
            customerId=of.customer.customer_id,
            body={
                "deviceIds": [of.chromebook.public_id],
                "changeChromeOsDeviceStatusAction": "CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_REENABLE",
            },
        )
    ),
    "directory.mobiledevices.action": lambda api, of: api.mobiledevices().action(
        **_telephone(of), body={"action": "block"}
    ),
    "directory.mobiledevices.delete": lambda api, of: api.mobiledevices().delete(**_telephone(of)),
    "directory.orgunits.patch": lambda api, of: api.orgunits().patch(**_unit(of), body={"name": "Newest"}),
    "directory.orgunits.update": lambda api, of: api.orgunits().update(**_unit(of), body={"description": "x"}),
    "directory.roleAssignments.insert": lambda api, of: api.roleAssignments().insert(
        **_customer(of), body={"roleId": AUDITOR, "assignedTo": of.person.public_id}
    ),
}
_NEW_ROLE = {"roleName": "New", "rolePrivileges": []}
# What nobody may, not even a super admin.
CLOSED: Mapping[str, Request] = {
    "directory.roles.insert": lambda api, of: api.roles().insert(**_customer(of), body=_NEW_ROLE),
    "directory.roles.patch": lambda api, of: api.roles().patch(**_customer(of), roleId=AUDITOR, body={}),
    "directory.roles.update": lambda api, of: api.roles().update(**_customer(of), roleId=AUDITOR, body={}),
    "directory.roles.delete": lambda api, of: api.roles().delete(**_customer(of), roleId=AUDITOR),
}
