"""*Reseller access* › *Activations*: who is, was or wants to be inside where that is only when needed (R20)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.console_sessions.activations import end_activation
from accounts.permissions import Permission
from subscriptions.access.activating import (
    activations_of,
    activations_to_approve_at,
    approve_activation,
    reject_activation,
)
from web.activations import RejectActivationForm, activation_among, approved_text
from web.guards import console_page
from web.lists.pages import page_of
from web.refusals import shown_on, told
from web.requests import ConsoleRequest
from web.unsaved import is_shown_again


@require_safe
@console_page(Permission.VIEW_CONSOLE_SESSIONS)
@never_cache
def activations(request: ConsoleRequest) -> HttpResponse:
    """Show what waits for this customer's approval, who is inside by an activation, and everything before."""
    found = page_of(request, activations_of(request.customer), "activations")
    context = {
        "waiting": list(activations_to_approve_at(request.customer)),
        "activations": found.rows,
        "pager": found.pager,
        "now": database_now(),
        "may_end": Permission.END_CONSOLE_SESSIONS in request.permissions,
        "can_change": Permission.CHANGE_RESELLER_ACCESS in request.permissions,
    }
    return render(request, "console/activations.html", context)


@require_POST
@console_page(Permission.CHANGE_RESELLER_ACCESS)
def activation_approve(request: ConsoleRequest, activation_id: int) -> HttpResponse:
    """Let an agent's activation begin."""
    activation_among(activations_of(request.customer), activation_id)
    with told(request):
        made = approve_activation(actor=Actor.of(request), customer=request.customer, activation_id=activation_id)
        messages.success(request, approved_text(made))
    return _back(request)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.CHANGE_RESELLER_ACCESS)
@never_cache
def activation_reject(request: ConsoleRequest, activation_id: int) -> HttpResponse:
    """Reject an agent's activation, with a reason."""
    activation = activation_among(activations_of(request.customer), activation_id)
    form = RejectActivationForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and not is_shown_again(request):
        with shown_on(form):
            reject_activation(
                actor=Actor.of(request), customer=request.customer, activation_id=activation_id, **form.cleaned_data
            )
            messages.success(request, _("Rejected. The agent is told why."))
            return _back(request)
    context = {"activation": activation, "form": form}
    return render(request, "console/activation_reject.html", context, status=422 if form.errors else 200)


@require_POST
@console_page(Permission.END_CONSOLE_SESSIONS)
def activation_end(request: ConsoleRequest, number: int) -> HttpResponse:
    """End an activation now: its agent is put out with the next click."""
    activation_among(activations_of(request.customer), number)
    if end_activation(actor=Actor.of(request), customer=request.customer, number=number):
        messages.success(request, _("Ended. The agent is put out of this console with their next click."))
    else:
        messages.info(request, _("Nothing was changed: this activation was over already."))
    return _back(request)


def _back(request: ConsoleRequest) -> HttpResponse:
    return redirect("activations", domain=request.customer.primary_domain)
