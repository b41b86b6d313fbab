"""What can be done in a customer's console, as one enum.

A view names one of these; the authentication backends answer `user.has_perm(permission, customer)`,
each for its own kind of actor.
"""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """A right in the console of one customer."""

    # To be told that the customer exists: its resellers' agents, whether or not access is in force.
    KNOW_CUSTOMER = "accounts.know_customer"
    VIEW_CONSOLE = "accounts.view_console"
    VIEW_ACCOUNT = "accounts.view_account"
    VIEW_SUBSCRIPTIONS = "accounts.view_subscriptions"
    VIEW_RESELLER_ACCESS = "accounts.view_reseller_access"
    CHANGE_RESELLER_ACCESS = "accounts.change_reseller_access"
    VIEW_AUDIT_LOG = "accounts.view_audit_log"
    # S2: the page Support partners, and the contracts it becomes (S9).
    MANAGE_SUPPORT_PARTNERS = "accounts.manage_support_partners"
    VIEW_SUPPORT_CONTRACTS = "accounts.view_support_contracts"
    # Of which services is a matter of scope (support/scope.py).
    VIEW_CASES = "accounts.view_cases"
    FILE_CASES = "accounts.file_cases"
