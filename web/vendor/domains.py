"""Domains that more than one organisation has a claim on, and deciding about one (P9)."""

from __future__ import annotations

from functools import partial

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.database.time_limits import sweep_transaction
from accounts.domains import TYPED_MAX_LENGTH, shown_domain, stored_part
from accounts.keyset import by_name
from accounts.models import Domain
from accounts.own_domains.collisions import claim_elsewhere, colliding_domains
from accounts.own_domains.deciding import settle_domain, verify_domain
from accounts.roles import Role
from web.guards import vendor_page
from web.lists.columns import Rows
from web.lists.filters import FilterForm
from web.lists.listing import Listing, counted
from web.lists.pages import page_of
from web.refusals import shown_on
from web.requests import SignedInRequest
from web.vendor.domains_list import COLLISIONS, rows_of
from web.vendor.forms import DomainReasonForm
from web.vendor.places import page_of as page_of_organisation
from web.vendor.places import watched_at

WAITING, BELOW = "", "below"


class CollisionsFilter(FilterForm):
    """Filters by a part of the name, and by what collides."""

    q = forms.CharField(label=gettext_lazy("Domain"), max_length=TYPED_MAX_LENGTH, required=False)
    what = forms.ChoiceField(
        label=gettext_lazy("What collides"),
        choices=[
            (WAITING, gettext_lazy("Waiting for a decision")),
            (BELOW, gettext_lazy("Verified below a verified one of another organisation")),
        ],
        required=False,
    )

    def filtered(self) -> QuerySet[Domain]:
        """Return the domains asked for; none while a field has an error."""
        if not self.is_valid():
            return Domain.objects.none()
        rows = colliding_domains(nested=self.cleaned_data["what"] == BELOW)
        text = self.cleaned_data["q"]
        return rows.filter(name__contains=stored_part(text)) if text else rows


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_page(Role.VENDOR_OPERATOR)
def operations_domains(request: SignedInRequest) -> HttpResponse:
    """List what collides, by name; POST compares all addresses with the domains first, as the command does."""
    if request.method == "POST":
        with sweep_transaction():
            claim_elsewhere(actor=Actor.of(request))
        messages.success(request, _("All addresses were compared with the domains. What collides is listed."))
        return redirect("operations_domains")
    form = CollisionsFilter(request.GET)
    found = form.filtered().select_related("customer", "reseller")
    page = page_of(request, found, "collisions", by=partial(by_name, name="name"), size=COLLISIONS.size_for(request))
    rows = Rows(rows_of(page.rows), title=lambda row: f"{row.domain.name}, {row.owner}")
    listing = Listing(request, COLLISIONS, form, rows, page.pager, counted(found))
    return render(request, "vendor/domains.html", {"list": listing})


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_page(Role.VENDOR_OPERATOR)
def operations_domain_verify(request: SignedInRequest, kind: str, organisation_id: int) -> HttpResponse:
    """Verify a domain of an organisation without a TXT record, with a reason."""
    organisation = watched_at(kind, organisation_id)
    form = _form(request)
    if form.is_valid():
        with shown_on(form):
            row = verify_domain(actor=Actor.of(request), organisation=organisation, **form.cleaned_data)
            messages.success(request, _("%(domain)s is verified.") % {"domain": shown_domain(row.name)})
            return redirect(page_of_organisation(organisation))
    context = {"form": form, "about": organisation, "organisation_url": page_of_organisation(organisation)}
    return render(request, "vendor/domain_verify.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_page(Role.VENDOR_OPERATOR)
def operations_domain_settle(request: SignedInRequest, kind: str, organisation_id: int) -> HttpResponse:
    """Decide that an organisation does not have a domain that waits for a decision."""
    organisation = watched_at(kind, organisation_id)
    form = _form(request)
    if form.is_valid():
        with shown_on(form):
            settle_domain(actor=Actor.of(request), organisation=organisation, **form.cleaned_data)
            domain = shown_domain(form.cleaned_data["name"])
            messages.success(request, _("Decided: the organisation does not have %(domain)s.") % {"domain": domain})
            return redirect("operations_domains")
    context = {"form": form, "about": organisation, "organisation_url": page_of_organisation(organisation)}
    return render(request, "vendor/domain_settle.html", context, status=422 if form.errors else 200)


def _form(request: SignedInRequest) -> DomainReasonForm:
    """Return the form as it was sent; empty with the domain that a list has led from."""
    initial = {"name": shown_domain(request.GET.get("name", ""))}
    return DomainReasonForm(request.POST) if request.method == "POST" else DomainReasonForm(initial=initial)
