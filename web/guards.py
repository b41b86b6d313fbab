"""Who may enter a view. Every view of the product carries exactly one of these decorators.

A stranger's object is 404, the wrong role 403, no session a redirect to sign-in. A view without a
declaration fails a test (tests/contract/).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, Protocol, TypeVar, cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.authorisation import explain, permissions_on
from accounts.console_sessions.inside import entry_in_force, in_browser, note_seen
from accounts.database.one_row import OneRow
from accounts.models import Customer, User
from accounts.permissions import Permission
from accounts.roles import RESELLER_ROLES, Role
from subscriptions.access.relation_status import can_activate, level_needed, would_open
from subscriptions.access.scope import asking_relations_of
from web import opened, unsaved
from web.middleware import is_background
from web.requests import ConsoleRequest, ResellerRequest, SignedInRequest


class Guarded(Protocol):
    """A view that says who may enter it, in words that the permission matrix compares."""

    entrance: str


View = Callable[..., HttpResponseBase]
# One that has the domain as its primary one is in front of one that had.
_CUSTOMER: Final = OneRow(
    Customer,
    "id = (SELECT customer_id FROM accounts_domain"
    " WHERE name = %s AND customer_id IS NOT NULL AND (kind = 'primary' OR holds AND was_primary)"
    " ORDER BY kind <> 'primary' LIMIT 1)",
)
V = TypeVar("V", bound=View)


def declare(entrance: str, view: V) -> V:
    """Mark a view with who may enter it."""
    cast("Guarded", view).entrance = entrance
    return view


def sign_in_first(view: View) -> View:
    """Send anyone who has not signed in to do so; what was sent when the session had ended comes back after that."""
    guarded = login_required(view)

    @wraps(view)
    def inner(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated and request.method == "POST":
            return unsaved.sign_in_again(request)
        if request.user.is_authenticated and unsaved.may_wait(request):
            return unsaved.shown_again(cast("SignedInRequest", request), lambda: view(request, **kwargs))
        return guarded(request, **kwargs)

    return inner


def everybody(view: V) -> V:
    """Let everybody in, signed in or not."""
    return declare("everybody", view)


def signed_in(view: View) -> View:
    """Let everybody in who has signed in."""
    return declare("signed in", sign_in_first(view))


def console_page(permission: Permission) -> Callable[[View], View]:
    """Let in anyone who holds `permission` on the customer in the URL, and pass the request with its customer.

    The authentication backends decide: the customer's own admins by role, a reseller's agents by the
    access that is in force at this instant (R8, R11). Replaces the `domain` of the URL by `request.customer`.
    What an agent is shown is written down first (R23).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: ConsoleRequest, domain: str, **kwargs: Any) -> HttpResponseBase:
            answer = _enter_console(request, domain, permission)
            if answer is not None:
                return answer
            shown = view(request, **kwargs)
            return shown if request.acting_reseller is None else opened.seen_by(request, kwargs, shown)

        return declare(str(permission), sign_in_first(inner))

    return decorate


def _enter_console(request: ConsoleRequest, domain: str, permission: Permission) -> HttpResponse | None:
    customer = customer_at(domain)
    request.customer = customer
    request.permissions = permissions_on(request.user, customer)
    is_own = request.user.customer_id == customer.pk
    if is_own:
        request.user.customer = customer
    if not is_own and not request.permissions & {Permission.VIEW_CONSOLE, Permission.KNOW_CUSTOMER}:
        raise Http404
    if domain != customer.primary_domain:
        return _lead_on(request, domain, customer)
    if not is_own and Permission.VIEW_CONSOLE not in request.permissions:
        return closed_console(request, customer)
    if permission not in request.permissions and not is_own:
        needed = level_needed(request.user, customer, permission)
        activates = needed is not None and would_open(request.user, customer, permission)
        context = {"closed_in": customer, "needed": needed, "may_activate": activates}
        return render(request, "403_outside.html", context, status=403)
    if permission not in request.permissions:
        raise PermissionDenied(_("Your role has no access to this page."))
    request.acting_reseller = None if is_own else request.user.reseller
    request.acting_as_support_partner = False
    return None if is_own else _admit(request, customer)


def _lead_on(request: SignedInRequest, domain: str, customer: Customer) -> HttpResponse:
    """Lead from the URL of an earlier primary domain to that of today (P9); a form is sent there as it is."""
    found = request.resolver_match
    assert found is not None and found.url_name is not None
    url = reverse(found.url_name, kwargs={**found.kwargs, "domain": customer.primary_domain})
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"{url}?{query}" if query else url, preserve_request=True)


def closed_console(request: SignedInRequest, customer: Customer) -> HttpResponse:
    """Say to an agent why a console is closed to them, and offer to activate it or to ask (R17, R20, R24)."""
    may_ask = asking_relations_of(request.user).filter(customer=customer).exists()
    why = explain(request.user, Permission.VIEW_CONSOLE, customer).first_no
    may_activate = can_activate(request.user, customer)
    context = {"customer": customer, "may_ask": may_ask and not may_activate, "why": why, "may_activate": may_activate}
    return render(request, "console/closed.html", context, status=403)


def _admit(request: ConsoleRequest, customer: Customer) -> HttpResponse | None:
    """Let in anyone who has entered the console in the window of access that is in force now; others enter it first."""
    session = entry_in_force(request.user, customer, in_browser(request.session.session_key))
    if session is None:
        url = reverse("enter_console", args=[customer.primary_domain])
        # A page that was asked for opens behind it; a form is not sent again.
        is_page = request.method in {"GET", "HEAD"} or unsaved.is_shown_again(request)
        return redirect(f"{url}?{urlencode({'next': request.get_full_path()})}" if is_page else url)
    request.acting_as_support_partner = session.as_support_partner
    request.console_session_id = session.pk
    request.activation_id = session.activation_id
    if not is_background(request):
        note_seen(session)
    return None


def known_customer(person: User, domain: str) -> Customer:
    """Return the customer with that primary domain; 404 where this agent is not to know of it."""
    customer = customer_at(domain)
    if not person.has_perm(Permission.KNOW_CUSTOMER, customer):
        raise Http404
    return customer


def customer_at(domain: str) -> Customer:
    """Return the customer with that primary domain, or whose it was and still is; else one in which nobody may do
    anything.

    Asked for rights in it like in any other, which takes as long: the time of a 404 tells nobody who is a customer.
    """
    return _CUSTOMER.get(domain) or Customer(pk=0)


def reseller_page(*roles: Role) -> Callable[[View], View]:
    """Let in the people of a reseller who hold one of `roles` (by default: any reseller role).

    People of customers and of the vendor get 404; people of a suspended reseller 403 (R13).
    """
    accepted = frozenset(roles) or RESELLER_ROLES

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: ResellerRequest, **kwargs: Any) -> HttpResponseBase:
            reseller = request.user.reseller
            if reseller is None:
                raise Http404
            if reseller.suspended_at is not None:
                raise PermissionDenied(_("Your organisation is suspended."))
            if not request.user.roles & accepted:
                raise PermissionDenied(_("Your role has no access to this page."))
            request.reseller = reseller
            return view(request, **kwargs)

        return declare("reseller: " + ", ".join(sorted(accepted)), sign_in_first(inner))

    return decorate


def vendor_page(*roles: Role) -> Callable[[View], View]:
    """Let in the vendor's people who hold one of `roles`; everybody else gets 404."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: SignedInRequest, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_vendor:
                raise Http404
            if not request.user.roles & frozenset(roles):
                raise PermissionDenied(_("Your role has no access to this page."))
            return view(request, **kwargs)

        return declare("vendor: " + ", ".join(sorted(roles)), sign_in_first(inner))

    return decorate
