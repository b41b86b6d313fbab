"""A super admin lets a reseller take subscriptions over: names it, generates a token, revokes it (R14)."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.models import Proposal, Reseller
from accounts.names import isolated
from accounts.permissions import Permission
from subscriptions.models import Product
from subscriptions.transfer_scope import groups_of, named_reseller, state_of, tokens_of
from subscriptions.transfers import TOKEN_LASTS, generate_transfer_token, revoke_transfer_token
from web import shown_once
from web.console.two_people import waits
from web.guards import console_page
from web.lists.pages import page_of
from web.orders.transfer_forms import NamedResellerForm, NewTokenForm, in_fours
from web.refusals import shown_on
from web.requests import ConsoleRequest

UNKNOWN = "unknown_reseller"  # how settings_sign_in.py calls the limit


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.TRANSFER_SUBSCRIPTIONS)
def transfer(request: ConsoleRequest) -> HttpResponse:
    """Name the reseller, look at its name and address, then generate the token, which is shown this once."""
    if request.method != "POST":
        return _page(request, NamedResellerForm())
    form = NamedResellerForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    if not ratelimit.consume(request, action=UNKNOWN, user=request.user, dry_run=True):
        form.add_error("reseller", _("Too many identifiers were not found. Try again in an hour."))
        return _page(request, form, status=429)
    reseller = named_reseller(form.cleaned_data["reseller"])
    if reseller is None:
        ratelimit.consume(request, action=UNKNOWN, user=request.user)
        form.add_error("reseller", _("No reseller was found with this identifier. Ask your reseller for it."))
        return _page(request, form, status=422)
    groups = groups_of(request.customer, reseller)
    if request.POST.get("step") != "generate":
        return _page(request, NewTokenForm(groups=groups), reseller)
    return _generate(request, NewTokenForm(request.POST, groups=groups), reseller)


def _generate(request: ConsoleRequest, form: NewTokenForm, reseller: Reseller) -> HttpResponse:
    """Generate, and lead to the page that shows the token once: it is in no address, no session and no message."""
    if not form.is_valid():
        return _page(request, form, reseller, status=422)
    products = form.cleaned_data["products"]
    with shown_on(form):
        code = generate_transfer_token(
            actor=Actor.of(request), customer=request.customer, reseller=reseller, products=products
        )
        if isinstance(code, Proposal):
            return waits(request, code)
        url = reverse("transfer_token", args=[request.customer.primary_domain])
        return shown_once.show(request, url, {"code": code, "reseller": reseller.name})
    return _page(request, form, reseller, status=422)


@sensitive_variables("shown")
@require_safe
@console_page(Permission.TRANSFER_SUBSCRIPTIONS)
def transfer_token(request: ConsoleRequest) -> HttpResponse:
    """Show the token that was just generated, once."""
    shown = shown_once.shown(request)
    if shown is None:
        return render(request, "console/transfer_token.html")
    context = shown | {"parts": in_fours(shown["code"]), "days": TOKEN_LASTS.days}
    return render(request, "console/transfer_token.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.TRANSFER_SUBSCRIPTIONS)
def transfer_revoke(request: ConsoleRequest, token_id: int) -> HttpResponse:
    """Revoke a token that waits. A GET leads to the page: nothing is done without pressing the button."""
    token = get_object_or_404(tokens_of(request.customer).select_related("customer", "reseller"), pk=token_id)
    if request.method == "POST":
        if revoke_transfer_token(actor=Actor.of(request), token=token):
            text = _("Revoked. %(reseller)s cannot use this token any more.")
            messages.success(request, text % {"reseller": isolated(token.reseller.name)})
        else:
            messages.info(request, _("This token was used, revoked or expired already."))
    return redirect("transfer", domain=request.customer.primary_domain)


def _page(
    request: ConsoleRequest, form: NamedResellerForm, reseller: Reseller | None = None, *, status: int = 200
) -> HttpResponse:
    found = page_of(request, tokens_of(request.customer).select_related("reseller", "made_by"), "transfer tokens")
    now = database_now()
    names = dict(Product.objects.values_list("pk", "name")) if any(token.products for token in found.rows) else {}
    context = {
        "form": form,
        "reseller": reseller,
        "days": TOKEN_LASTS.days,
        "tokens": [
            (token, state_of(token, now), [names[product] for product in token.products]) for token in found.rows
        ],
        "pager": found.pager,
    }
    return render(request, "console/transfer.html", context, status=status)
