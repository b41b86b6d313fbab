"""Members of groups (Directory v1): people and groups of the same customer, each with a role."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Q, QuerySet

from accounts.directory.group_members import containing, inside, members_of, members_through
from accounts.directory.groups import add_members, change_member_role, remove_member
from accounts.models import DirectoryGroup, GroupMember, User
from accounts.models.directory import MemberRole
from accounts.permissions import Permission
from api.core.call import Call
from api.core.errors import ApiError, ConditionNotMet, DuplicateEntity, Invalid, NotFound
from api.core.methods import serves
from api.core.paging import page
from api.directory.group_keys import Inner, group_of, inner_of

_PAGE_AT_MOST: Final = 200
_ROLES: Final = {role.upper(): role for role in MemberRole}
# Mail goes to everybody in a group: there is no other setting.
_DELIVERY: Final = "ALL_MAIL"


@serves("directory.members.list")
def list_members(call: Call) -> dict[str, Any]:
    """Return a page of who is in a group, directly or, where that is asked for, also through the groups in it."""
    group = group_of(call, Permission.VIEW_GROUPS)
    derived = call.params.get("includeDerivedMembership", False)
    members = members_through(group) if derived else members_of(group)
    if wanted := call.params.get("roles", ""):
        members = members.filter(_with_roles(group, wanted))
    size = min(call.params.get("maxResults", _PAGE_AT_MOST), _PAGE_AT_MOST)
    rows, token = page(call, members, keys=("id",), size=size)
    answer: dict[str, Any] = {"kind": "admin#directory#members", "members": [_listed(row, group) for row in rows]}
    return answer | ({"nextPageToken": token} if token else {})


@serves("directory.members.get")
def get(call: Call) -> dict[str, Any]:
    """Return one member of a group, a direct one."""
    return _shown(_member_of(call, Permission.VIEW_GROUPS))


@serves("directory.members.hasMember")
def has_member(call: Call) -> dict[str, Any]:
    """Tell whether a person, or a group, is in a group, directly or through others."""
    group = group_of(call, Permission.VIEW_GROUPS)
    inner = inner_of(group.customer, call.params["memberKey"])
    if inner is None:
        raise NotFound("memberKey")
    return {"isMember": _rows(inner).filter(group__in=inside(group)).exists()}


@serves("directory.members.insert")
def insert(call: Call) -> dict[str, Any]:
    """Put a person or a group of the customer into a group; addresses elsewhere are nobody's here.

    https://developers.google.com/workspace/admin/directory/v1/guides/manage-group-members
    """
    group = group_of(call, Permission.MANAGE_GROUPS)
    key = call.body.get("email") or call.body.get("id") or ""
    if not key:
        raise ApiError(400, "required", "Missing required field: memberKey", "memberKey")
    inner = inner_of(group.customer, key)
    if inner is None:
        raise NotFound("memberKey")
    role = _sent_role(call, inner) or MemberRole.MEMBER
    if isinstance(inner, DirectoryGroup) and inner.pk in containing(group):
        raise ConditionNotMet("Cyclic memberships not allowed")
    people, subgroups = ([inner], []) if isinstance(inner, User) else ([], [inner])
    if not add_members(actor=call.actor, group=group, people=people, subgroups=subgroups, role=role):
        raise DuplicateEntity("Member already exists.")
    return _shown(_direct(group, inner))


@serves("directory.members.patch", "directory.members.update")
def change(call: Call) -> dict[str, Any]:
    """Change the role of a member; nothing else of it can be changed here."""
    member = _member_of(call, Permission.MANAGE_GROUPS)
    role = _sent_role(call, member.user or member.subgroup)
    if role is not None:
        change_member_role(actor=call.actor, member=member, role=role)
        member.role = role
    return _shown(member)


@serves("directory.members.delete")
def delete(call: Call) -> None:
    """Take a person or a group out of a group."""
    remove_member(actor=call.actor, member=_member_of(call, Permission.MANAGE_GROUPS))


def _member_of(call: Call, permission: Permission) -> GroupMember:
    """Return the member of a group that a call names. Raises NotFound for who is not in it."""
    group = group_of(call, permission)
    inner = inner_of(group.customer, call.params["memberKey"])
    if inner is None:
        raise NotFound("memberKey")
    return _direct(group, inner)


def _direct(group: DirectoryGroup, inner: Inner) -> GroupMember:
    member = members_of(group).filter(_names(inner)).first()
    if member is None:
        raise NotFound("memberKey")
    member.group = group
    return member


def _names(inner: Inner) -> Q:
    return Q(user=inner) if isinstance(inner, User) else Q(subgroup=inner)


def _rows(inner: Inner) -> QuerySet[GroupMember]:
    return GroupMember.objects.filter(_names(inner))


def _sent_role(call: Call, inner: Inner | None) -> MemberRole | None:
    """Return the role that was sent; None for none. Raises Invalid, also for what no group is in another one."""
    if call.body.get("delivery_settings") not in {None, _DELIVERY}:
        raise Invalid("delivery_settings", f"Invalid Input: delivery_settings is {_DELIVERY} for all members here.")
    sent = call.body.get("role")
    if not sent:
        return None
    role = _ROLES.get(sent)
    if role is None:
        raise Invalid("role")
    if isinstance(inner, DirectoryGroup) and role != MemberRole.MEMBER:
        raise Invalid("role", "Invalid Input: memberKey. A group in a group is a MEMBER.")
    return role


def _with_roles(group: DirectoryGroup, wanted: str) -> Q:
    """Return who has one of these roles in a group; who is in it through another one is a plain member."""
    roles = [_ROLES.get(one.strip().upper()) for one in wanted.split(",")]
    if None in roles:
        raise Invalid("roles")
    condition = Q(group=group, role__in=roles)
    return condition | ~Q(group=group) if MemberRole.MEMBER in roles else condition


def _shown(member: GroupMember) -> dict[str, Any]:
    return _listed(member, member.group) | {"delivery_settings": _DELIVERY}


def _listed(member: GroupMember, group: DirectoryGroup) -> dict[str, Any]:
    """Return a member as the document names its fields. group: whose members are shown."""
    inner = member.user or member.subgroup
    assert inner is not None  # a constraint of the database
    is_suspended, is_direct = isinstance(inner, User) and not inner.is_active, member.group_id == group.pk
    return {
        "kind": "admin#directory#member",
        "id": inner.public_id,
        "email": inner.email,
        "role": (member.role if is_direct else MemberRole.MEMBER).upper(),
        "type": "USER" if isinstance(inner, User) else "GROUP",
        "status": "SUSPENDED" if is_suspended else "ACTIVE",
    }
