"""The pages *Domains* of a customer and of a reseller: what each of them does, behind its guard (P9)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.domain_holders import addresses_at, rows_of
from accounts.domains import shown_domain
from accounts.keyset import by_name
from accounts.models import Domain
from accounts.models.domains import DomainKind
from accounts.own_domains.adding import add_domain, check_domain
from accounts.own_domains.primary import change_primary_domain
from accounts.own_domains.removing import remove_domain
from web.domains.area import Area
from web.domains.forms import AddDomainForm
from web.domains.listing import COUNTED, DOMAINS, DomainsFilter, rows_of_page
from web.domains.words import answer_of, standing_of, status_of
from web.lists.columns import Rows
from web.lists.listing import Listing, counted
from web.lists.pages import page_of
from web.refusals import shown_on, told
from web.requests import SignedInRequest

# Seconds after which a page that follows a look asks again.
_PACE = 2


def listed(request: SignedInRequest, area: Area) -> HttpResponse:
    """List the domains of an organisation, by name."""
    form = DomainsFilter(request.GET)
    found = form.filtered(rows_of(area.owner))
    page = page_of(request, found, "domains", by=partial(by_name, name="name"), size=DOMAINS.size_for(request))
    rows = Rows(rows_of_page(page.rows, area), title=lambda row: row.domain.name)
    listing = Listing(request, DOMAINS, form, rows, page.pager, counted(found))
    return render(request, "domains/domains.html", {"area": area, "list": listing})


def added(request: SignedInRequest, area: Area) -> HttpResponse:
    """Add a domain, and lead to its page with the TXT record."""
    form = AddDomainForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with shown_on(form):
            row = add_domain(actor=Actor.of(request), organisation=area.owner, **form.cleaned_data)
            text = _("%(domain)s was added. Verify it with a TXT record.")
            messages.success(request, text % {"domain": shown_domain(row.name)})
            return redirect(area.url(row))
    return render(request, "domains/add.html", {"area": area, "form": form}, status=422 if form.errors else 200)


def shown(request: SignedInRequest, area: Area, domain_id: int) -> HttpResponse:
    """Show a domain: its status, its TXT record while it is not verified, and what can be done with it."""
    row = _row(area, domain_id)
    number = addresses_at(area.owner, row.name)[: COUNTED + 1].count()
    state, label = status_of(row)
    context = {
        "area": area,
        "row": row,
        "state": state,
        "label": label,
        "answer": "" if row.is_verified else answer_of(row),
        "standing": standing_of(row),
        "addresses": min(number, COUNTED),
        "has_more": number > COUNTED,
        "pace": _PACE if row.look_asked_at is not None else 0,
        "here_url": area.url(row),
        "may_be_primary": row.is_verified and row.gives_addresses and row.kind != DomainKind.PRIMARY,
        "urls": {deed: area.url(row, deed) for deed in ("check", "remove", "primary")},
    }
    return render(request, "domains/domain.html", context)


def checked(request: SignedInRequest, area: Area, domain_id: int) -> HttpResponse:
    """Ask for a look for the TXT record."""
    row = _row(area, domain_id)
    with told(request):
        check_domain(actor=Actor.of(request), domain=row)
    return redirect(area.url(row))


def removed(request: SignedInRequest, area: Area, domain_id: int) -> HttpResponse:
    """Remove a domain without addresses."""
    row = _row(area, domain_id)
    with told(request):
        remove_domain(actor=Actor.of(request), domain=row)
        messages.success(request, _("%(domain)s was removed.") % {"domain": shown_domain(row.name)})
        return redirect(area.list_url)
    return redirect(area.url(row))


def made_primary(request: SignedInRequest, area: Area, domain_id: int) -> HttpResponse:
    """Show what would change with another primary domain, and what would not; POST makes it so."""
    row = _row(area, domain_id)
    if request.method == "POST":
        with told(request):
            row = change_primary_domain(actor=Actor.of(request), domain=row)
            messages.success(request, _("The primary domain is %(domain)s now.") % {"domain": shown_domain(row.name)})
            # At the new URL already: the old one would only lead there.
            here = replace(area, at=row.name if area.at else "")
            return redirect(here.list_url)
        return redirect(area.url(row))
    return render(request, "domains/primary.html", {"area": area, "row": row, "old": area.owner.primary_domain})


def _row(area: Area, domain_id: int) -> Domain:
    """Return a domain of this organisation; 404 for any other."""
    row = rows_of(area.owner).filter(pk=domain_id).select_related("customer", "reseller", "verified_by").first()
    if row is None:
        raise Http404
    return row
