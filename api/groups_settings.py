"""Groups Settings v1: who may join a group, write to it and see its members. All its values are texts.

What the product has no setting for is said as it is, always the same, and cannot be changed.
https://developers.google.com/workspace/admin/groups-settings/v1/reference/groups
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from accounts.directory.groups import change_group, change_group_access
from accounts.models import DirectoryGroup
from accounts.models.directory import WhoMay
from accounts.permissions import Permission
from api.core.call import Call
from api.core.errors import ApiError, Invalid
from api.core.methods import serves
from api.directory.group_keys import group_of

_ID: Final = "groupUniqueId"
# What a value is called there, for each setting; those who are not in the first place of a name have it too, and keep
# what they have where it is sent back.
_JOIN: Final[Mapping[WhoMay, str]] = {
    WhoMay.ANYBODY: "ANYONE_CAN_JOIN",
    WhoMay.ORGANISATION: "ALL_IN_DOMAIN_CAN_JOIN",
    WhoMay.MANAGERS: "INVITED_CAN_JOIN",
    WhoMay.MEMBERS: "INVITED_CAN_JOIN",
    WhoMay.OWNERS: "INVITED_CAN_JOIN",
}
_POST: Final[Mapping[WhoMay, str]] = {
    WhoMay.ANYBODY: "ANYONE_CAN_POST",
    WhoMay.ORGANISATION: "ALL_IN_DOMAIN_CAN_POST",
    WhoMay.MEMBERS: "ALL_MEMBERS_CAN_POST",
    WhoMay.MANAGERS: "ALL_MANAGERS_CAN_POST",
    WhoMay.OWNERS: "ALL_OWNERS_CAN_POST",
}
_SEE: Final[Mapping[WhoMay, str]] = {
    WhoMay.ANYBODY: "ANYONE_CAN_VIEW",
    WhoMay.ORGANISATION: "ALL_IN_DOMAIN_CAN_VIEW",
    WhoMay.MEMBERS: "ALL_MEMBERS_CAN_VIEW",
    WhoMay.MANAGERS: "ALL_MANAGERS_CAN_VIEW",
    WhoMay.OWNERS: "ALL_MANAGERS_CAN_VIEW",
}
_SETTINGS: Final[Mapping[str, tuple[str, Mapping[WhoMay, str]]]] = {
    "whoCanJoin": ("who_may_join", _JOIN),
    "whoCanPostMessage": ("who_may_post", _POST),
    "whoCanViewMembership": ("who_may_see_members", _SEE),
}
_CHANGED: Final = frozenset({"kind", "email", "name", "description", *_SETTINGS})
_SAME_FOR_ALL: Final[Mapping[str, str]] = {
    "allowExternalMembers": "false",
    "allowWebPosting": "true",
    "archiveOnly": "false",
    "enableCollaborativeInbox": "false",
    "includeCustomFooter": "false",
    "includeInGlobalAddressList": "true",
    "isArchived": "false",
    "membersCanPostAsTheGroup": "false",
    "messageModerationLevel": "MODERATE_NONE",
    "replyTo": "REPLY_TO_IGNORE",
    "sendMessageDenyNotification": "false",
    "spamModerationLevel": "MODERATE",
    "whoCanApproveMembers": "ALL_MANAGERS_CAN_APPROVE",
    "whoCanContactOwner": "ALL_IN_DOMAIN_CAN_CONTACT",
    "whoCanDiscoverGroup": "ALL_IN_DOMAIN_CAN_DISCOVER",
    "whoCanLeaveGroup": "ALL_MEMBERS_CAN_LEAVE",
    "whoCanModerateContent": "OWNERS_AND_MANAGERS",
    "whoCanModerateMembers": "OWNERS_AND_MANAGERS",
    "whoCanViewGroup": "ALL_MEMBERS_CAN_VIEW",
}


@serves("groupsSettings.groups.get")
def get(call: Call) -> dict[str, Any]:
    """Return the settings of a group."""
    return _shown(_group(call, Permission.VIEW_GROUPS))


@serves("groupsSettings.groups.patch", "groupsSettings.groups.update")
def change(call: Call) -> dict[str, Any]:
    """Change the settings that there are, the name and the description: the customer's own admins only (R14)."""
    group, sent = _group(call, Permission.CHANGE_GROUP_ACCESS), call.body
    if sent.get("email", group.email) != group.email:
        # "This property can be updated using the Directory API."
        raise Invalid("email")
    for name, value in sent.items():
        if name not in _CHANGED and value != _SAME_FOR_ALL.get(name):
            raise Invalid(name, f"Invalid Input: {name} cannot be changed here.")
    wanted = {column: _sent(group, name, sent.get(name)) for name, (column, _values) in _SETTINGS.items()}
    if "name" in sent or "description" in sent:
        name, description = sent.get("name", group.name) or "", sent.get("description", group.description) or ""
        change_group(actor=call.actor, group=group, email=group.email, name=name, description=description)
    return _shown(change_group_access(actor=call.actor, group=group, **wanted))


def _group(call: Call, permission: Permission) -> DirectoryGroup:
    try:
        return group_of(call, permission, _ID)
    except ApiError as error:
        if error.status == 404:
            raise ApiError(404, "notFound", "Not Found", _ID) from error
        raise


def _sent(group: DirectoryGroup, name: str, value: str | None) -> WhoMay:
    """Return who may do something after a change; a name that means several leaves what it means now."""
    column, values = _SETTINGS[name]
    now = WhoMay(getattr(group, column))
    if value is None or values[now] == value:
        return now
    found = next((who for who, called in values.items() if called == value), None)
    if found is None:
        raise Invalid(name)
    return found


def _shown(group: DirectoryGroup) -> dict[str, Any]:
    """Return a group as the document names its fields."""
    settings = {name: values[WhoMay(getattr(group, column))] for name, (column, values) in _SETTINGS.items()}
    named = {"kind": "groupsSettings#groups", "email": group.email, "name": group.name}
    return {**named, "description": group.description, **_SAME_FOR_ALL, **settings}
