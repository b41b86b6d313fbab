"""What can be done in a customer's console, as one enum.

A view names one of these; the authentication backends answer `user.has_perm(permission, customer)`,
each for its own kind of actor.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise


class Permission(StrEnum):
    """A right in the console of one customer."""

    # To be told that the customer exists: its resellers' agents, whether or not access is in force.
    KNOW_CUSTOMER = "accounts.know_customer"
    VIEW_CONSOLE = "accounts.view_console"
    VIEW_ACCOUNT = "accounts.view_account"
    # What the customer is called and how it is reached.
    MANAGE_PROFILE = "accounts.manage_profile"
    VIEW_SUBSCRIPTIONS = "accounts.view_subscriptions"
    VIEW_RESELLER_ACCESS = "accounts.view_reseller_access"
    CHANGE_RESELLER_ACCESS = "accounts.change_reseller_access"
    # P9: which domains the customer has.
    VIEW_DOMAINS = "accounts.view_domains"
    MANAGE_DOMAINS = "accounts.manage_domains"
    # P15: the tokens of programs that keep people and groups.
    MANAGE_PROVISIONING = "accounts.manage_provisioning"
    # X2: the machines of this organisation, and what they may do.
    MANAGE_SERVICE_ACCOUNTS = "accounts.manage_service_accounts"
    # P15: with which provider of its own the customer signs its people in.
    MANAGE_SINGLE_SIGN_ON = "accounts.manage_single_sign_on"
    # X6: the URLs that are told of what happens in the console.
    MANAGE_WEBHOOKS = "accounts.manage_webhooks"
    VIEW_AUDIT_LOG = "accounts.view_audit_log"
    # The directory. On whom someone may act is a question of its own (accounts/directory/people.py, may_change).
    VIEW_USERS = "accounts.view_users"
    MANAGE_USERS = "accounts.manage_users"
    RESET_PASSWORDS = "accounts.reset_passwords"
    EXPORT_USERS = "accounts.export_users"
    VIEW_GROUPS = "accounts.view_groups"
    MANAGE_GROUPS = "accounts.manage_groups"
    CHANGE_GROUP_ACCESS = "accounts.change_group_access"
    VIEW_ORG_UNITS = "accounts.view_org_units"
    MANAGE_ORG_UNITS = "accounts.manage_org_units"
    VIEW_DEVICES = "accounts.view_devices"
    MANAGE_DEVICES = "accounts.manage_devices"
    VIEW_ROLES = "accounts.view_roles"
    ASSIGN_ROLES = "accounts.assign_roles"
    # Of which subscriptions is a matter of scope (subscriptions/access/scope.py).
    MANAGE_SUBSCRIPTIONS = "accounts.manage_subscriptions"
    TRANSFER_SUBSCRIPTIONS = "accounts.transfer_subscriptions"
    VIEW_LICENCES = "accounts.view_licences"
    ASSIGN_LICENCES = "accounts.assign_licences"
    VIEW_BILLING = "accounts.view_billing"
    # R15: who works in this console from outside, at this moment and before.
    VIEW_CONSOLE_SESSIONS = "accounts.view_console_sessions"
    END_CONSOLE_SESSIONS = "accounts.end_console_sessions"
    # S2: the page Support partners, and the contracts it becomes (S9).
    MANAGE_SUPPORT_PARTNERS = "accounts.manage_support_partners"
    VIEW_SUPPORT_CONTRACTS = "accounts.view_support_contracts"
    # Of which services is a matter of scope (support/scope.py).
    VIEW_CASES = "accounts.view_cases"
    FILE_CASES = "accounts.file_cases"


@dataclass(frozen=True, slots=True)
class Fact:
    """One condition of a right, in words about the person: where it holds, and where it does not (R24)."""

    holds: bool
    yes: Promise | str
    no: Promise | str

    @property
    def text(self) -> str:
        return str(self.yes if self.holds else self.no)
