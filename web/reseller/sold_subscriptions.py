"""A reseller's own pages about what it sold, and about its customers as organisations (B3, P4)."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.founding import report_domain_in_use
from accounts.names import isolated
from accounts.organisations import DomainInUse
from accounts.roles import ALL_CUSTOMERS_ROLES, CUSTOMER_STAFF
from subscriptions.access.scope import access_relation, sales_relations_of, sold_subscriptions
from subscriptions.lifecycle.confirming import Look
from subscriptions.lifecycle.consequences import of_new_customer
from subscriptions.lifecycle.customers import add_customer, edit_customer, invite_first_admin
from subscriptions.models import Subscription
from subscriptions.models.subscription import SuspensionReason
from web.guards import reseller_page
from web.lists.pages import page_of
from web.orders.confirming import EDIT, Outcome, confirm
from web.orders.forms import EditCustomerForm, NewCustomerForm
from web.orders.lines import orders_of_seller, seller_lines
from web.orders.steps import buttons_of
from web.refusals import shown_on, told
from web.requests import ResellerRequest

TAKEN = "taken_domain"  # how settings_sign_in.py calls the limit


@require_safe
@reseller_page(*CUSTOMER_STAFF)
def reseller_subscription(request: ResellerRequest, domain: str, subscription_id: int) -> HttpResponse:
    """Show one subscription that this reseller sold, with its order history since it sells it (B3)."""
    relation = access_relation(request.user, domain)
    scope = sold_subscriptions(relation).select_related("sku__product")
    subscription = get_object_or_404(scope, pk=subscription_id)
    orders = page_of(request, orders_of_seller(subscription, request.reseller), f"orders {subscription.pk}")

    def url_of(step: str) -> str:
        kwargs = {"domain": domain, "subscription_id": subscription_id, "step": step}
        return reverse("reseller_subscription_change", kwargs=kwargs)

    may_sell = sales_relations_of(request.user).filter(pk=relation.pk).exists()
    context = {
        "relation": relation,
        "subscription": subscription,
        "reasons": [SuspensionReason(reason).label for reason in subscription.suspension_reasons],
        "buttons": buttons_of(subscription, url_of) if may_sell else [],
        "orders": seller_lines(orders.rows),
        "pager": orders.pager,
    }
    return render(request, "reseller/subscription.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(*ALL_CUSTOMERS_ROLES)
def reseller_customer_new(request: ResellerRequest) -> HttpResponse:
    """Add a customer with its first super admin and its first order (P4)."""
    form = NewCustomerForm(request.POST if request.method == "POST" else None)
    is_sent, status = request.POST.get("step") != EDIT and form.is_valid(), 422
    context: dict[str, Any] = {"form": form, "opens_console": settings.RESELLER_ACCESS_DEFAULT}
    if is_sent and not ratelimit.consume(request, action=TAKEN, user=request.user, dry_run=True):
        # Each refusal tells that a domain is taken: nobody finds out others' customers by trying (P4).
        form.add_error("primary_domain", _("Too many domains were in use already. Try again in an hour."))
        status = 429
    elif is_sent:
        try:
            outcome = _added(request, form)
        except Refused as refused:
            form.add_error(refused.field or None, refused.message)
            if refused.field == "primary_domain":
                ratelimit.consume(request, action=TAKEN, user=request.user)
            if isinstance(refused, DomainInUse):
                report_domain_in_use(actor=Actor.of(request), domain=refused.domain)
        else:
            if outcome.second is None and outcome.done is not None:
                return _to_new_customer(request, outcome.done, form)
            context["second"], status = outcome.second, outcome.status
    is_wrong = form.errors or "second" in context
    return render(request, "reseller/customer_new.html", context, status=status if is_wrong else 200)


def _added(request: ResellerRequest, form: NewCustomerForm) -> Outcome[Subscription]:
    """Add a customer as it was confirmed; otherwise return what to show first."""
    new, offer = form.customer(), form.offer()

    def look() -> Look:
        said = of_new_customer(new, offer, database_now(), reseller_name=request.reseller.name)
        return Look(said, [str(form.cleaned_data[name]) for name in form.fields])

    return confirm(
        request, customer=None, look=look, change=lambda: add_customer(actor=Actor.of(request), new=new, offer=offer)
    )


def _to_new_customer(request: ResellerRequest, sold: Subscription, form: NewCustomerForm) -> HttpResponse:
    text = _("%(customer)s was added. An invitation to choose a password is on its way to %(admin)s.")
    messages.success(
        request, text % {"customer": isolated(sold.customer.name), "admin": isolated(form.cleaned_data["admin_name"])}
    )
    return redirect("reseller_customer", domain=sold.customer.primary_domain)


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(*ALL_CUSTOMERS_ROLES)
def reseller_customer_edit(request: ResellerRequest, domain: str) -> HttpResponse:
    """Change how a customer is reached (P4); the customer sees it in its audit log."""
    relation = access_relation(request.user, domain)
    if relation.is_support_only:
        raise PermissionDenied(_("Your organisation has sold this customer nothing."))
    customer = relation.customer
    now = {"postal_address": customer.postal_address, "phone_number": customer.phone_number}
    form = EditCustomerForm(request.POST if request.method == "POST" else None, initial=now)
    if form.is_valid():
        with shown_on(form):
            edit_customer(actor=Actor.of(request), customer=customer, **form.cleaned_data)
            messages.success(request, _("The contact data were saved."))
            return redirect("reseller_customer", domain=domain)
    context = {"form": form, "relation": relation}
    return render(request, "reseller/customer_edit.html", context, status=422 if form.errors else 200)


@require_POST
@reseller_page(*ALL_CUSTOMERS_ROLES)
def reseller_customer_invite(request: ResellerRequest, domain: str) -> HttpResponse:
    """Send the first super admin the invitation again (P11)."""
    relation = access_relation(request.user, domain)
    with told(request):
        person = invite_first_admin(actor=Actor.of(request), customer=relation.customer)
        messages.success(request, _("The invitation for %(person)s is on its way.") % {"person": isolated(person.name)})
    return redirect("reseller_customer", domain=domain)
