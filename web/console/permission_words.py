"""What a permission lets someone do, in words (R24). The permissions themselves: permissions.py."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission

# What the page *Explain access* asks about, in the order of the menu.
DEEDS: Final[Mapping[Permission, Promise]] = MappingProxyType(
    {
        Permission.VIEW_CONSOLE: _("Open this console"),
        Permission.VIEW_USERS: _("See users"),
        Permission.MANAGE_USERS: _("Create, change and delete users"),
        Permission.RESET_PASSWORDS: _("Reset passwords"),
        Permission.EXPORT_USERS: _("Download the list of users"),
        Permission.VIEW_GROUPS: _("See groups"),
        Permission.MANAGE_GROUPS: _("Manage groups"),
        Permission.VIEW_ORG_UNITS: _("See organisational units"),
        Permission.MANAGE_ORG_UNITS: _("Manage organisational units"),
        Permission.VIEW_DEVICES: _("See devices"),
        Permission.MANAGE_DEVICES: _("Manage devices"),
        Permission.VIEW_SUBSCRIPTIONS: _("See subscriptions"),
        Permission.MANAGE_SUBSCRIPTIONS: _("Order and change subscriptions"),
        Permission.TRANSFER_SUBSCRIPTIONS: _("Transfer subscriptions"),
        Permission.VIEW_LICENCES: _("See licences"),
        Permission.ASSIGN_LICENCES: _("Assign and unassign licences"),
        Permission.VIEW_BILLING: _("See billing"),
        Permission.VIEW_CASES: _("Read support cases"),
        Permission.FILE_CASES: _("File support cases"),
        Permission.MANAGE_SUPPORT_PARTNERS: _("Manage support partners"),
        Permission.VIEW_ROLES: _("See admin roles"),
        Permission.ASSIGN_ROLES: _("Give and take admin roles"),
        Permission.VIEW_RESELLER_ACCESS: _("See reseller access"),
        Permission.CHANGE_RESELLER_ACCESS: _("Change reseller access"),
        Permission.VIEW_DOMAINS: _("See domains"),
        Permission.MANAGE_DOMAINS: _("Add, verify and remove domains"),
        Permission.VIEW_CONSOLE_SESSIONS: _("See external access"),
        Permission.VIEW_AUDIT_LOG: _("Read the audit log"),
    }
)
