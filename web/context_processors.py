from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.authorisation import permissions_on
from accounts.models import Activation, Customer, Reseller, User
from accounts.notifications.reading import COUNTED, unread_number
from accounts.permissions import Permission
from subscriptions.access.activating import reach_of
from web import navigation


@dataclass(frozen=True, slots=True)
class ActingFor:
    """For whom an agent works, and in whose console (R15).

    activation: what they are inside by, where the console is open only when needed (R20); ends_at: until when.
    """

    reseller_name: str
    customer_name: str
    leave_url: str
    activation: Activation | None = None
    ends_at: datetime | None = None
    may_ask_for_more: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """The search of the console that a page is of: its page, and what can be found there."""

    url: str
    label: str


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
    context["factor_duty"] = duty = getattr(request, "factor_duty", None)
    if duty is not None and duty.is_over:
        # Nothing else opens to them (P12): no menu, search or bell that would only lead back.
        return context
    customer = getattr(request, "customer", None)
    reseller = getattr(request, "acting_reseller", None)
    if customer is not None:
        context["customer"] = customer
        permissions: frozenset[Permission] = getattr(request, "permissions", frozenset())
        context |= _of_console(request, customer, permissions)
        context["reads_log"] = Permission.VIEW_AUDIT_LOG in permissions
    elif user.customer is not None:
        # Pages about the person, outside the console: the drawer leads back into it.
        context |= _of_console(request, user.customer, permissions_on(user, user.customer))
    elif user.reseller is not None:
        context |= _of_reseller(request, user, user.reseller)
    elif user.is_vendor:
        context |= _of_vendor(request, user)
    if customer is None or user.customer_id == customer.pk:
        # In someone else's console a person does not read what their own organisation is told.
        context["bell"] = _bell(user)
    if customer is not None and reseller is not None:
        leave_url = reverse("leave_console", kwargs={"domain": customer.primary_domain})
        more = _activation(request)
        context["acting_for"] = ActingFor(reseller.name, customer.name, leave_url, **more)
    return context


def _of_console(request: HttpRequest, customer: Customer, permissions: frozenset[Permission]) -> dict[str, Any]:
    """Return menu, name and search of a customer's console; a stranger, who gets a 404, is not told the name."""
    found: dict[str, Any] = {"navigation": navigation.console_navigation(request, customer, permissions)}
    where = {"domain": customer.primary_domain}
    if Permission.VIEW_CONSOLE in permissions:
        found["organisation"] = customer.name
        found["top_search"] = Search(reverse("console_search", kwargs=where), _("Search this console"))
    if Permission.VIEW_USERS in permissions:
        found["suggests"] = reverse("console_people", kwargs=where)
    return found


def _of_reseller(request: HttpRequest, user: User, reseller: Reseller) -> dict[str, Any]:
    """Return menu, name and search of a reseller's own pages."""
    items = navigation.reseller_navigation(request, user)
    found: dict[str, Any] = {"navigation": items, "organisation": reseller.name}
    if items:
        found["top_search"] = Search(reverse("reseller_search"), _("Search customers and cases"))
    if navigation.lists_staff(items):
        found["suggests"] = reverse("reseller_people")
    return found


def _of_vendor(request: HttpRequest, user: User) -> dict[str, Any]:
    """Return menu, name and search of the vendor's pages."""
    items = navigation.vendor_navigation(request, user)
    found: dict[str, Any] = {"navigation": items, "organisation": settings.VENDOR_NAME}
    if items:
        found["top_search"] = Search(reverse("vendor_search"), _("Search organisations and cases"))
    return found


def _activation(request: HttpRequest) -> dict[str, Any]:
    number = getattr(request, "activation_id", None)
    reach = reach_of(number) if number else None
    if reach is None:
        return {}
    return {"activation": reach.activation, "ends_at": reach.until, "may_ask_for_more": reach.may_ask_for_more}


def _bell(user: User) -> Bell:
    number = unread_number(user)
    unread = f"{COUNTED - 1}+" if number == COUNTED else str(number or "")
    return Bell(unread)
