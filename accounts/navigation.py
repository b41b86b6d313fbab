"""The drawer: which pages there are, and which of them this person may open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, User
from accounts.permissions import Permission
from accounts.roles import CUSTOMER_STAFF, SUPPORT_ROLES, Role


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the console, the name of its URL and what it takes to open it."""

    label: Promise
    url_name: str
    icon: str
    permission: Permission
    children: tuple[Page, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the drawer."""

    label: Promise | str
    url: str
    icon: str
    current: bool
    children: list[Item] = field(default_factory=list)


# Beside the people in a customer's directory.
_DIRECTORY_PAGES = (
    Page(_("Groups"), "groups", "users-round", Permission.VIEW_GROUPS),
    Page(_("Organisational units"), "org_units", "network", Permission.VIEW_ORG_UNITS),
)
CONSOLE_PAGES = (
    Page(_("Home"), "console_home", "house", Permission.VIEW_CONSOLE),
    Page(_("Users"), "users", "users", Permission.VIEW_USERS, _DIRECTORY_PAGES),
    Page(_("Devices"), "devices", "monitor-smartphone", Permission.VIEW_DEVICES),
    Page(
        _("Subscriptions"),
        "subscriptions",
        "package",
        Permission.VIEW_SUBSCRIPTIONS,
        (Page(_("Licences"), "licences", "ticket-check", Permission.VIEW_LICENCES),),
    ),
    Page(_("Billing"), "billing", "credit-card", Permission.VIEW_BILLING),
    Page(
        _("Account settings"),
        "account_settings",
        "settings",
        Permission.VIEW_ACCOUNT,
        (
            Page(_("Reseller access"), "reseller_access", "handshake", Permission.VIEW_RESELLER_ACCESS),
            Page(_("Admin roles"), "admin_roles", "shield-check", Permission.VIEW_ROLES),
            Page(_("Work from outside"), "outside_access", "door-open", Permission.VIEW_CONSOLE_SESSIONS),
        ),
    ),
    Page(
        _("Support"),
        "support_home",
        "life-buoy",
        Permission.VIEW_CASES,
        (
            Page(_("Cases"), "support_cases", "life-buoy", Permission.VIEW_CASES),
            Page(_("Support partners"), "support_partners", "headset", Permission.MANAGE_SUPPORT_PARTNERS),
        ),
    ),
    Page(_("Audit log"), "audit_log", "scroll-text", Permission.VIEW_AUDIT_LOG),
)


def console_navigation(request: HttpRequest, customer: Customer, permissions: Iterable[Permission]) -> list[Item]:
    """Return the lines of a customer's console that `permissions` open."""
    return _items(CONSOLE_PAGES, request, customer.primary_domain, frozenset(permissions))


def _items(pages: Iterable[Page], request: HttpRequest, domain: str, permissions: frozenset[Permission]) -> list[Item]:
    return [
        Item(
            page.label,
            url := reverse(page.url_name, kwargs={"domain": domain}),
            page.icon,
            request.path == url,
            _items(page.children, request, domain, permissions),
        )
        for page in pages
        if page.permission in permissions
    ]


def reseller_navigation(request: HttpRequest, user: User) -> list[Item]:
    """Return the lines of the reseller's own pages; a suspended reseller has none (R13)."""
    if user.reseller is None or user.reseller.suspended_at is not None:
        return []
    pages = []
    if user.roles & CUSTOMER_STAFF:
        pages.append((_("Home"), "reseller_home", "house"))
        pages.append((_("Customers"), "reseller_customers", "building-2"))
    if user.roles & SUPPORT_ROLES:
        pages.append((_("Support"), "reseller_support", "headset"))
    if user.roles:
        pages.append((_("Cases"), "reseller_cases", "life-buoy"))
    if Role.RESELLER_ADMIN in user.roles:
        pages.append((_("Transfers"), "reseller_transfers", "arrow-left-right"))
        pages.append((_("Staff"), "reseller_staff", "users"))
    if user.roles:
        pages.append((_("Activity"), "reseller_activity", "activity"))
    return [_item(request, *page) for page in pages]


def vendor_navigation(request: HttpRequest, user: User) -> list[Item]:
    """Return the lines of the vendor's pages."""
    pages = []
    if Role.VENDOR_OPERATOR in user.roles:
        pages.append((_("Access changes"), "operations_access_changes", "activity"))
    if Role.VENDOR_SUPPORT in user.roles:
        pages.append((_("Cases"), "vendor_cases", "life-buoy"))
    return [_item(request, *page) for page in pages]


def _item(request: HttpRequest, label: Promise, url_name: str, icon: str) -> Item:
    url = reverse(url_name)
    return Item(label, url, icon, request.path == url)
