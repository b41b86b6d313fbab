"""Ordering a subscription: by the customer from the vendor (B2), by a reseller for its customer (B3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.models import Customer, Reseller
from accounts.names import isolated
from accounts.permissions import Permission
from accounts.roles import SALES_ROLES
from subscriptions.access.scope import sales_relation
from subscriptions.lifecycle import order_subscription
from subscriptions.lifecycle.confirming import Look
from subscriptions.lifecycle.consequences import of_notes, of_order
from subscriptions.lifecycle.ordering import ordered_just_now
from subscriptions.lifecycle.terms import Offer
from subscriptions.models import Subscription
from web.guards import console_page, reseller_page
from web.orders.confirming import CONFIRM, EDIT, Outcome, confirm
from web.orders.forms import OrderForm
from web.requests import ConsoleRequest, ResellerRequest


@dataclass(frozen=True, slots=True)
class Counter:
    """Where something is bought: from whom, on which kind of page, and what leads back."""

    customer: Customer
    reseller: Reseller | None
    layout: str
    title: str
    crumbs: list[tuple[str, str]]

    @property
    def back_url(self) -> str:
        return self.crumbs[-1][1]

    def page_of(self, subscription: Subscription) -> str:
        name = "reseller_subscription" if self.reseller else "subscription"
        return reverse(name, kwargs={"domain": self.customer.primary_domain, "subscription_id": subscription.pk})


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_SUBSCRIPTIONS)
def subscription_buy(request: ConsoleRequest) -> HttpResponse:
    """Buy from the vendor: choose, read what it means, confirm (B2, R3)."""
    customer = request.customer
    listed = reverse("subscriptions", kwargs={"domain": customer.primary_domain})
    crumbs = [(_("Subscriptions"), listed)]
    return _order(request, Counter(customer, None, "console/base.html", _("Buy a subscription"), crumbs))


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(*SALES_ROLES)
def reseller_order(request: ResellerRequest, domain: str) -> HttpResponse:
    """Order for a customer of this reseller, whatever the access switch says (B3)."""
    relation = sales_relation(request.user, domain)
    customer_url = reverse("reseller_customer", kwargs={"domain": domain})
    crumbs = [(_("Customers"), reverse("reseller_customers")), (relation.customer_name, customer_url)]
    title = _("Order for %(customer)s") % {"customer": isolated(relation.customer_name)}
    return _order(request, Counter(relation.customer, request.reseller, "reseller/base.html", title, crumbs))


def _order(request: ConsoleRequest | ResellerRequest, counter: Counter) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = OrderForm(data, of_reseller=counter.reseller is not None)
    context: dict[str, Any] = {"form": form, "counter": counter, "layout": counter.layout, "crumbs": counter.crumbs}
    status = 422
    if request.POST.get("step") != EDIT and form.is_valid():
        offer = form.offer()
        try:
            outcome = _ordered(request, counter, offer)
        except Refused as refused:
            if again := _sent_twice(request, counter, offer):
                return _say_ordered(request, counter, again)
            form.add_error(refused.field or None, refused.message)
        else:
            if outcome.second is None and outcome.done is not None:
                return _say_ordered(request, counter, outcome.done)
            context |= {"offer": offer, "second": outcome.second}
            status = outcome.status
    is_wrong = form.errors or "second" in context
    return render(request, "orders/order.html", context, status=status if is_wrong else 200)


def _say_ordered(request: ConsoleRequest | ResellerRequest, counter: Counter, ordered: Subscription) -> HttpResponse:
    messages.success(request, _("%(product)s was ordered.") % {"product": ordered.sku.name})
    return redirect(counter.page_of(ordered))


def _sent_twice(request: ConsoleRequest | ResellerRequest, counter: Counter, offer: Offer) -> Subscription | None:
    """Return what the first click on the same confirmation has ordered."""
    if request.POST.get("step") != CONFIRM:
        return None
    return ordered_just_now(person=request.user, customer=counter.customer, reseller=counter.reseller, offer=offer)


def _ordered(request: ConsoleRequest | ResellerRequest, counter: Counter, offer: Offer) -> Outcome[Subscription]:
    """Order what was confirmed as it is now; otherwise return what to show first."""
    seller = counter.reseller.name if counter.reseller else ""

    def look() -> Look:
        said = of_order(offer.plan, offer.seats, database_now(), reseller_name=seller)
        said += of_notes(offer.purchase_order_id, offer.deal_code)
        return Look(said, (counter.customer.pk, offer.sku.pk, offer.plan.value, offer.seats))

    return confirm(
        request,
        customer=counter.customer,
        look=look,
        change=lambda: order_subscription(
            actor=Actor.of(request), customer=counter.customer, reseller=counter.reseller, offer=offer
        ),
    )
