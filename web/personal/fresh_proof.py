"""The page that asks again who a person is, before something is given (P13)."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.console_sessions.browser_sessions import renew_key
from accounts.errors import Refused
from accounts.factors import Factor, factor_of, factors_of
from accounts.identity_providers import provider_for
from accounts.proof import BY_PROVIDER, note_proof
from accounts.sign_in.passkeys import check_shown, request_options
from accounts.sign_in.second_step import check_code, check_password, note_factor
from web.fresh_proof import back_from, onward_to
from web.guards import signed_in
from web.personal.factor_forms import SecondStepForm, ShownPasskeyForm
from web.requests import SignedInRequest
from web.single_sign_on.leading import PROOF, led_to_provider, too_often
from web.unsaved import is_shown_again


class PasswordForm(forms.Form):
    """One's own password, once more."""

    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
def fresh_proof(request: SignedInRequest) -> HttpResponse:
    """Ask for the password, a code or a passkey, or let their provider ask; then go on with what waits for it."""
    name = request.GET.get("for", "")
    sent = request.POST
    provider = provider_for(request.user) if BY_PROVIDER in request.session else None
    if provider is not None and "provider" in sent and not is_shown_again(request):
        if refused := too_often(request):
            return refused
        return led_to_provider(request, provider, errand=PROOF, address=request.user.email, waiting=name)
    kinds = {factor_of(row.type) for row in factors_of(request.user)}
    # As at the sign-in: where there is a second factor, the password alone proves nothing.
    takes_password = request.user.has_usable_password() and not kinds and provider is None
    password = PasswordForm(sent if takes_password and "password" in sent else None)
    code = SecondStepForm(sent if "code" in sent else None)
    passkey = ShownPasskeyForm(sent if "credential" in sent else None)
    if request.method == "POST" and not is_shown_again(request) and _proves(request, password, code, passkey):
        renew_key(request.session)
        note_proof(request.session)
        return redirect(onward_to(request, name) or "home")
    context = {
        "password": password if takes_password else None,
        "code": code if kinds else None,
        "passkey": passkey,
        "provider": provider,
        "options": request_options(request.user) if Factor.PASSKEY in kinds else None,
        "form": next((form for form in (password, code, passkey) if form.is_bound), None),
        "back": _safe(request, back_from(request, name)),
    }
    return render(request, "account/fresh_proof.html", context)


def _proves(request: SignedInRequest, password: PasswordForm, code: SecondStepForm, passkey: ShownPasskeyForm) -> bool:
    """Tell whether what was sent proves who the person is; what is wrong is said at its field."""
    for form in (password, code, passkey):
        if form.is_bound and form.is_valid():
            try:
                _check(request, form)
            except Refused as refused:
                form.add_error(refused.field or None, refused.message)
            else:
                return True
    return False


def _check(request: SignedInRequest, form: forms.Form) -> None:
    person, said = request.user, form.cleaned_data
    if "password" in said:
        check_password(request, person, said["password"])
    elif "code" in said:
        note_factor(request, person, check_code(request, person, said["code"]))
    else:
        note_factor(request, person, check_shown(said["credential"], person))


def _safe(request: SignedInRequest, url: str | None) -> str | None:
    return url if url and url_has_allowed_host_and_scheme(url, {request.get_host()}) else None
