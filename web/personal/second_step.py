"""Signing in with a second factor: the step after the password, and a passkey in place of both (P12)."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.core.internal import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.errors import Refused
from accounts.factors import factors_of
from accounts.sign_in import events
from accounts.sign_in.passkeys import check_shown, request_options
from accounts.sign_in.second_step import SecondStep, check_code, note_factor
from web.guards import everybody
from web.personal.factor_forms import SecondStepForm, ShownPasskeyForm


@require_http_methods(["GET", "HEAD", "POST"])
@everybody
@login_stage_required(stage=SecondStep.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
def second_step(request: HttpRequest) -> HttpResponseBase:
    """Ask a person whose password was right for their second factor; nothing else is open to them until then."""
    stage: SecondStep = getattr(request, "_login_stage")  # noqa: B009  allauth's own name
    if "cancel" in request.POST or not stage.still_counts():
        aborted: HttpResponseBase = stage.abort()
        return aborted
    form = SecondStepForm(request.POST if "code" in request.POST else None)
    if request.method == "POST" and (row := _shown(request, stage, form)):
        note_factor(request, stage.login.user, row)
        signed_in: HttpResponseBase = stage.exit()
        return signed_in
    has_passkey = factors_of(stage.login.user).filter(type="webauthn").exists()
    context = {"form": form, "options": request_options(stage.login.user) if has_passkey else None}
    return render(request, "account/second_step.html", context)


def _shown(request: HttpRequest, stage: SecondStep, form: SecondStepForm) -> Any:
    """Return the row of the factor that was shown; None where there is none, and say why."""
    person = stage.login.user
    try:
        if form.is_bound:
            return check_code(request, person, form.cleaned_data["code"]) if form.is_valid() else None
        passkey = ShownPasskeyForm(request.POST)
        return check_shown(passkey.cleaned_data["credential"], person) if passkey.is_valid() else None
    except Refused as refused:
        if form.is_bound:
            form.add_error("code", refused.message)
        else:
            events.count_failed_sign_in(person.email, get_adapter().get_client_ip(request))
            messages.error(request, refused.message)
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@everybody
@never_cache
def passkey_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Sign in with a passkey alone: GET gives the browser what it needs to show one, POST takes it."""
    # GET counts by itself: it begins a session.
    app, action = (
        ("allauth.mfa", "webauthn_login") if request.method == "POST" else ("allauth.account", "passkey_asked")
    )
    refused: HttpResponse | None = ratelimit.consume_or_429(request, app=app, action=action, limit_get=True)
    if refused is not None:
        return refused
    if request.user.is_authenticated:
        return redirect("home")
    if request.method != "POST":
        if request.headers.get("Accept") != "application/json":
            return redirect("account_login")
        return JsonResponse(request_options(None))
    return _sign_in(request)


def _sign_in(request: HttpRequest) -> HttpResponseBase:
    form = ShownPasskeyForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(_("No passkey was shown."))
        row = check_shown(form.cleaned_data["credential"], None)
    except Refused as wrong:
        messages.error(request, wrong.message)
        return redirect("account_login")
    note_factor(request, row.user, row, alone=True)
    answer: HttpResponseBase = perform_login(request, Login(user=row.user, redirect_url=get_next_redirect_url(request)))
    return answer
