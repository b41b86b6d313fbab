"""The events that nobody is told of, each with the reason (R25)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from accounts.models.audit_event import EventName

_DIRECTORY = "everyday work in the directory; what was done from outside is in the audit log and in the visit"
_OWN = "the person did it themselves"
_CASE = "its subscribers get a mail of their own"
_STAFF = "concerns nobody until an agent or a customer is in it"

UNNEEDED: Final[Mapping[EventName, str]] = MappingProxyType(
    {
        EventName.RESELLER_ACCESS_SUPERSEDED: "the change that supersedes it is told",
        EventName.RESTORE_BACKUP: "super admins get a mail of their own, and the page Reseller access says it",
        EventName.RESELLER_CONSOLE_ENTERED: "told with the entry itself, by a mail of its own (R15)",
        EventName.RESELLER_CONSOLE_LEFT: "the end of an entry that was told",
        EventName.CREATE_CUSTOMER: "nobody is there yet to be told",
        EventName.CHANGE_CUSTOMER: "name and address, which open nothing",
        EventName.CREATE_RESELLER: "nobody is there yet to be told",
        EventName.CREATE_USER: "the new person gets an invitation; a super admin among them is told by the role",
        EventName.CHANGE_PASSWORD: "written by earlier releases only",
        EventName.INVITE_USER: "is a mail itself",
        EventName.LOGIN_SUCCESS: _OWN,
        EventName.LOGIN_FAILURE: "many a day; the audit log and the home page count them",
        EventName.LOGOUT: _OWN,
        EventName.PASSWORD_EDIT: _OWN,
        EventName.PASSWORD_LINK_USED: _OWN,
        EventName.CHANGE_USER: _DIRECTORY,
        EventName.RENAME_USER: _DIRECTORY,
        EventName.REMOVE_ALIAS: _DIRECTORY,
        EventName.PURGE_USER: "20 days after a deletion that was told",
        EventName.MOVE_USER_TO_ORG_UNIT: _DIRECTORY,
        EventName.DOWNLOAD_USERLIST_CSV: "only the customer’s own admins can, and the audit log says who",
        EventName.BULK_UPLOAD: _DIRECTORY,
        EventName.BULK_CHANGE: _DIRECTORY,
        EventName.BULK_STOPPED: _DIRECTORY,
        EventName.CREATE_GROUP: _DIRECTORY,
        EventName.CHANGE_GROUP: _DIRECTORY,
        EventName.CHANGE_GROUP_SETTING: _DIRECTORY,
        EventName.DELETE_GROUP: _DIRECTORY,
        EventName.ADD_GROUP_MEMBER: _DIRECTORY,
        EventName.UPDATE_GROUP_MEMBER: _DIRECTORY,
        EventName.REMOVE_GROUP_MEMBER: _DIRECTORY,
        EventName.CREATE_ORG_UNIT: _DIRECTORY,
        EventName.EDIT_ORG_UNIT: _DIRECTORY,
        EventName.MOVE_ORG_UNIT: _DIRECTORY,
        EventName.REMOVE_ORG_UNIT: _DIRECTORY,
        EventName.ENROLL_DEVICE: _DIRECTORY,
        EventName.APPROVE_DEVICE: _DIRECTORY,
        EventName.BLOCK_DEVICE: _DIRECTORY,
        EventName.REMOVE_DEVICE: _DIRECTORY,
        EventName.MOVE_DEVICE_TO_ORG_UNIT: _DIRECTORY,
        EventName.CREATE_TEAM: _STAFF,
        EventName.RENAME_TEAM: _STAFF,
        EventName.RENEW_SUBSCRIPTION: "happens as the customer was shown; the home page says what ends",
        EventName.USER_LICENSE_ASSIGNMENT: _DIRECTORY,
        EventName.USER_LICENSE_REVOKE: _DIRECTORY,
        EventName.CHANGE_LICENSE_AUTO_ASSIGN: _DIRECTORY,
        EventName.ADD_PAYMENT_ACCOUNT: "agreed with the vendor; the page Billing shows it",
        EventName.REMOVE_PAYMENT_ACCOUNT: "agreed with the vendor; the page Billing shows it",
        EventName.SUPPORT_PARTNER_LOOKED_UP: "opens nothing; the audit log says who looked",
        EventName.SUPPORT_PARTNER_VERIFICATION_RESENT: "is a mail to the verifier itself",
        EventName.COMMENT_CASE: _CASE,
        EventName.ASSIGN_CASE: _CASE,
        EventName.CHANGE_CASE_STATE: _CASE,
        EventName.CHANGE_CASE_PRIORITY: _CASE,
        EventName.CHANGE_CASE_SUBSCRIBERS: _CASE,
        EventName.ESCALATE_CASE: _CASE,
        EventName.CLOSE_CASE: _CASE,
        EventName.REOPEN_CASE: _CASE,
        EventName.RATE_CASE: _CASE,
        EventName.ATTACH_TO_CASE: _CASE,
        EventName.DOWNLOAD_CASE_ATTACHMENT: "opens nothing; the audit log says who did",
    }
)
