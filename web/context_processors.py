from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.authorisation import permissions_on
from accounts.models import User
from accounts.notifications.reading import COUNTED, unread_number
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
    """How many notifications a person has not read; empty for none."""

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
    elif user.customer is not None:
        # Pages about the person, outside the console: the drawer leads back into it.
        permissions = permissions_on(user, user.customer)
        context["navigation"] = navigation.console_navigation(request, user.customer, permissions)
    elif user.reseller_id:
        context["navigation"] = navigation.reseller_navigation(request, user)
    elif user.is_vendor:
        context["navigation"] = navigation.vendor_navigation(request, user)
    if customer is None or user.customer_id == customer.pk:
        # In someone else's console a person does not read what their own organisation is told.
        context["bell"] = _bell(user)
    if customer is not None and reseller is not None:
        leave_url = reverse("leave_console", kwargs={"domain": customer.primary_domain})
        context["acting_for"] = ActingFor(reseller.name, customer.name, leave_url)
    return context


def _bell(user: User) -> Bell:
    number = unread_number(user)
    unread = f"{COUNTED - 1}+" if number == COUNTED else str(number or "")
    return Bell(unread)
