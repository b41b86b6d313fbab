"""A reseller asks a customer for access, follows its requests, and withdraws one (R17)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.names import isolated
from accounts.roles import CUSTOMER_STAFF, SALES_ROLES
from subscriptions.access.asking import ask, withdraw
from subscriptions.access.requests import is_open, requests_in, takes_requests
from subscriptions.access.scope import access_relation, asking_relations_of
from subscriptions.models import AccessGrant
from subscriptions.models.request import RequestStatus
from web.guards import reseller_page
from web.lists.pages import page_of
from web.refusals import shown_on, told
from web.requests import ResellerRequest
from web.reseller.forms import AskForm
from web.unsaved import is_shown_again

# Shown on the page of the customer; the rest is on a page of its own.
RECENT_REQUESTS = 3


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(*sorted(SALES_ROLES))
@never_cache
def reseller_ask(request: ResellerRequest, domain: str) -> HttpResponse:
    """Ask a customer for access to its console."""
    relation = _relation_to_ask_in(request, domain)
    form = AskForm(request.POST if request.method == "POST" else None, support_only=relation.is_support_only)
    if is_shown_again(request):
        return _page(request, relation, form)
    if form.is_valid():
        with shown_on(form):
            ask(actor=Actor.of(request), customer=relation.customer, **form.wanted())
    if not form.is_bound or form.errors:
        return _page(request, relation, form, status=422 if form.errors else 200)
    text = _("You have asked %(customer)s for access. Its super admins were told, and you get a mail with the answer.")
    messages.success(request, text % {"customer": isolated(relation.customer.name)})
    return redirect("reseller_customer", domain=domain)


def _page(request: ResellerRequest, relation: AccessGrant, form: AskForm, *, status: int = 200) -> HttpResponse:
    context = {
        "relation": relation,
        "form": form,
        "waiting": requests_in(relation).filter(is_open()).first(),
        "takes_requests": takes_requests(relation.customer),
    }
    return render(request, "reseller/ask.html", context, status=status)


@require_POST
@reseller_page(*sorted(SALES_ROLES))
def reseller_request_withdraw(request: ResellerRequest, domain: str, request_id: int) -> HttpResponse:
    """Take a request back that has no answer yet."""
    relation = _relation_to_ask_in(request, domain)
    with told(request):
        withdraw(actor=Actor.of(request), customer=relation.customer, request_id=request_id)
        messages.success(request, _("Withdrawn. You can ask again at any time."))
    return redirect("reseller_customer", domain=domain)


@require_safe
@reseller_page(*sorted(CUSTOMER_STAFF))
@never_cache
def reseller_requests(request: ResellerRequest, domain: str) -> HttpResponse:
    """List every request of this reseller to one customer, the newest first."""
    relation = access_relation(request.user, domain)
    found = page_of(request, requests_in(relation), "reseller_requests")
    context = {"relation": relation, "requests": found.rows, "pager": found.pager}
    return render(request, "reseller/requests.html", context)


def requests_card(request: ResellerRequest, relation: AccessGrant) -> dict[str, Any]:
    """Return what the page of a customer says about requests."""
    recent = list(requests_in(relation)[:RECENT_REQUESTS])
    may_ask = asking_relations_of(request.user).filter(pk=relation.pk).exists()
    return {
        "requests": recent,
        "waiting_request": next((r for r in recent if r.status_now == RequestStatus.PENDING), None),
        "may_ask": may_ask,
        "takes_requests": may_ask and takes_requests(relation.customer),
    }


def _relation_to_ask_in(request: ResellerRequest, domain: str) -> AccessGrant:
    """Return the relation in which this person asks; 404 for a stranger, 403 for a person who does not work there."""
    relation = access_relation(request.user, domain)
    if not asking_relations_of(request.user).filter(pk=relation.pk).exists():
        raise PermissionDenied(_("Your role does not allow this."))
    return relation
