"""What an operator changes about one customer: how it pays, and when it moves to the Customer Care Portal (S9)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import Actor
from accounts.names import isolated
from accounts.roles import Role
from subscriptions.billing import Details, add_payment_account, masked, payment_accounts_of, remove_payment_account
from support.migration import schedule_migration
from support.schedule import has_moved
from web.guards import vendor_page
from web.refusals import shown_on
from web.requests import SignedInRequest
from web.vendor.forms import CareDayForm, PaymentForm
from web.vendor.organisations import page_context
from web.vendor.places import customer_at, page_of


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_page(Role.VENDOR_OPERATOR)
def operations_payment_add(request: SignedInRequest, organisation_id: int) -> HttpResponse:
    """Show a customer how it pays the vendor: never a whole number."""
    customer = customer_at(organisation_id)
    form = PaymentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with shown_on(form):
            said = dict(form.cleaned_data)
            expires, is_primary = said.pop("expires"), said.pop("is_primary")
            details = Details(**said, expires_on=expires)
            account = add_payment_account(
                actor=Actor.of(request), customer=customer, details=details, is_primary=is_primary
            )
            messages.success(request, _("%(account)s was added.") % {"account": isolated(masked(account))})
            return redirect(page_of(customer))
    context = {"form": form, "about": customer, "organisation_url": page_of(customer)}
    return render(request, "vendor/payment_new.html", context, status=422 if form.errors else 200)


@require_POST
@vendor_page(Role.VENDOR_OPERATOR)
def operations_payment_remove(request: SignedInRequest, organisation_id: int, account_id: int) -> HttpResponse:
    """Remove a payment account; the oldest of the others is charged then, where it was the primary one."""
    customer = customer_at(organisation_id)
    account = get_object_or_404(payment_accounts_of(customer).select_related("customer"), pk=account_id)
    remove_payment_account(actor=Actor.of(request), account=account)
    messages.success(request, _("%(account)s was removed.") % {"account": isolated(masked(account))})
    return redirect(page_of(customer))


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_page(Role.VENDOR_OPERATOR)
def operations_care_day(request: SignedInRequest, organisation_id: int) -> HttpResponse:
    """Give a customer a day of its own; a worker moves it then (S9)."""
    customer = customer_at(organisation_id)
    if request.method != "POST":
        return redirect(page_of(customer))
    if has_moved(customer):
        messages.info(request, _("Nothing was changed: this customer has moved already."))
        return redirect(page_of(customer))
    form = CareDayForm(request.POST)
    if form.is_valid():
        schedule_migration(actor=Actor.of(request), customer=customer, day=form.cleaned_data["day"])
        messages.success(request, _("The day of %(customer)s was saved.") % {"customer": isolated(customer.name)})
        return redirect(page_of(customer))
    return render(request, "vendor/organisation.html", page_context(customer) | {"day_form": form}, status=422)
