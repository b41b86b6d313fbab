from __future__ import annotations

from accounts.models.audit_event import AuditEvent
from accounts.models.feedback import HelpFeedback
from accounts.models.organisations import Customer, Reseller
from accounts.models.people import RoleAssignment, User
from accounts.models.staffing import CustomerAgent, CustomerTeam, Team

__all__ = [
    "AuditEvent",
    "Customer",
    "CustomerAgent",
    "CustomerTeam",
    "HelpFeedback",
    "Reseller",
    "RoleAssignment",
    "Team",
    "User",
]
