"""The subscriptions of a customer in its console, with the steps for those bought from the vendor (B1, B2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.names import isolated
from accounts.permissions import Permission
from subscriptions.access.box import BoxStatus
from subscriptions.access.overview import overview_of
from subscriptions.access.scope import has_customer_pages, subscriptions_in_console
from subscriptions.models import Subscription
from subscriptions.models.subscription import Status, SuspensionReason
from subscriptions.seats import in_use, with_use
from web.console.subscriptions_list import rows_of, subscriptions_list, with_names
from web.guards import console_page
from web.lists.columns import Rows
from web.lists.filters import FilterForm
from web.lists.listing import Listing, counted
from web.lists.pages import page_of
from web.orders.lines import customer_lines, orders_of_customer
from web.orders.steps import buttons_of
from web.requests import ConsoleRequest

FROM_VENDOR = "vendor"


class SubscriptionsFilter(FilterForm):
    """Filters the list by product, by where it was bought, and by status."""

    q = forms.CharField(label=gettext_lazy("Product"), max_length=100, required=False)
    source = forms.ChoiceField(label=gettext_lazy("Bought from"), required=False)
    status = forms.ChoiceField(
        label=gettext_lazy("Status"), choices=[("", gettext_lazy("Any status")), *Status.choices], required=False
    )

    def __init__(self, *args: Any, scope: QuerySet[Subscription], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sellers = scope.filter(reseller__isnull=False).order_by("reseller__sort_name", "reseller")
        source = self.fields["source"]
        assert isinstance(source, forms.ChoiceField)
        source.choices = [
            ("", _("Anywhere")),
            (FROM_VENDOR, settings.VENDOR_NAME),
            *(
                (public_id, isolated(name))
                for public_id, name, _key in sellers.values_list(
                    "reseller__public_id", "reseller__name", "reseller__sort_name"
                ).distinct()
            ),
        ]

    def filtered(self, scope: QuerySet[Subscription]) -> QuerySet[Subscription]:
        """Return the subscriptions that were asked for; nothing while a field has an error."""
        if not self.is_valid():
            return scope.none()
        asked = self.cleaned_data
        if asked["q"]:
            scope = scope.filter(Q(sku__name__icontains=asked["q"]) | Q(sku__product__name__icontains=asked["q"]))
        if asked["source"] == FROM_VENDOR:
            scope = scope.filter(reseller=None)
        elif asked["source"]:
            scope = scope.filter(reseller__public_id=asked["source"])
        if asked["status"]:
            scope = scope.filter(status=asked["status"])
        return scope


@require_safe
@console_page(Permission.VIEW_SUBSCRIPTIONS)
def subscriptions(request: ConsoleRequest) -> HttpResponse:
    """Show what the customer bought, from everybody (B1); an agent sees what is in their scope."""
    scope = subscriptions_in_console(request.user, request.customer, request.permissions)
    form = SubscriptionsFilter(request.GET, scope=scope)
    filtered = form.filtered(scope)
    shows_use = Permission.VIEW_LICENCES in request.permissions
    kind = subscriptions_list(of_agent=request.acting_reseller is not None, shows_use=shows_use)
    found = page_of(
        request,
        with_names(with_use(filtered) if shows_use else filtered),
        "subscriptions",
        size=kind.size_for(request),
    )
    rows = Rows(rows_of(found.rows, request.customer), title=lambda row: row.subscription.sku_name)
    context = {
        "list": Listing(request, kind, form, rows, found.pager, counted(filtered)),
        "may_buy": Permission.MANAGE_SUBSCRIPTIONS in request.permissions,
        "may_transfer": Permission.TRANSFER_SUBSCRIPTIONS in request.permissions,
    }
    return render(request, "console/subscriptions.html", context)


@require_safe
@console_page(Permission.VIEW_SUBSCRIPTIONS)
def subscription(request: ConsoleRequest, subscription_id: int) -> HttpResponse:
    """Show one subscription; outside the scope it does not exist."""
    related = ("sku__product", "reseller", "customer")
    scope = subscriptions_in_console(request.user, request.customer, request.permissions).select_related(*related)
    found = get_object_or_404(scope, pk=subscription_id)
    reasons = [SuspensionReason(reason).label for reason in found.suspension_reasons]
    context: dict[str, Any] = {"subscription": found, "reasons": reasons}
    if request.acting_reseller is not None:
        context["has_own_page"] = has_customer_pages(request.user)
    if Permission.VIEW_LICENCES in request.permissions:
        context["used"] = in_use(found)
    if found.reseller_id is None and Permission.MANAGE_SUBSCRIPTIONS in request.permissions:
        context["buttons"] = buttons_of(found, _url_of_step(found))
    if request.acting_reseller is None:
        # Who sold what and when is between the customer and its sellers: not for external users.
        orders = orders_of_customer(request.customer).filter(subscription=found)
        page = page_of(request, orders, f"orders {found.pk}")
        context |= {"orders": customer_lines(page.rows), "pager": page.pager}
    if found.reseller_id is None and Permission.VIEW_RESELLER_ACCESS in request.permissions:
        boxes = overview_of(request.customer).boxes.values()
        context["opened_to"] = [box for box in boxes if box.subscription == found and box.status is not BoxStatus.NEVER]
    return render(request, "console/subscription.html", context)


def _url_of_step(subscription: Subscription) -> Callable[[str], str]:
    kwargs = {"domain": subscription.customer.primary_domain, "subscription_id": subscription.pk}
    return lambda step: reverse("subscription_change", kwargs={**kwargs, "step": step})
