"""One of a reseller's customers, and the way into its console (P4, B3, R5, R15). The list: customer_list.py."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.console_sessions import entering
from accounts.console_sessions.entering import asks_for_reason
from accounts.console_sessions.inside import ended_by_admin, has_entered, lacks_what_is_asked
from accounts.factors import has_factor
from accounts.founding import may_add_customers
from accounts.models import Customer, User
from accounts.names import isolated
from accounts.permissions import Permission
from accounts.proof import ProofNeeded
from accounts.roles import CUSTOMER_STAFF
from accounts.sign_in.second_step import factor_shown
from subscriptions.access.relation_status import access_of
from subscriptions.access.scope import access_relation, relations_of, sales_relations_of, sold_subscriptions
from subscriptions.lifecycle.customers import first_admin_waiting
from subscriptions.models import AccessGrant
from subscriptions.seats import with_use
from web.guards import closed_console, known_customer, reseller_page
from web.lists.pages import page_of
from web.refusals import shown_on
from web.requests import ResellerRequest
from web.reseller.access_requests import requests_card
from web.reseller.activations import ENTERED, activation_card
from web.reseller.customer_cards import cases_card, history_card, staffing_card, tags_card
from web.reseller.forms import EntryForm


@require_safe
@reseller_page(*CUSTOMER_STAFF)
def reseller_customer(request: ResellerRequest, domain: str) -> HttpResponse:
    """Show one customer: what this reseller sold, and whether its console is open to it, not the switch (B3, R5)."""
    relation = access_relation(request.user, domain)
    access = access_of(relation)
    may_edit = may_add_customers(request.user) and not relation.is_support_only
    sold = page_of(request, with_use(sold_subscriptions(relation).select_related("sku__product")), "sold")
    return render(
        request,
        "reseller/customer.html",
        {
            "relation": relation,
            "access": access,
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
        | requests_card(request, relation)
        | staffing_card(request, relation)
        | cases_card(request, relation)
        | history_card(request, relation)
        | tags_card(request, relation)
        | activation_card(request, relation, access),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(*CUSTOMER_STAFF)
def enter_console(request: ResellerRequest, domain: str) -> HttpResponse:
    """Say what entering means, then enter: recorded, and visible to the customer (R15)."""
    customer = known_customer(request.user, domain)
    if not request.user.has_perm(Permission.VIEW_CONSOLE, customer):
        return closed_console(request, customer)
    if lacks_what_is_asked(request.user, customer, factor_shown(request)):
        return _second_factor_needed(request, customer)
    key = request.session.session_key
    asks = asks_for_reason(request.user, customer)
    form = EntryForm(request.POST if request.method == "POST" else None, is_asked=asks)
    if has_entered(request.user, customer, key) or (form.is_valid() and _enter(request, customer, form)):
        # A page of this console only: nothing else begins like that.
        wanted = request.GET.get("next", "")
        home = reverse("console_home", args=[domain])
        return redirect(wanted if wanted.startswith(home) else home)
    context = {
        "entered": customer,
        "relation": _relation(request.user, domain),
        "form": form,
        "asks_for_reason": asks,
        "ended": ended_by_admin(request.user, customer, key),
    }
    return render(request, "reseller/customer_enter.html", context, status=422 if form.errors else 200)


def _second_factor_needed(request: ResellerRequest, customer: Customer) -> HttpResponse:
    """Say that the customer asks for a second factor (P12): add one, or show the one that was not asked for yet."""
    can_show = has_factor(request.user)
    if can_show and "show" in request.GET:
        # The page that asks for it leads back here.
        raise ProofNeeded
    context = {"entered": customer, "can_show": can_show, "next": request.GET.get("next", "")}
    return render(request, "reseller/second_factor_needed.html", context, status=403)


def _enter(request: ResellerRequest, customer: Customer, form: EntryForm) -> bool:
    """Enter; False where that was refused, which then stands in the form."""
    if not ratelimit.consume(request, action=ENTERED, user=request.user):
        # Each entry is a mail to each super admin: nobody floods them by going in and out.
        form.add_error(None, _("You have entered consoles very often. Try again in an hour."))
        return False
    key = request.session.session_key
    with shown_on(form):
        entering.enter_console(
            actor=Actor.of(request),
            customer=customer,
            session_key=key,
            second_factor=factor_shown(request),
            **form.cleaned_data,
        )
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
