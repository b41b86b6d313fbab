"""A reseller's agent activates access for some hours, asks for more time, and ends it; an admin approves (R20)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.console_sessions.activations import end_activation
from accounts.console_sessions.entering import enter_console
from accounts.models import Activation, Customer
from accounts.models.activations import ActivationStatus
from accounts.permissions import Permission
from accounts.roles import CUSTOMER_STAFF, Role
from accounts.sign_in.second_step import factor_shown
from subscriptions.access.activating import (
    activate,
    activations_ended_by,
    activations_to_approve_by,
    approve_activation,
    give_more_time,
    hours_to_choose,
    lasting_or_waiting,
    reject_activation,
    rejected_last,
)
from subscriptions.access.policy import policy_of
from subscriptions.access.relation_status import RelationAccess, access_of
from subscriptions.access.scope import access_relation
from subscriptions.models import AccessGrant
from web.activations import RejectActivationForm, activation_among, approved_text
from web.guards import closed_console, known_customer, reseller_page
from web.lists.pages import page_of
from web.refusals import shown_on, told
from web.requests import ResellerRequest
from web.reseller.forms import ActivateForm
from web.unsaved import is_shown_again

ENTERED = "console_entered"  # how settings_sign_in.py calls the limit


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(*sorted(CUSTOMER_STAFF))
@never_cache
def reseller_activate(request: ResellerRequest, domain: str) -> HttpResponse:
    """Activate access to a console that is open only when needed, and enter it; or ask for that."""
    return _activates(request, domain, activate, more=False)


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(*sorted(CUSTOMER_STAFF))
@never_cache
def reseller_activate_more(request: ResellerRequest, domain: str) -> HttpResponse:
    """Ask for more time before the running activation ends."""
    return _activates(request, domain, give_more_time, more=True)


def _activates(request: ResellerRequest, domain: str, verb: Callable[..., Activation], *, more: bool) -> HttpResponse:
    relation = access_relation(request.user, domain)
    access = access_of(relation)
    if not access.is_in_force:
        return closed_console(request, relation.customer)
    found = lasting_or_waiting(request.user, relation)
    form = _form(request, relation.customer, found if more else None)
    if form.is_valid() and not is_shown_again(request) and (more or not _is_too_often(request, form)):
        with shown_on(form):
            made = verb(actor=Actor.of(request), customer=relation.customer, **form.cleaned_data)
            return _after(request, relation.customer, made)
    return _page(request, relation, access, form, found, more=more)


@require_POST
@reseller_page(*sorted(CUSTOMER_STAFF))
def reseller_activation_end(request: ResellerRequest, domain: str, number: int) -> HttpResponse:
    """End an activation now, or take it back while it waits: one's own, or as a reseller admin that of an agent."""
    customer = known_customer(request.user, domain)
    activation_among(activations_ended_by(request.user, customer), number)
    if end_activation(actor=Actor.of(request), customer=customer, number=number):
        messages.success(request, _("Ended. Nobody is inside by this activation any more."))
    else:
        messages.info(request, _("Nothing was changed: this activation was over already."))
    return redirect("reseller_customer", domain=domain)


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
@never_cache
def reseller_activations(request: ResellerRequest) -> HttpResponse:
    """List what waits for the approval of a reseller admin; their own is for another one."""
    found = page_of(request, activations_to_approve_by(request.user), "reseller_activations")
    context = {"activations": found.rows, "pager": found.pager}
    return render(request, "reseller/activations.html", context)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_activation_approve(request: ResellerRequest, activation_id: int) -> HttpResponse:
    """Let an agent's activation begin."""
    activation = activation_among(activations_to_approve_by(request.user), activation_id)
    with told(request):
        made = approve_activation(actor=Actor.of(request), customer=activation.customer, activation_id=activation_id)
        messages.success(request, approved_text(made))
    return redirect("reseller_activations")


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
@never_cache
def reseller_activation_reject(request: ResellerRequest, activation_id: int) -> HttpResponse:
    """Reject an agent's activation, with a reason."""
    activation = activation_among(activations_to_approve_by(request.user), activation_id)
    form = RejectActivationForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and not is_shown_again(request):
        with shown_on(form):
            reject_activation(
                actor=Actor.of(request),
                customer=activation.customer,
                activation_id=activation_id,
                **form.cleaned_data,
            )
            messages.success(request, _("Rejected. The agent is told why."))
            return redirect("reseller_activations")
    context = {"activation": activation, "form": form}
    return render(request, "reseller/activation_reject.html", context, status=422 if form.errors else 200)


def activation_card(request: ResellerRequest, relation: AccessGrant, access: RelationAccess) -> dict[str, Any]:
    """Return what the page of a customer says about activations; nothing where the console is not on request."""
    if not access.is_on_request:
        return {"is_activated": access.is_in_force}
    return {
        "activation": lasting_or_waiting(request.user, relation),
        "rejected": rejected_last(request.user, relation),
        "is_activated": request.user.has_perm(Permission.VIEW_CONSOLE, relation.customer),
    }


def _form(request: ResellerRequest, customer: Customer, before: Activation | None = None) -> ActivateForm:
    data = request.POST if request.method == "POST" else None
    initial = {"reason": before.reason, "case_number": before.case_number} if before else {}
    return ActivateForm(data, hours=hours_to_choose(customer), initial=initial)


def _is_too_often(request: ResellerRequest, form: ActivateForm) -> bool:
    if ratelimit.consume(request, action=ENTERED, user=request.user):
        return False
    # Each is a mail to each super admin, as each entry is.
    form.add_error(None, _("You have entered consoles very often. Try again in an hour."))
    return True


def _after(request: ResellerRequest, customer: Customer, made: Activation) -> HttpResponse:
    domain = customer.primary_domain
    if made.status == ActivationStatus.WAITING:
        messages.success(request, _("Asked for. You are told as soon as it is approved or rejected."))
        return redirect("reseller_customer", domain=domain)
    with told(request):
        enter_console(
            actor=Actor.of(request),
            customer=customer,
            session_key=request.session.session_key,
            second_factor=factor_shown(request),
        )
    return redirect("console_home", domain=domain)


def _page(
    request: ResellerRequest,
    relation: AccessGrant,
    access: RelationAccess,
    form: ActivateForm,
    found: Activation | None,
    *,
    more: bool,
) -> HttpResponse:
    context = {
        "relation": relation,
        "access": access,
        "form": form,
        "activation": found,
        "rejected": rejected_last(request.user, relation),
        "more": more,
        "policy": policy_of(relation.customer),
        "now": database_now(),
    }
    status = 422 if form.errors else 200
    return render(request, "reseller/activate.html", context, status=status)
