from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.authorisation import permissions_on
from accounts.models import Customer, User
from accounts.notifications import COUNTED, unread_number
from accounts.permissions import Permission
from web import navigation


@dataclass(frozen=True, slots=True)
class ActingFor:
    """For whom an agent works, and in whose console (R15)."""

    reseller_name: str
    customer_name: str
    leave_url: str


@dataclass(frozen=True, slots=True)
class Bell:
    """Where the notifications of a customer's admin are, and how many it has not read; empty for none."""

    url: str
    unread: str


def shell(request: HttpRequest) -> dict[str, Any]:
    """What every page of the shell needs."""
    context: dict[str, Any] = {"vendor_name": settings.VENDOR_NAME, "demo": settings.DEMO, "preferences": None}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return context
    context["preferences"] = user
    customer = getattr(request, "customer", None)
    reseller = getattr(request, "acting_reseller", None)
    if customer is not None:
        context["customer"] = customer
        permissions: frozenset[Permission] = getattr(request, "permissions", frozenset())
        context["navigation"] = navigation.console_navigation(request, customer, permissions)
        context["bell"] = _bell(user, customer, permissions)
    elif user.customer is not None:
        # Pages about the person, outside the console: the drawer leads back into it.
        permissions = permissions_on(user, user.customer)
        context["navigation"] = navigation.console_navigation(request, user.customer, permissions)
        context["bell"] = _bell(user, user.customer, permissions)
    elif user.reseller_id:
        context["navigation"] = navigation.reseller_navigation(request, user)
    elif user.is_vendor:
        context["navigation"] = navigation.vendor_navigation(request, user)
    if customer is not None and reseller is not None:
        leave_url = reverse("leave_console", kwargs={"domain": customer.primary_domain})
        context["acting_for"] = ActingFor(reseller.name, customer.name, leave_url)
    return context


def _bell(user: User, customer: Customer, permissions: Collection[Permission]) -> Bell | None:
    if user.customer_id != customer.pk or Permission.VIEW_CONSOLE_SESSIONS not in permissions:
        return None
    number = unread_number(user)
    unread = f"{COUNTED - 1}+" if number == COUNTED else str(number or "")
    return Bell(reverse("notifications", kwargs={"domain": customer.primary_domain}), unread)
