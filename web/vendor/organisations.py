"""All customers and resellers: the list, one of them, creating one, suspending and restoring a reseller (P5, R13)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import keyset
from accounts.actor import Actor
from accounts.directory.invitations import awaiting_password
from accounts.domain_holders import rows_of as domains_of
from accounts.models import Customer, User
from accounts.moments import day_text
from accounts.names import isolated
from accounts.organisations import create_customer, create_reseller, suspend_reseller, unsuspend_reseller
from accounts.roles import Role
from subscriptions.billing import masked, payment_accounts_of
from subscriptions.watched import Kind, Watched, counted_watched, facts_about, kind_of, page_of_watched, watched
from support.schedule import has_moved, moves_on
from web.domains.words import status_of as status_of_domain
from web.guards import vendor_page
from web.lists.columns import Rows
from web.lists.listing import COUNTED, Listing, Total
from web.refusals import shown_on, told
from web.requests import SignedInRequest, note_rows
from web.vendor.forms import CareDayForm, OrganisationForm, ResellerForm
from web.vendor.organisation_list import (
    KINDS,
    ORGANISATIONS,
    PROBLEMS,
    OrganisationFilter,
    new_customer_label,
    rows_of,
    status_of,
)
from web.vendor.places import page_of, reseller_at, watched_at

# Domains and invitations that the page of an organisation lists.
SHOWN = 50


@require_safe
@vendor_page(Role.VENDOR_OPERATOR)
def operations_organisations(request: SignedInRequest) -> HttpResponse:
    """List customers and resellers by name, with what is wrong with each."""
    form = OrganisationFilter(request.GET)
    asked, size = form.asked, ORGANISATIONS.size_for(request)
    at = keyset.place(request.GET, f"organisations {form.chosen_order}", size)
    kinds = watched(asked) if asked else []
    found = page_of_watched(kinds, at, descending=asked.descending) if asked else keyset.Rows([], None, None)
    total = counted_watched(kinds, COUNTED) if asked else 0
    note_rows(request, len(found.rows))
    rows = Rows(rows_of(found.rows, facts_about(found.rows)), title=lambda row: row.organisation.name)
    listing = Listing(
        request,
        ORGANISATIONS,
        form,
        rows,
        keyset.pager(request, at, previous=found.previous, next=found.next),
        Total(min(total, COUNTED), total <= COUNTED),
        form.chosen_order,
        new_url=reverse("operations_organisation_new", args=[Kind.CUSTOMER]),
        new_label=new_customer_label(),
    )
    return render(request, "vendor/organisations.html", {"list": listing})


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_page(Role.VENDOR_OPERATOR)
def operations_organisation_new(request: SignedInRequest, kind: str) -> HttpResponse:
    """Create a customer or a reseller, and lead to its page, where its first admin is invited."""
    if kind not in list(Kind):
        raise Http404
    is_reseller = kind == Kind.RESELLER
    form = (ResellerForm if is_reseller else OrganisationForm)(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with shown_on(form):
            create = create_reseller if is_reseller else create_customer
            made = create(actor=Actor.of(request), **form.cleaned_data)
            text = _("%(organisation)s was created. Invite its first admin next.")
            messages.success(request, text % {"organisation": isolated(made.name)})
            return redirect(page_of(made))
    context = {"form": form, "is_reseller": is_reseller}
    return render(request, "vendor/organisation_new.html", context, status=422 if form.errors else 200)


@require_safe
@vendor_page(Role.VENDOR_OPERATOR)
def operations_organisation(request: SignedInRequest, kind: str, organisation_id: int) -> HttpResponse:
    """Show what an operator has to know of an organisation: its domains, what is wrong, who was invited as an admin."""
    organisation = watched_at(kind, organisation_id)
    return render(request, "vendor/organisation.html", page_context(organisation))


def page_context(organisation: Watched) -> dict[str, Any]:
    """Return what the page of an organisation shows. Nobody of it but admins who have no password yet."""
    facts, key = facts_about([organisation]), (kind_of(organisation), organisation.pk)
    state, label = status_of(organisation, has_admin=key in facts.with_admin)
    rows = domains_of(organisation).order_by("name")[:SHOWN]
    context: dict[str, Any] = {
        "about": organisation,
        "kind": kind_of(organisation),
        "kind_label": KINDS[kind_of(organisation)],
        "is_reseller": kind_of(organisation) is Kind.RESELLER,
        "state": state,
        "label": label,
        "problems": [(problem.value, PROBLEMS[problem]) for problem in facts.problems.get(key, ())],
        "domains": [(row, *status_of_domain(row)) for row in rows],
        "invited": _invited(organisation),
    }
    if isinstance(organisation, Customer):
        context |= {
            "payments": [(account, masked(account)) for account in payment_accounts_of(organisation)],
            "has_moved": has_moved(organisation),
            "moves_on": day_text(moves_on(organisation)),
            "day_form": CareDayForm(initial={"day": moves_on(organisation)}),
        }
    return context


def _invited(organisation: Watched) -> list[User]:
    """Return the admins of an organisation who were never let in: whom an operator has to reach."""
    role = Role.SUPER_ADMIN if isinstance(organisation, Customer) else Role.RESELLER_ADMIN
    own = {str(kind_of(organisation)): organisation}
    admins = awaiting_password(User.objects.filter(role_assignments__role=role, **own))
    return list(admins.order_by("sort_name", "pk")[:SHOWN])


@require_POST
@vendor_page(Role.VENDOR_OPERATOR)
def operations_reseller_suspend(request: SignedInRequest, organisation_id: int) -> HttpResponse:
    """Suspend a reseller: its access ends with the next request (R13)."""
    reseller = reseller_at(organisation_id)
    with told(request):
        suspend_reseller(actor=Actor.of(request), reseller=reseller)
        text = _("%(reseller)s is suspended. None of its people has access anywhere.")
        messages.success(request, text % {"reseller": isolated(reseller.name)})
    return redirect(page_of(reseller))


@require_POST
@vendor_page(Role.VENDOR_OPERATOR)
def operations_reseller_restore(request: SignedInRequest, organisation_id: int) -> HttpResponse:
    """Restore a reseller, with the access that its customers allow."""
    reseller = reseller_at(organisation_id)
    with told(request):
        unsuspend_reseller(actor=Actor.of(request), reseller=reseller)
        text = _("%(reseller)s is restored, with the access that its customers allow.")
        messages.success(request, text % {"reseller": isolated(reseller.name)})
    return redirect(page_of(reseller))
