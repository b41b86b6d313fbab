"""Admin roles (Directory v1): those that the product has, each with a number that stays. Nobody makes others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from accounts.permissions import Permission
from accounts.roles import CUSTOMER_ROLE_PERMISSIONS, CUSTOMER_ROLES, Role
from api.core.call import Call
from api.core.errors import Forbidden, Invalid, NotFound
from api.core.methods import serves
from api.core.paging import place_of, token_of
from api.door.consoles import console

_PAGE_AT_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class _Known:
    """A role as clients know it: the number stays for ever, the name is the original's where it has one."""

    role_id: int
    name: str
    description: str


_KNOWN: Final[Mapping[Role, _Known]] = {
    Role.SUPER_ADMIN: _Known(13801188331880449, "_SEED_ADMIN_ROLE", "Super admin: everything"),
    Role.USER_MANAGEMENT_ADMIN: _Known(
        13801188331880451, "_USER_MANAGEMENT_ADMIN_ROLE", "User management admin: users, groups, organisational units"
    ),
    Role.HELP_DESK_ADMIN: _Known(
        13801188331880452, "_HELP_DESK_ADMIN_ROLE", "Help desk admin: passwords of people who hold no role"
    ),
    Role.SUPPORT_MANAGER: _Known(
        13801188331880453, "_SUPPORT_MANAGER_ROLE", "Support manager: support partners and cases"
    ),
    Role.SUPPORT: _Known(13801188331880454, "_SUPPORT_ROLE", "Support: files and reads cases"),
    Role.AUDITOR: _Known(13801188331880455, "_AUDITOR_ROLE", "Auditor: reads, and changes nothing"),
}
_BY_ID: Final = {known.role_id: role for role, known in _KNOWN.items()}
_SERVICE: Final = {"serviceId": "00haapch16h1ysv", "serviceName": "admin_apis"}
# What the original calls a right, where it has one; any other is called as here.
_PRIVILEGES: Final[Mapping[Permission, str]] = {
    Permission.VIEW_USERS: "USERS_RETRIEVE",
    Permission.MANAGE_USERS: "USERS_ALL",
    Permission.RESET_PASSWORDS: "USERS_RESET_PASSWORD",
    Permission.VIEW_GROUPS: "GROUPS_RETRIEVE",
    Permission.MANAGE_GROUPS: "GROUPS_ALL",
    Permission.VIEW_ORG_UNITS: "ORGANIZATION_UNITS_RETRIEVE",
    Permission.MANAGE_ORG_UNITS: "ORGANIZATION_UNITS_ALL",
    Permission.MANAGE_DOMAINS: "DOMAIN_MANAGEMENT",
    Permission.ASSIGN_LICENCES: "LICENSING",
}


@serves("directory.roles.list")
def list_roles(call: Call) -> dict[str, Any]:
    """Return a page of the roles that a customer's people can hold."""
    console(call, call.params["customer"], Permission.VIEW_ROLES)
    size, [start] = call.params.get("maxResults", _PAGE_AT_MOST), place_of(call) or [0]
    roles = list(_KNOWN)
    answer: dict[str, Any] = {
        "kind": "admin#directory#roles",
        "items": [_shown(role) for role in roles[start : start + size]],
    }
    more = start + size < len(roles)
    return answer | ({"nextPageToken": token_of(call, [start + size])} if more else {})


@serves("directory.roles.get")
def get(call: Call) -> dict[str, Any]:
    """Return one role."""
    console(call, call.params["customer"], Permission.VIEW_ROLES)
    return _shown(role_with(call.params["roleId"]))


@serves("directory.roles.insert", "directory.roles.patch", "directory.roles.update", "directory.roles.delete")
def refuse_change(call: Call) -> NoReturn:
    """Say that what roles may do is part of the product."""
    console(call, call.params["customer"], Permission.ASSIGN_ROLES)
    raise Forbidden("The roles are part of this service: they can be given to people and taken, not made or changed.")


@serves("directory.privileges.list")
def list_privileges(call: Call) -> dict[str, Any]:
    """Return every right that a role can have."""
    console(call, call.params["customer"], Permission.VIEW_ROLES)
    items = [_privilege(permission) for permission in Permission if permission in _OPENED]
    return {"kind": "admin#directory#privileges", "items": items}


def role_with(text: str, what: str = "roleId") -> Role:
    """Return the role with a number. Raises NotFound for a number of none, Invalid for what is no number."""
    if not (text.isascii() and text.isdigit()):
        raise Invalid(what)
    role = _BY_ID.get(int(text[:20]))
    if role is None:
        raise NotFound(what)
    return role


def role_id(role: Role) -> str:
    """Return the number of a role."""
    return str(_KNOWN[role].role_id)


_OPENED: Final = frozenset[Permission]().union(*(CUSTOMER_ROLE_PERMISSIONS[role] for role in CUSTOMER_ROLES))


def _name(permission: Permission) -> str:
    return _PRIVILEGES.get(permission, permission.name)


def _privilege(permission: Permission) -> dict[str, Any]:
    named = {"kind": "admin#directory#privilege", "privilegeName": _name(permission)}
    return named | _SERVICE | {"isOuScopable": False, "childPrivileges": []}


def _shown(role: Role) -> dict[str, Any]:
    opened = sorted(_name(permission) for permission in CUSTOMER_ROLE_PERMISSIONS[role])
    return {
        "kind": "admin#directory#role",
        "roleId": role_id(role),
        "roleName": _KNOWN[role].name,
        "roleDescription": _KNOWN[role].description,
        "isSystemRole": True,
        "isSuperAdminRole": role == Role.SUPER_ADMIN,
        "rolePrivileges": [{"privilegeName": name, "serviceId": _SERVICE["serviceId"]} for name in opened],
    }
