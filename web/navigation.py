"""The drawer: which pages there are, and which of them this person may open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

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
    """A line of the drawer. current: its aria-current: this page, or one that lies below it ("true").

    Two lines at one place of the drawer with the same URL have the same label, in each language.
    """

    label: Promise | str = field(compare=False)
    url: str
    icon: str
    current: str = ""
    children: tuple[Item, ...] = ()


_HOME = "house"  # the icon, by which the line is known that everything lies below

# Beside the people in a customer's directory.
_DIRECTORY_PAGES = (
    Page(_("Groups"), "groups", "users-round", Permission.VIEW_GROUPS),
    Page(_("Organisational units"), "org_units", "network", Permission.VIEW_ORG_UNITS),
)
CONSOLE_PAGES = (
    Page(_("Home"), "console_home", _HOME, Permission.VIEW_CONSOLE),
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
        _("Account"),
        "account_settings",
        "settings",
        Permission.VIEW_ACCOUNT,
        (
            Page(_("Account settings"), "account_settings", "settings", Permission.VIEW_ACCOUNT),
            Page(_("Domains"), "domains", "globe", Permission.VIEW_DOMAINS),
            Page(_("Provisioning"), "provisioning", "refresh-cw", Permission.MANAGE_PROVISIONING),
            Page(_("Service accounts"), "service_accounts", "bot", Permission.MANAGE_SERVICE_ACCOUNTS),
            Page(_("Applications"), "applications", "app-window", Permission.MANAGE_SERVICE_ACCOUNTS),
            Page(_("Single sign-on"), "single_sign_on", "key-round", Permission.MANAGE_SINGLE_SIGN_ON),
            Page(_("Webhooks"), "webhooks", "webhook", Permission.MANAGE_WEBHOOKS),
            Page(_("Reseller access"), "reseller_access", "handshake", Permission.VIEW_RESELLER_ACCESS),
            Page(_("Admin roles"), "admin_roles", "shield-check", Permission.VIEW_ROLES),
            Page(_("Two people"), "two_people", "user-check", Permission.VIEW_RESELLER_ACCESS),
            Page(_("External access"), "outside_access", "door-open", Permission.VIEW_CONSOLE_SESSIONS),
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


def console_navigation(request: HttpRequest, customer: Customer, permissions: Iterable[Permission]) -> tuple[Item, ...]:
    """Return the lines of a customer's console that `permissions` open."""
    place = getattr(request, "stands_under", "") or request.path
    return _of_console(customer.primary_domain, frozenset(permissions), place, request.path)


@lru_cache(maxsize=512)
def _of_console(domain: str, permissions: frozenset[Permission], place: str, path: str) -> tuple[Item, ...]:
    """Make the menu once for each page and set of rights; which rights a person has is asked for each request."""
    return _marked(_items(CONSOLE_PAGES, domain, permissions), place, path)


def _items(pages: tuple[Page, ...], domain: str, permissions: frozenset[Permission]) -> tuple[Item, ...]:
    return tuple(
        Item(
            page.label,
            reverse(page.url_name, kwargs={"domain": domain}),
            page.icon,
            children=_items(page.children, domain, permissions),
        )
        for page in pages
        if page.permission in permissions
    )


def _marked(items: tuple[Item, ...], place: str, path: str) -> tuple[Item, ...]:
    """Mark the line whose page this is, or else the nearest one that it lies below; everything lies below Home.

    place: where the page lies, which is not always what its URL says (ConsoleRequest.stands_under).
    """
    lines = [line for item in items for line in (item, *item.children)]
    above = [line for line in lines if place == line.url or (line.icon != _HOME and place.startswith(line.url))]
    if not above:
        return items
    # The last of those with the same address: the line itself, not the heading it stands under.
    nearest = max(reversed(above), key=lambda line: len(line.url))
    marked = replace(nearest, current="page" if path == nearest.url else "true")

    def with_mark(line: Item) -> Item:
        if line is nearest:
            return marked
        return replace(line, children=tuple(map(with_mark, line.children))) if nearest in line.children else line

    return tuple(map(with_mark, items))


def reseller_navigation(request: HttpRequest, user: User) -> tuple[Item, ...]:
    """Return the lines of the reseller's own pages; a suspended reseller has none (R13)."""
    if user.reseller is None or user.reseller.suspended_at is not None:
        return ()
    pages = []
    if user.roles & CUSTOMER_STAFF:
        pages.append((_("Home"), "reseller_home", _HOME))
        pages.append((_("Customers"), "reseller_customers", "building-2"))
    if user.roles & SUPPORT_ROLES:
        pages.append((_("Support"), "reseller_support", "headset"))
    if user.roles:
        pages.append((_("Cases"), "reseller_cases", "life-buoy"))
    if Role.RESELLER_ADMIN in user.roles:
        pages.append((_("Transfers"), "reseller_transfers", "arrow-left-right"))
        pages.append((_("Staff"), "reseller_staff", "users"))
        pages.append((_("Activations"), "reseller_activations", "timer"))
    if user.roles:
        pages.append((_("Activity"), "reseller_activity", "activity"))
    return _flat(request, pages)


def lists_staff(items: Iterable[Item]) -> bool:
    """Tell whether a reseller's menu leads to its staff: to those who see it, people of theirs are suggested."""
    return any(item.url == reverse("reseller_staff") for item in items)


def vendor_navigation(request: HttpRequest, user: User) -> tuple[Item, ...]:
    """Return the lines of the vendor's pages."""
    pages = [*_OPERATIONS] if Role.VENDOR_OPERATOR in user.roles else []
    if Role.VENDOR_SUPPORT in user.roles:
        pages.append((_("Cases"), "vendor_cases", "life-buoy"))
    return _flat(request, pages)


_OPERATIONS = (
    (_("Home"), "operations_home", _HOME),
    (_("Organisations"), "operations_organisations", "building-2"),
    (_("Domains that collide"), "operations_domains", "globe"),
    (_("People"), "operations_person", "user-search"),
    (_("Lost second factors"), "operations_lost_factors", "shield-off"),
    (_("Access changes"), "operations_access_changes", "activity"),
    (_("Queues"), "operations_queues", "timer"),
    (_("System health"), "operations_health", "heart-pulse"),
    (_("Rate limits"), "operations_limits", "gauge"),
    (_("Audit log"), "operations_audit", "scroll-text"),
    (_("Vendor staff"), "operations_staff", "users"),
    (_("Help answers"), "operations_help", "message-square-text"),
)


def _flat(request: HttpRequest, pages: Iterable[tuple[Promise, str, str]]) -> tuple[Item, ...]:
    items = tuple(Item(label, reverse(url_name), icon) for label, url_name, icon in pages)
    return _marked(items, getattr(request, "stands_under", "") or request.path, request.path)
