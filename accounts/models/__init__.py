from __future__ import annotations

from accounts.models.audit_event import AuditEvent
from accounts.models.background import Heartbeat, Sweep
from accounts.models.devices import Device
from accounts.models.directory import Address, DirectoryGroup, GroupMember, OrgUnit
from accounts.models.entries import ConsoleSession, Notification, OpenedPage
from accounts.models.feedback import HelpFeedback
from accounts.models.jobs import Job, JobLine
from accounts.models.keeping import Kept
from accounts.models.mail import Mail
from accounts.models.notices import NoticePreference, UntoldEvent
from accounts.models.organisations import Customer, Reseller
from accounts.models.people import RoleAssignment, User
from accounts.models.sign_ins import FailedSignIns
from accounts.models.staffing import CustomerAgent, CustomerTeam, Team

__all__ = [
    "Address",
    "AuditEvent",
    "ConsoleSession",
    "Customer",
    "CustomerAgent",
    "CustomerTeam",
    "Device",
    "DirectoryGroup",
    "FailedSignIns",
    "GroupMember",
    "Heartbeat",
    "HelpFeedback",
    "Job",
    "JobLine",
    "Kept",
    "Mail",
    "NoticePreference",
    "Notification",
    "OpenedPage",
    "OrgUnit",
    "Reseller",
    "RoleAssignment",
    "Sweep",
    "Team",
    "UntoldEvent",
    "User",
]
