"""A reseller's customers: the list, one customer, and the way into its console (P4, B3, R5, R15)."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import keyset
from accounts.actor import Actor
from accounts.clock import database_now
from accounts.console_sessions import entering
from accounts.console_sessions.inside import ended_by_admin, has_entered
from accounts.founding import may_add_customers
from accounts.models import Customer, User
from accounts.names import isolated
from accounts.permissions import Permission
from accounts.roles import CUSTOMER_STAFF
from subscriptions.access.customer_filter import EXTENTS, AccessFilter, CustomerFilter, SoldFilter
from subscriptions.access.customers_page import customers_page
from subscriptions.access.relation_status import access_of
from subscriptions.access.scope import access_relation, relations_of, sales_relations_of, sold_subscriptions
from subscriptions.lifecycle.customers import first_admin_waiting
from subscriptions.models import AccessGrant
from web.guards import closed_console, known_customer, reseller_page
from web.lists.filters import FilterForm
from web.lists.pages import page_of
from web.refusals import shown_on
from web.requests import ResellerRequest
from web.reseller.access_requests import requests_card
from web.reseller.forms import EntryForm

ENTERED = "console_entered"  # how settings_sign_in.py calls the limit
ASCENDING, DESCENDING = "name", "-name"
ANY: list[tuple[str, str | Promise]] = [("", gettext_lazy("Any"))]


class CustomersForm(FilterForm):
    """Search, filters and order of the list."""

    q = forms.CharField(label=gettext_lazy("Name or domain"), max_length=253, required=False)
    access = forms.ChoiceField(
        label=gettext_lazy("Access to the console"), choices=[*ANY, *AccessFilter.choices], required=False
    )
    sold = forms.ChoiceField(
        label=gettext_lazy("Subscription sold"), choices=[*ANY, *SoldFilter.choices], required=False
    )
    extent = forms.ChoiceField(label=gettext_lazy("Level or end"), choices=[*ANY, *EXTENTS], required=False)
    order = forms.ChoiceField(
        label=gettext_lazy("Sort by"),
        choices=[(ASCENDING, gettext_lazy("A to Z")), (DESCENDING, gettext_lazy("Z to A"))],
        required=False,
    )


@require_safe
@reseller_page(*CUSTOMER_STAFF)
def reseller_customers(request: ResellerRequest) -> HttpResponse:
    """Show the customers this agent works for, 50 a page; agents see only theirs (P4)."""
    form = CustomersForm(request.GET)
    context: dict[str, Any] = {"form": form, "rows": [], "now": database_now()}
    if form.is_valid():
        descending = form.cleaned_data["order"] == DESCENDING
        at = keyset.place(request.GET, f"customers {'down' if descending else 'up'}")
        page = customers_page(
            request.user,
            search=form.cleaned_data["q"],
            customer_filter=CustomerFilter(
                form.cleaned_data["access"], form.cleaned_data["sold"], form.cleaned_data["extent"]
            ),
            descending=descending,
            after=at.after,
            before=at.before,
        )
        context |= {"rows": page.rows, "total": page.total, "descending": descending}
        context["pager"] = keyset.pager(request, at, previous=page.previous, next=page.next)
    context["may_add"] = may_add_customers(request.user)
    return render(request, "reseller/customers.html", context)


@require_safe
@reseller_page(*CUSTOMER_STAFF)
def reseller_customer(request: ResellerRequest, domain: str) -> HttpResponse:
    """Show one customer: what this reseller sold, and whether its console is open to it, not the switch (B3, R5)."""
    relation = access_relation(request.user, domain)
    may_edit = may_add_customers(request.user) and not relation.is_support_only
    sold = page_of(request, sold_subscriptions(relation).select_related("sku__product"), "sold")
    return render(
        request,
        "reseller/customer.html",
        {
            "relation": relation,
            "access": access_of(relation),
            "now": database_now(),
            "sold": sold.rows,
            "pager": sold.pager,
            "has_entered": has_entered(request.user, relation.customer, request.session.session_key),
            "may_sell": sales_relations_of(request.user).filter(pk=relation.pk).exists(),
            "may_edit": may_edit,
            "first_admin": first_admin_waiting(relation.customer) if may_edit else None,
            # Also under a support contract, or as the partner of one service, with the console closed (S6, R19).
            "may_file_cases": request.user.has_perm(Permission.FILE_CASES, relation.customer),
        }
        | requests_card(request, relation),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(*CUSTOMER_STAFF)
def enter_console(request: ResellerRequest, domain: str) -> HttpResponse:
    """Say what entering means, then enter: recorded, and visible to the customer (R15)."""
    customer = known_customer(request.user, domain)
    if not request.user.has_perm(Permission.VIEW_CONSOLE, customer):
        return closed_console(request, customer)
    key = request.session.session_key
    form = EntryForm(request.POST if request.method == "POST" else None, customer=customer)
    if has_entered(request.user, customer, key) or (form.is_valid() and _enter(request, customer, form)):
        # A page of this console only: nothing else begins like that.
        wanted = request.GET.get("next", "")
        home = reverse("console_home", args=[domain])
        return redirect(wanted if wanted.startswith(home) else home)
    context = {
        "entered": customer,
        "relation": _relation(request.user, domain),
        "form": form,
        "ended": ended_by_admin(request.user, customer, key),
    }
    return render(request, "reseller/customer_enter.html", context, status=422 if form.errors else 200)


def _enter(request: ResellerRequest, customer: Customer, form: EntryForm) -> bool:
    """Enter; False where that was refused, which then stands in the form."""
    if not ratelimit.consume(request, action=ENTERED, user=request.user):
        # Each entry is a mail to each super admin: nobody floods them by going in and out.
        form.add_error(None, _("You have entered consoles very often. Try again in an hour."))
        return False
    key = request.session.session_key
    with shown_on(form):
        entering.enter_console(actor=Actor.of(request), customer=customer, session_key=key, **form.cleaned_data)
    return not form.errors


@require_POST
@reseller_page(*CUSTOMER_STAFF)
def leave_console(request: ResellerRequest, domain: str) -> HttpResponse:
    """Leave a console; entering it again is recorded again (R15)."""
    customer = known_customer(request.user, domain)
    entering.leave_console(actor=Actor.of(request), customer=customer, session_key=request.session.session_key)
    messages.success(request, _("You have left the console of %(customer)s.") % {"customer": isolated(customer.name)})
    if _relation(request.user, domain) is None:
        return redirect("home")
    return redirect("reseller_customer", domain=domain)


def _relation(agent: User, domain: str) -> AccessGrant | None:
    """Return this agent's relation to a customer; None where there is none any more."""
    return relations_of(agent).filter(customer_domain=domain).first()
