from __future__ import annotations

from accounts.models.activations import Activation
from accounts.models.api_calls import ApiQuota, ApiUpload, ApiUploadPart
from accounts.models.applications import Consent, SigningKey
from accounts.models.audit_event import AuditEvent, EventOfChange
from accounts.models.background import Heartbeat, Sweep
from accounts.models.channels import ActivityChannel
from accounts.models.devices import Device
from accounts.models.directory import Address, DirectoryGroup, GroupMember, OrgUnit
from accounts.models.domains import Domain
from accounts.models.entries import ConsoleSession, Notification, OpenedPage
from accounts.models.feedback import HelpFeedback
from accounts.models.identity_providers import IdentityProvider
from accounts.models.jobs import Job, JobLine
from accounts.models.keeping import Kept
from accounts.models.lost_factors import FactorReset
from accounts.models.machines import ApiToken, KeptOutMachine, ServiceAccount, ServiceAccountKey
from accounts.models.mail import Mail
from accounts.models.notices import NoticePreference, UntoldEvent
from accounts.models.organisations import Customer, Reseller
from accounts.models.people import RoleAssignment, User
from accounts.models.provisioning import Provisioned, ScimToken
from accounts.models.seals import DroppedMonths, Seal, SealEra, Sealing, SealKey
from accounts.models.sign_ins import FailedSignIns
from accounts.models.staffing import CustomerAgent, CustomerTeam, Team
from accounts.models.two_people import PastSuperAdmin, Proposal, TwoPeople
from accounts.models.webhooks import WebhookAttempt, WebhookDelivery, WebhookEndpoint

__all__ = [
    "Activation",
    "ActivityChannel",
    "Address",
    "ApiQuota",
    "ApiToken",
    "ApiUpload",
    "ApiUploadPart",
    "AuditEvent",
    "Consent",
    "ConsoleSession",
    "Customer",
    "CustomerAgent",
    "CustomerTeam",
    "Device",
    "DirectoryGroup",
    "Domain",
    "DroppedMonths",
    "EventOfChange",
    "FactorReset",
    "FailedSignIns",
    "GroupMember",
    "Heartbeat",
    "HelpFeedback",
    "IdentityProvider",
    "Job",
    "JobLine",
    "Kept",
    "KeptOutMachine",
    "Mail",
    "NoticePreference",
    "Notification",
    "OpenedPage",
    "OrgUnit",
    "PastSuperAdmin",
    "Proposal",
    "Provisioned",
    "Reseller",
    "RoleAssignment",
    "ScimToken",
    "Seal",
    "SealEra",
    "SealKey",
    "Sealing",
    "ServiceAccount",
    "ServiceAccountKey",
    "SigningKey",
    "Sweep",
    "Team",
    "TwoPeople",
    "UntoldEvent",
    "User",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
]
