"""Changing what was bought: in the console what came from the vendor, on a reseller's pages what it sold (B2, B3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.permissions import Permission
from accounts.roles import SALES_ROLES
from subscriptions.access.scope import relations_sold_in, sales_relation, sold_subscriptions, subscriptions_in_console
from subscriptions.lifecycle.choices import steps_of
from subscriptions.lifecycle.confirming import Look
from subscriptions.models import Subscription
from web.guards import console_page, reseller_page
from web.orders.confirming import EDIT, SecondLook, confirm
from web.orders.forms import StepForm
from web.orders.steps import STEPS, Step
from web.refusals import shown_on
from web.requests import ConsoleRequest, ResellerRequest


@dataclass(frozen=True, slots=True)
class Desk:
    """On which kind of page a step is taken, and what leads back. afterwards: where to, once it is done."""

    layout: str
    crumbs: list[tuple[str, str]]
    afterwards: Callable[[], str]
    for_seller: bool

    @property
    def back_url(self) -> str:
        return self.crumbs[-1][1]


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_SUBSCRIPTIONS)
def subscription_change(request: ConsoleRequest, subscription_id: int, step: str) -> HttpResponse:
    """Take a step with what was bought from the vendor; what a reseller sold is only looked at here (B2)."""
    scope = subscriptions_in_console(request.user, request.customer, request.permissions).filter(reseller=None)
    subscription = get_object_or_404(scope.select_related("customer", "sku"), pk=subscription_id)
    domain = request.customer.primary_domain
    page = reverse("subscription", kwargs={"domain": domain, "subscription_id": subscription_id})
    crumbs = [(_("Subscriptions"), reverse("subscriptions", kwargs={"domain": domain})), (subscription.sku.name, page)]
    return _take(request, Desk("console/base.html", crumbs, lambda: page, for_seller=False), subscription, step)


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(*SALES_ROLES)
def reseller_subscription_change(
    request: ResellerRequest, domain: str, subscription_id: int, step: str
) -> HttpResponse:
    """Take a step with what this reseller sold, whatever the access switch says (B3)."""
    relation = sales_relation(request.user, domain)
    scope = sold_subscriptions(relation).select_related("customer", "sku")
    subscription = get_object_or_404(scope, pk=subscription_id)
    customers = reverse("reseller_customers")
    customer = reverse("reseller_customer", kwargs={"domain": domain})
    page = reverse("reseller_subscription", kwargs={"domain": domain, "subscription_id": subscription_id})
    crumbs = [
        (_("Customers"), customers),
        (relation.customer_name, customer),
        (subscription.sku.name, page),
    ]

    def afterwards() -> str:
        """The last one that is cancelled or handed back ends the relation, and with it these pages (R13)."""
        if not relations_sold_in(request.user).filter(pk=relation.pk).exists():
            return customers
        return page if scope.filter(pk=subscription_id).exists() else customer

    return _take(request, Desk("reseller/base.html", crumbs, afterwards, for_seller=True), subscription, step)


def _take(request: ConsoleRequest | ResellerRequest, desk: Desk, subscription: Subscription, name: str) -> HttpResponse:
    step = STEPS.get(name)
    if step is None:
        raise Http404
    is_sent = request.method == "POST"
    form = step.form(request.POST if is_sent else None, subscription=subscription)
    second: SecondLook | None = None
    if is_sent and request.POST.get("step") != EDIT and form.is_valid():
        with shown_on(form):
            second = _done(request, step, subscription, form)
            if second is None:
                messages.success(request, f"{step.done} {form.outcome()}".strip())
                return redirect(desk.afterwards())
    elif not is_sent and name not in steps_of(subscription):
        messages.info(request, _("This is not possible with this subscription now."))
        return redirect(desk.back_url)
    context = {
        "form": form,
        "step": step,
        "subscription": subscription,
        "layout": desk.layout,
        "crumbs": desk.crumbs,
        "back_url": desk.back_url,
        "consequences": step.says(subscription, desk.for_seller),
        "second": second,
    }
    status = second.status if second else 422 if form.errors else 200
    return render(request, "orders/change.html", context, status=status)


def _done(
    request: ConsoleRequest | ResellerRequest, step: Step, subscription: Subscription, form: StepForm
) -> SecondLook | None:
    """Take a step; return what to show first where it is a binding one that was not confirmed as it is now."""
    chosen = form.cleaned_data

    def look() -> Look | None:
        subscription.refresh_from_db()
        return step.look(subscription, chosen) if step.look else None

    outcome = confirm(
        request,
        customer=subscription.customer,
        look=look,
        change=lambda: step.do(actor=Actor.of(request), subscription=subscription, **chosen),
    )
    return outcome.second
