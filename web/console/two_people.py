"""*Two people*: what needs a second super admin, what waits for one, and the answer (R21)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import Proposal
from accounts.models.two_people import Demand, ProposalKind, ProposalStatus
from accounts.moments import moment_text
from accounts.permissions import Permission
from accounts.two_people.answering import Answered, approve, decide_alone, is_alone, reject
from accounts.two_people.demands import demands_of
from accounts.two_people.kinds import kinds
from accounts.two_people.proposing import withdraw
from accounts.two_people.reading import proposals_of
from accounts.two_people.rule import change_two_people
from web import shown_once
from web.console.forms.two_people import DemandsForm, EmergencyForm, RejectProposalForm
from web.guards import console_page
from web.lists.pages import page_of
from web.refusals import shown_on, told
from web.requests import ConsoleRequest
from web.unsaved import comes_back, is_shown_again


@require_safe
@console_page(Permission.VIEW_RESELLER_ACCESS)
@never_cache
def two_people(request: ConsoleRequest) -> HttpResponse:
    """List every proposal, the newest first, and what needs a second super admin."""
    return _list(request)


@comes_back
@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.CHANGE_RESELLER_ACCESS)
@never_cache
def two_people_rules(request: ConsoleRequest) -> HttpResponse:
    """Save what needs a second super admin. A GET leads to the page."""
    if request.method != "POST":
        return redirect("two_people", domain=request.customer.primary_domain)
    form = DemandsForm(request.POST)
    if form.is_valid():
        with shown_on(form):
            saved = change_two_people(actor=Actor.of(request), customer=request.customer, **form.cleaned_data)
            if saved.is_stricter:
                messages.success(request, _("Saved. What is ticked needs two super admins from now on."))
            elif saved.proposal is None:
                messages.info(request, _("Nothing was different, so nothing was saved."))
            if saved.proposal is not None:
                return waits(request, saved.proposal)
            return redirect("two_people", domain=request.customer.primary_domain)
    return _list(request, form, status=422 if form.errors else 200)


def _list(request: ConsoleRequest, form: DemandsForm | None = None, *, status: int = 200) -> HttpResponse:
    found = page_of(request, proposals_of(request.customer), "two_people")
    demanded = demands_of(request.customer)
    context = {
        "proposals": found.rows,
        "pager": found.pager,
        "form": form or DemandsForm(initial={"demands": sorted(demanded)}),
        "demanded": [demand.label for demand in Demand if demand in demanded],
        "can_change": Permission.CHANGE_RESELLER_ACCESS in request.permissions,
        "alone": bool(demanded) and is_alone(request.customer),
    }
    return render(request, "console/two_people.html", context, status=status)


def waits(request: ConsoleRequest, proposal: Proposal) -> HttpResponse:
    """Say that what was saved waits, and lead to it."""
    until = moment_text(proposal.expires_at, sentence=True)
    text = _("This needs two people. It waits for another super admin until %(until)s; nothing is given before.")
    messages.warning(request, text % {"until": until})
    return redirect("proposal", domain=request.customer.primary_domain, proposal_id=proposal.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.VIEW_RESELLER_ACCESS)
@never_cache
def proposal(request: ConsoleRequest, proposal_id: int) -> HttpResponse:
    """Show a proposal and what it would change now; POST approves, rejects or withdraws it, or decides alone."""
    shown = proposals_of(request.customer).filter(pk=proposal_id).first()
    if shown is None:
        raise Http404
    if request.method != "POST":
        return _page(request, shown)
    if Permission.CHANGE_RESELLER_ACCESS not in request.permissions:
        raise PermissionDenied(_("Your role does not allow this."))
    verbs = {"approve": _approve, "reject": _reject, "emergency": _decide_alone}
    return verbs.get(request.POST.get("verb", ""), _withdraw)(request, shown)


def _approve(request: ConsoleRequest, shown: Proposal) -> HttpResponse:
    with told(request):
        answered = approve(actor=Actor.of(request), customer=request.customer, proposal_id=shown.pk)
        return _done(request, answered, _("Approved, and done."))
    return _back(request, shown)


def _withdraw(request: ConsoleRequest, shown: Proposal) -> HttpResponse:
    with told(request):
        withdraw(actor=Actor.of(request), customer=request.customer, proposal_id=shown.pk)
        messages.success(request, _("Withdrawn. Nothing was changed."))
    return _back(request, shown)


def _reject(request: ConsoleRequest, shown: Proposal) -> HttpResponse:
    form = RejectProposalForm(request.POST)
    if form.is_valid() and not is_shown_again(request):
        with shown_on(form):
            reject(actor=Actor.of(request), customer=request.customer, proposal_id=shown.pk, **form.cleaned_data)
            messages.success(request, _("Rejected. Nothing was changed."))
            return _back(request, shown)
    return _page(request, shown, reject_form=form, status=422 if form.errors else 200)


def _decide_alone(request: ConsoleRequest, shown: Proposal) -> HttpResponse:
    form = EmergencyForm(request.POST)
    if form.is_valid() and not is_shown_again(request):
        with shown_on(form):
            actor = Actor.of(request)
            answered = decide_alone(actor=actor, customer=request.customer, proposal_id=shown.pk, **form.cleaned_data)
            return _done(request, answered, _("Done. Everybody who was a super admin within 72 hours is told."))
    return _page(request, shown, emergency_form=form, status=422 if form.errors else 200)


def _done(request: ConsoleRequest, answered: Answered, said: str) -> HttpResponse:
    """Lead back to the proposal, or to the page that shows a token once."""
    if answered.proposal.status == ProposalStatus.OVERTAKEN:
        messages.error(request, answered.proposal.answer)
    else:
        messages.success(request, said)
    if answered.shown_once:
        url = reverse("transfer_token", args=[request.customer.primary_domain])
        return shown_once.show(request, url, {"code": answered.shown_once, "reseller": answered.proposal.subject})
    return _back(request, answered.proposal)


def _page(
    request: ConsoleRequest,
    shown: Proposal,
    *,
    reject_form: forms.Form | None = None,
    emergency_form: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show a proposal as it is now. Forms come back as they were sent."""
    if status != 200:
        shown = proposals_of(request.customer).get(pk=shown.pk)
    context: dict[str, Any] = {"proposal": shown, "reject_form": reject_form, "emergency_form": emergency_form}
    if shown.status_now == ProposalStatus.WAITING and Permission.CHANGE_RESELLER_ACCESS in request.permissions:
        is_own = shown.author_id == request.user.pk
        context |= _preview(request, shown) | {
            "can_answer": True,
            "is_own": is_own,
            "reject_form": reject_form or RejectProposalForm(),
        }
        always_two = kinds()[ProposalKind(shown.kind)].always_two
        if is_own and not always_two and is_alone(request.customer):
            context["emergency_form"] = emergency_form or EmergencyForm()
    return render(request, "console/proposal.html", context, status=status)


def _preview(request: ConsoleRequest, shown: Proposal) -> dict[str, Any]:
    """Return what approving would change now, by the preview of the verb itself, or why it cannot be done."""
    actor = Actor(request.user)
    try:
        return {"sentences": kinds()[ProposalKind(shown.kind)].says(actor, request.customer, shown.said)}
    except Refused as refused:
        return {"problem": refused.message}


def _back(request: ConsoleRequest, shown: Proposal) -> HttpResponse:
    return redirect("proposal", domain=request.customer.primary_domain, proposal_id=shown.pk)
