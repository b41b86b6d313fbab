"""The roles, and what each may do: the only list (P3, P4, P5)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission


class Role(models.TextChoices):
    """What a person may be asked to do for the organisation they belong to."""

    # P3: at a customer
    SUPER_ADMIN = "super_admin", _("Super admin")
    SUPPORT_MANAGER = "support_manager", _("Support manager")
    SUPPORT = "support", _("Support")
    USER_MANAGEMENT_ADMIN = "user_management_admin", _("User management admin")
    HELP_DESK_ADMIN = "help_desk_admin", _("Help desk admin")
    AUDITOR = "auditor", _("Auditor")
    # P4: at a reseller
    RESELLER_ADMIN = "reseller_admin", _("Reseller admin")
    INDIRECT_RESELLER_ADMIN = "indirect_reseller_admin", _("Indirect reseller admin")
    RESELLER_AGENT = "reseller_agent", _("Reseller agent")
    SUPPORT_AGENT = "support_agent", _("Support agent")
    # P5: at the vendor
    VENDOR_OPERATOR = "vendor_operator", _("Vendor operator")
    VENDOR_SUPPORT = "vendor_support", _("Vendor support")


def holds_sql(person: str, *roles: Role) -> str:
    """Return the SQL condition that the person with the id `person`, a column, holds one of `roles`."""
    names = ", ".join(f"'{role}'" for role in sorted(roles))
    return f"EXISTS (SELECT 1 FROM accounts_roleassignment h WHERE h.user_id = {person} AND h.role IN ({names}))"  # noqa: S608  our roles


CUSTOMER_ROLES = frozenset(
    {
        Role.SUPER_ADMIN,
        Role.SUPPORT_MANAGER,
        Role.SUPPORT,
        Role.USER_MANAGEMENT_ADMIN,
        Role.HELP_DESK_ADMIN,
        Role.AUDITOR,
    }
)
RESELLER_ROLES = frozenset({Role.RESELLER_ADMIN, Role.INDIRECT_RESELLER_ADMIN, Role.RESELLER_AGENT, Role.SUPPORT_AGENT})
VENDOR_ROLES = frozenset({Role.VENDOR_OPERATOR, Role.VENDOR_SUPPORT})

# Who sees every customer of their reseller without being assigned to them (P4).
ALL_CUSTOMERS_ROLES = frozenset({Role.RESELLER_ADMIN, Role.INDIRECT_RESELLER_ADMIN})
# Who sees the customers that were assigned to this person or to one of their teams (P4).
ASSIGNED_CUSTOMERS_ROLES = frozenset({Role.RESELLER_AGENT})
# Who has customers at all, and works in their consoles.
CUSTOMER_STAFF = ALL_CUSTOMERS_ROLES | ASSIGNED_CUSTOMERS_ROLES

# Who orders and changes subscriptions for their reseller; an indirect reseller admin adds customers only (P4).
SALES_ROLES = frozenset({Role.RESELLER_ADMIN, Role.RESELLER_AGENT})

# Who works on support cases for their reseller, and may confirm a support relationship (P4, S4, S10).
SUPPORT_ROLES = frozenset({Role.RESELLER_ADMIN, Role.SUPPORT_AGENT})

# What a customer's own admins may do in their console.
CUSTOMER_ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.SUPER_ADMIN: frozenset(Permission) - {Permission.KNOW_CUSTOMER},
    Role.SUPPORT_MANAGER: frozenset(
        {
            Permission.VIEW_CONSOLE,
            Permission.MANAGE_SUPPORT_PARTNERS,
            Permission.VIEW_SUPPORT_CONTRACTS,
            Permission.VIEW_CASES,
            Permission.FILE_CASES,
        }
    ),
    Role.SUPPORT: frozenset(
        {Permission.VIEW_CONSOLE, Permission.VIEW_SUPPORT_CONTRACTS, Permission.VIEW_CASES, Permission.FILE_CASES}
    ),
    Role.USER_MANAGEMENT_ADMIN: frozenset(
        {
            Permission.VIEW_CONSOLE,
            Permission.VIEW_USERS,
            Permission.MANAGE_USERS,
            Permission.RESET_PASSWORDS,
            Permission.EXPORT_USERS,
            Permission.VIEW_GROUPS,
            Permission.MANAGE_GROUPS,
            Permission.CHANGE_GROUP_ACCESS,
            Permission.VIEW_ORG_UNITS,
            Permission.MANAGE_ORG_UNITS,
        }
    ),
    Role.HELP_DESK_ADMIN: frozenset({Permission.VIEW_CONSOLE, Permission.VIEW_USERS, Permission.RESET_PASSWORDS}),
    Role.AUDITOR: frozenset(
        {
            Permission.VIEW_CONSOLE,
            Permission.VIEW_ACCOUNT,
            Permission.VIEW_USERS,
            Permission.VIEW_GROUPS,
            Permission.VIEW_ORG_UNITS,
            Permission.VIEW_DEVICES,
            Permission.VIEW_ROLES,
            Permission.VIEW_SUBSCRIPTIONS,
            Permission.VIEW_LICENCES,
            Permission.VIEW_BILLING,
            Permission.VIEW_CONSOLE_SESSIONS,
            Permission.VIEW_RESELLER_ACCESS,
            Permission.VIEW_DOMAINS,
            Permission.VIEW_AUDIT_LOG,
            Permission.VIEW_CASES,
        }
    ),
}

# What an agent may do in a customer's console while access is in force: the table of R14 in docs/rules.md. What is not
# listed here is closed to resellers, so a new permission starts closed.
AGENT_PERMISSIONS = frozenset(
    {
        Permission.VIEW_CONSOLE,
        Permission.VIEW_USERS,
        Permission.MANAGE_USERS,
        Permission.RESET_PASSWORDS,
        Permission.VIEW_GROUPS,
        Permission.MANAGE_GROUPS,
        Permission.VIEW_ORG_UNITS,
        Permission.MANAGE_ORG_UNITS,
        Permission.VIEW_DEVICES,
        Permission.MANAGE_DEVICES,
        Permission.VIEW_SUBSCRIPTIONS,
        Permission.VIEW_LICENCES,
        Permission.ASSIGN_LICENCES,
        Permission.VIEW_CASES,
        Permission.FILE_CASES,
    }
)

# What stands on something sold. A partner for support only has sold nothing (S9).
SALES_PERMISSIONS = frozenset({Permission.VIEW_SUBSCRIPTIONS, Permission.VIEW_LICENCES, Permission.ASSIGN_LICENCES})
CASE_PERMISSIONS = frozenset({Permission.VIEW_CASES, Permission.FILE_CASES})
SUPPORT_PARTNER_PERMISSIONS = (AGENT_PERMISSIONS - SALES_PERMISSIONS) | {Permission.KNOW_CUSTOMER}
