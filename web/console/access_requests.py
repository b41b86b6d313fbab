"""*Reseller access* › *Requests*: what resellers ask for, and the customer's answer (R17)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.models import Proposal
from accounts.moments import moment_text
from accounts.permissions import Permission
from subscriptions.access.answering import (
    approve,
    hand_on,
    others_who_answer,
    preview_answer,
    reject,
    seen_in,
    switch_requests,
)
from subscriptions.access.effective import at_the_latest
from subscriptions.access.errors import AccessRefused
from subscriptions.access.overview import history_of
from subscriptions.access.relation_status import access_of
from subscriptions.access.request_words import sentences_of
from subscriptions.access.requests import relation_of, requests_to, subscriptions_asked_for, takes_requests
from subscriptions.models import AccessRequest
from subscriptions.models.level import Level
from subscriptions.models.request import RequestStatus
from web.console.forms.access_requests import ApproveForm, HandOnForm, RejectForm, RequestsPolicyForm
from web.console.two_people import waits
from web.guards import console_page
from web.lists.pages import page_of
from web.refusals import shown_on, told
from web.requests import ConsoleRequest
from web.unsaved import is_shown_again

# What the form of a page asks for, by the name that its button sends.
EDIT, REJECT, HAND_ON = "edit", "reject", "hand_on"
# What the page that says what will change carries on.
SENT = ("level", "standing", "lasts", "subscriptions", "seen")


@require_safe
@console_page(Permission.VIEW_RESELLER_ACCESS)
@never_cache
def access_requests(request: ConsoleRequest) -> HttpResponse:
    """List every request, the newest first, and whether resellers may ask at all."""
    found = page_of(request, requests_to(request.customer), "access_requests")
    on = takes_requests(request.customer)
    context = {
        "requests": found.rows,
        "pager": found.pager,
        "takes_requests": on,
        "form": RequestsPolicyForm(initial={"on": on}),
        "can_change": Permission.CHANGE_RESELLER_ACCESS in request.permissions,
    }
    return render(request, "console/access_requests.html", context)


@require_POST
@console_page(Permission.CHANGE_RESELLER_ACCESS)
def access_requests_policy(request: ConsoleRequest) -> HttpResponse:
    """Let resellers ask, or not any more."""
    form = RequestsPolicyForm(request.POST)
    form.full_clean()
    on = form.cleaned_data["on"]
    if not switch_requests(actor=Actor.of(request), customer=request.customer, on=on):
        messages.info(request, _("Nothing was changed."))
    elif on:
        messages.success(request, _("Saved. Your resellers may ask for access."))
    else:
        messages.success(request, _("Saved. Your resellers can no longer ask for access."))
    return redirect("access_requests", domain=request.customer.primary_domain)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.VIEW_RESELLER_ACCESS)
@never_cache
def access_request(request: ConsoleRequest, request_id: int) -> HttpResponse:
    """Show one request beside what is open now; POST approves it, rejects it, or hands it on."""
    asked = requests_to(request.customer).filter(pk=request_id).first()
    if asked is None:
        raise Http404
    if request.method != "POST":
        return _page(request, asked)
    if Permission.CHANGE_RESELLER_ACCESS not in request.permissions:
        raise PermissionDenied(_("Your role does not allow this."))
    verbs = {REJECT: _reject, HAND_ON: _hand_on}
    return verbs.get(request.POST.get("verb", ""), _approve)(request, asked)


def _approve(request: ConsoleRequest, asked: AccessRequest) -> HttpResponse:
    """Approve, after the words that say what will change were shown."""
    form = _approve_form(asked, request.POST)
    if not form.is_valid():
        return _page(request, asked, form, status=422)
    if request.POST.get("verb") == EDIT or is_shown_again(request):
        return _page(request, asked, form)
    with shown_on(form):
        try:
            answer = _approved if form.cleaned_data["confirmed"] else _previewed
            return answer(request, asked, form)
        except AccessRefused as refused:
            form.add_error("subscriptions" if refused.subscription_id else "lasts", str(refused.message))
    return _page(request, asked, form, status=422)


def _previewed(request: ConsoleRequest, asked: AccessRequest, form: ApproveForm) -> HttpResponse:
    answer = form.answer()
    actor = Actor.of(request)
    waits_for_second = bool(preview_answer(actor=actor, request=asked, answer=answer).waiting)
    preview = preview_answer(actor=actor, request=asked, answer=answer, approved=True)
    context = {
        "asked": asked,
        "sentences": sentences_of(asked, answer, preview),
        "latest": at_the_latest(preview.at) if preview.steps and not waits_for_second else None,
        "waits": waits_for_second,
        "sent": [(name, value) for name in SENT for value in request.POST.getlist(name)],
    }
    return render(request, "console/access_request_confirm.html", context)


def _approved(request: ConsoleRequest, asked: AccessRequest, form: ApproveForm) -> HttpResponse:
    answered = approve(actor=Actor.of(request), customer=request.customer, request_id=asked.pk, answer=form.answer())
    if isinstance(answered, Proposal):
        return waits(request, answered)
    if answered.changes.exists() and answered.answered_at:
        latest = moment_text(at_the_latest(answered.answered_at), sentence=True)
        messages.success(request, _("Approved. This takes effect by %(latest)s.") % {"latest": latest})
    else:
        messages.success(request, _("Approved. This was open already, so nothing changed."))
    return _back(request, asked)


def _reject(request: ConsoleRequest, asked: AccessRequest) -> HttpResponse:
    form = RejectForm(request.POST)
    if form.is_valid() and not is_shown_again(request):
        with shown_on(form):
            reject(actor=Actor.of(request), customer=request.customer, request_id=asked.pk, **form.cleaned_data)
            messages.success(request, _("Rejected. The person who asked gets your reason by mail."))
            return _back(request, asked)
    return _page(request, asked, reject_form=form, status=422 if form.errors else 200)


def _hand_on(request: ConsoleRequest, asked: AccessRequest) -> HttpResponse:
    form = HandOnForm(request.POST, people=others_who_answer(request.customer, request.user))
    if form.is_valid() and not is_shown_again(request):
        person = form.cleaned_data["person"]
        with told(request):
            hand_on(actor=Actor.of(request), customer=request.customer, request_id=asked.pk, person_id=person)
            messages.success(request, _("Handed on. They get a mail, and you can still answer it yourself."))
        return _back(request, asked)
    return _page(request, asked, hand_on_form=form, status=422 if form.errors else 200)


def _approve_form(asked: AccessRequest, data: Any = None) -> ApproveForm:
    return ApproveForm(data, asked=asked, offered=subscriptions_asked_for(asked))


def _page(
    request: ConsoleRequest,
    asked: AccessRequest,
    form: ApproveForm | None = None,
    *,
    reject_form: forms.Form | None = None,
    hand_on_form: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show a request as it is now. Forms come back as they were sent."""
    if status != 200:
        asked = requests_to(request.customer).get(pk=asked.pk)
    is_open = asked.status_now == RequestStatus.PENDING
    context = _facts(request, asked) | {"form": form, "reject_form": reject_form, "hand_on_form": hand_on_form}
    if is_open and Permission.CHANGE_RESELLER_ACCESS in request.permissions:
        people = others_who_answer(request.customer, request.user)
        context |= {
            "can_answer": True,
            # Fresh, also in a form that comes back: it shows what is open now.
            "seen": seen_in(asked),
            "form": form or _approve_form(asked),
            "reject_form": reject_form or RejectForm(),
            "hand_on_form": hand_on_form or (HandOnForm(people=people) if people else None),
        }
    return render(request, "console/access_request.html", context, status=status)


def _facts(request: ConsoleRequest, asked: AccessRequest) -> dict[str, Any]:
    """Return what was asked for, beside what was given and what is open now."""
    relation = relation_of(asked)
    access = access_of(relation) if relation else None
    facts: dict[str, Any] = {
        "asked": asked,
        "access": access,
        "access_level": dict(Level.choices).get(access.level, access.level) if access else "",
        "subscriptions": list(subscriptions_asked_for(asked)),
    }
    if asked.status == RequestStatus.APPROVED:
        facts["given"] = {subscription.pk for subscription in asked.given_subscriptions.all()}
        changes = history_of(request.customer).filter(pk__in=asked.changes.values("pk"))
        facts |= {"changes": changes.order_by("pk"), "now": database_now()}
    return facts


def _back(request: ConsoleRequest, asked: AccessRequest) -> HttpResponse:
    return redirect("access_request", domain=request.customer.primary_domain, request_id=asked.pk)
