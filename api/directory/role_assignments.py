"""Which person holds which admin role (Directory v1)."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from django.db.models import QuerySet

from accounts.directory.people import assign_role, unassign_role
from accounts.models import Customer, DirectoryGroup, RoleAssignment, User
from accounts.permissions import Permission
from accounts.proof import ProofNeeded
from accounts.roles import CUSTOMER_ROLES, Role
from api.core.call import Call
from api.core.errors import DuplicateEntity, Forbidden, Invalid, NotFound
from api.core.methods import serves
from api.core.paging import page
from api.directory.group_keys import inner_of
from api.directory.roles import role_id, role_with
from api.door.consoles import console

_PAGE_AT_MOST: Final = 200
_WHOLE_CUSTOMER: Final = "CUSTOMER"
# Bits of an id: it is a number that fits into int64.
_ID_BITS: Final = 62


@serves("directory.roleAssignments.list")
def list_assignments(call: Call) -> dict[str, Any]:
    """Return a page of who holds which role, of one person or of one role where that is asked for."""
    customer = console(call, call.params["customer"], Permission.VIEW_ROLES)
    assignments = _assignments(customer)
    if user_key := call.params.get("userKey", ""):
        inner = inner_of(customer, user_key)
        if inner is None:
            raise NotFound("userKey")
        # A group holds no role.
        assignments = assignments.filter(user=inner) if isinstance(inner, User) else assignments.none()
    if number := call.params.get("roleId", ""):
        assignments = assignments.filter(role=role_with(number))
    size = min(call.params.get("maxResults", _PAGE_AT_MOST), _PAGE_AT_MOST)
    rows, token = page(call, assignments, keys=("id",), size=size)
    answer: dict[str, Any] = {"kind": "admin#directory#roleAssignments", "items": [_shown(row) for row in rows]}
    return answer | ({"nextPageToken": token} if token else {})


@serves("directory.roleAssignments.get")
def get(call: Call) -> dict[str, Any]:
    """Return one assignment."""
    customer = console(call, call.params["customer"], Permission.VIEW_ROLES)
    return _shown(_with_id(customer, call.params["roleAssignmentId"]))


@serves("directory.roleAssignments.insert")
def insert(call: Call) -> dict[str, Any]:
    """Give a person a role, but for super admin: that takes a fresh proof, and a machine has none (P13)."""
    customer = console(call, call.params["customer"], Permission.ASSIGN_ROLES)
    if call.body.get("scopeType", _WHOLE_CUSTOMER) != _WHOLE_CUSTOMER or call.body.get("orgUnitId"):
        raise Invalid("scopeType", f"Invalid scope value: here a role holds for the {_WHOLE_CUSTOMER}.")
    if call.body.get("condition") or call.body.get("expirationDetails"):
        raise Invalid("condition", "Invalid Input: here a role holds without a condition and without an end.")
    role = role_with(str(call.body.get("roleId") or ""))
    person = inner_of(customer, call.body.get("assignedTo") or "")
    if person is None:
        raise NotFound("assignedTo")
    if isinstance(person, DirectoryGroup):
        raise Invalid("assignedTo", "Invalid Input: assignedTo. People hold roles, groups hold none.")
    held = _assignments(customer).filter(user=person, role=role)
    if held.exists():
        raise DuplicateEntity("Role assignment already exists for the role")
    _give(call, person, role)
    return _shown(held.get())


@serves("directory.roleAssignments.delete")
def delete(call: Call) -> None:
    """Take a role from a person; what it opened is closed with the next request."""
    customer = console(call, call.params["customer"], Permission.ASSIGN_ROLES)
    held = _with_id(customer, call.params["roleAssignmentId"])
    unassign_role(actor=call.actor, person=held.user, role=Role(held.role))


def _give(call: Call, person: User, role: Role) -> None:
    try:
        assign_role(actor=call.actor, person=person, role=role)
    except ProofNeeded as error:
        raise Forbidden(
            "A super admin is made in the console alone, under Account, Admin roles, by a super admin who has just"
            " proved who they are."
        ) from error


def _assignments(customer: Customer) -> QuerySet[RoleAssignment]:
    rows = RoleAssignment.objects.filter(user__customer=customer, user__deleted_at=None, role__in=CUSTOMER_ROLES)
    return rows.select_related("user")


def _with_id(customer: Customer, text: str) -> RoleAssignment:
    """Return a customer's assignment with an id. It has few of them: they are looked through."""
    found = next((row for row in _assignments(customer) if _id(row) == text), None)
    if found is None:
        raise NotFound("roleAssignmentId")
    return found


def _id(assignment: RoleAssignment) -> str:
    """Return the number of an assignment, which says nothing about the row: of who holds it, and what."""
    text = f"{assignment.user.public_id}:{assignment.role}".encode()
    return str(int.from_bytes(hashlib.sha256(text).digest()[:8]) >> (64 - _ID_BITS))


def _shown(assignment: RoleAssignment) -> dict[str, Any]:
    return {
        "kind": "admin#directory#roleAssignment",
        "roleAssignmentId": _id(assignment),
        "roleId": role_id(Role(assignment.role)),
        "assignedTo": assignment.user.public_id,
        "assigneeType": "user",
        "scopeType": _WHOLE_CUSTOMER,
    }
