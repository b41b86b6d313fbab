"""One change for several customers, chosen in the list: what it would do at each, and then a worker does it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.models.jobs import BulkAction
from accounts.roles import CUSTOMER_STAFF
from jobs.choosing_customers import CustomerRow, change_customers, digest_of, foresee_customers, rows_for
from jobs.kinds.change_customers import CHANGES, actions_for
from subscriptions.access.customers_page import customers_found
from subscriptions.access.scope import relations_of
from subscriptions.lifecycle.consequences import of_new_seats, of_renewal
from subscriptions.models.subscription import COMMITMENT_PLANS, RenewalType
from web.guards import reseller_page
from web.lists.selection import as_filtered, say_what_is_gone
from web.refusals import told
from web.requests import ResellerRequest
from web.reseller.bulk_forms import SET, CustomersBulkForm
from web.reseller.customer_forms import CustomersForm

# Customers at which a change is tried before it is confirmed: each takes a transaction of its own, some milliseconds.
TRIED_AT_MOST = 50
# What binds is shown at every customer (B5), so it is done at no more than these at once.
BINDING_AT_MOST = 200


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(*sorted(CUSTOMER_STAFF))
def customers_bulk(request: ResellerRequest) -> HttpResponse:
    """Say what an action would do at which customers; confirmed, let a worker do it. GET leads back to the list."""
    if request.method != "POST":
        return redirect("reseller_customers")
    form = CustomersBulkForm(request.POST, person=request.user, actions=actions_for(request.user))
    is_valid = form.is_valid()
    if form.errors.keys() - set(form.details):
        if request.POST.get("action") in BulkAction.values and not form.cleaned_data.get("action"):
            raise PermissionDenied(_("Your role does not allow this."))
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect(_list_url(request))
    customers = _chosen(request, form)
    context: dict[str, Any] = {
        "form": form,
        "title": BulkAction(form.cleaned_data["action"]).label,
        "number": len(customers),
        "list_url": _list_url(request),
    }
    if is_valid and form.is_complete:
        return _look(request, form.stored(), customers, context)
    return render(request, "reseller/bulk_confirm.html", context, status=422 if form.errors else 200)


def _look(
    request: ResellerRequest, details: dict[str, Any], customers: list[int], context: dict[str, Any]
) -> HttpResponse:
    """Show what would happen at each customer; where that was confirmed as it is now, begin."""
    rows = rows_for(request.user, customers, details)
    if CHANGES[BulkAction(details["action"])].of_subscriptions and len(rows) > BINDING_AT_MOST:
        text = _("Choose at most %(number)s customers for this: what it means is shown at each of them first.")
        messages.error(request, text % {"number": BINDING_AT_MOST})
        return redirect(context["list_url"])
    digest = digest_of(rows, details)
    if request.POST.get("confirmed") == digest:
        return _start(request, rows, details)
    if "confirmed" in request.POST:
        messages.warning(request, _("Something changed since this was shown. Look at it again."))
    context |= {"digest": digest, **_foreseen(request, rows, details)}
    return render(request, "reseller/bulk_confirm.html", context)


def _start(request: ResellerRequest, rows: list[CustomerRow], details: dict[str, Any]) -> HttpResponse:
    with told(request):
        job = change_customers(actor=Actor.of(request), reseller=request.reseller, rows=rows, details=details)
        messages.success(request, _("Started. This page updates automatically."))
        return redirect("reseller_job", job_id=job.pk)
    return redirect(_list_url(request))


def _chosen(request: ResellerRequest, form: CustomersBulkForm) -> list[int]:
    """Return the ids of the customers chosen that this person works for; 404 where that is none of them."""
    if form.cleaned_data["everybody"]:
        asked = CustomersForm(QueryDict(form.cleaned_data["filter"]), agent=request.user)
        if not asked.is_valid():
            return []
        return customers_found(request.user, asked.cleaned_data["q"], asked.customer_filter)
    domains = set(form.cleaned_data["customer"])
    relations = relations_of(request.user).filter(customer_domain__in=domains)
    ids = list(relations.values_list("customer_id", flat=True))
    say_what_is_gone(request, selected=len(domains), found=len(ids))
    return ids


def _foreseen(request: ResellerRequest, rows: list[CustomerRow], details: dict[str, Any]) -> dict[str, Any]:
    """Try the change at the first customers; say what it means there, or why it is refused."""
    binds = CHANGES[BulkAction(details["action"])].of_subscriptions
    tried = foresee_customers(Actor.of(request), rows if binds else rows[:TRIED_AT_MOST], details)
    refused = sum(bool(why) for _row, why in tried)
    return {
        "is_vain": refused == len(rows),
        "rows": [(row, [] if why else _means(row, details), why) for row, why in tried],
        "refused": refused,
        "tried": len(tried),
        "more": len(rows) - len(tried),
    }


def _means(row: CustomerRow, details: dict[str, Any]) -> list[str]:
    """Say what a change of what was sold means (B5, B7)."""
    subscription = row.subscription
    if subscription is None:
        return []
    if details["action"] == BulkAction.CHANGE_SEATS:
        now = subscription.seats or 0
        return of_new_seats(subscription, details["seats"] if details["way"] == SET else now + details["seats"])
    if subscription.plan in COMMITMENT_PLANS:
        return [of_renewal(subscription)[RenewalType(details["renewal"])]]
    return []


def _list_url(request: ResellerRequest) -> str:
    return as_filtered(reverse("reseller_customers"), request)
