"""One's own second factor (P12): what there is, and adding, naming and removing it."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.authorisation import require_fresh_proof
from accounts.errors import Refused
from accounts.factors import Factor, StoredFactor, factors_of, is_required_of
from accounts.sign_in import enrolling
from accounts.sign_in.codes import unused_recovery_codes
from accounts.sign_in.enrolling import Added
from accounts.sign_in.factor_adapter import FactorAdapter
from accounts.sign_in.lost_factor import reset_of
from accounts.sign_in.passkeys import check_new, creation_options
from accounts.sign_in.second_step import note_factor
from web import shown_once
from web.factor_resets import cancel
from web.guards import signed_in
from web.personal.factor_forms import AppForm, NameForm, PasskeyForm
from web.qr import qr_code
from web.requests import SignedInRequest

# In the session: the secret of an app that is being set up, encrypted.
_SECRET: Final = "second_factor_secret"  # noqa: S105  a key


@require_safe
@signed_in
@never_cache
def second_factor(request: SignedInRequest) -> HttpResponse:
    """Show passkeys, the authenticator app, and how many recovery codes are left."""
    stored = [StoredFactor(row) for row in factors_of(request.user)]
    context = {
        "passkeys": [one for one in stored if one.factor is Factor.PASSKEY],
        "app": next((one for one in stored if one.factor is Factor.APP), None),
        "codes": unused_recovery_codes(request.user),
        "is_last": len(stored) == 1,
        "is_required": is_required_of(request.user),
        "reset": reset_of(request.user),
    }
    return render(request, "personal/second_factor.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
def second_factor_app(request: SignedInRequest) -> HttpResponse:
    """Set an authenticator app up: its secret as a QR code and as text, then its first code."""
    if factors_of(request.user).filter(type="totp").exists():
        return redirect("second_factor")
    # Before the secret is shown, and before the browser is asked for a passkey: neither can wait for the proof.
    require_fresh_proof(Actor.of(request))
    secret = _secret(request)
    form = AppForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = enrolling.add_app(actor=Actor.of(request), secret=secret, code=form.cleaned_data["code"])
        except Refused as refused:
            form.add_error(refused.field or None, refused.message)
        else:
            del request.session[_SECRET]
            return _added(request, added)
    url = FactorAdapter().build_totp_url(request.user, secret)
    parts = [secret[start : start + 4] for start in range(0, len(secret), 4)]
    context = {"form": form, "qr": qr_code(url), "secret": secret, "parts": parts}
    return render(request, "personal/second_factor_app.html", context)


def _secret(request: SignedInRequest) -> str:
    """Return the secret that is being set up: the same when the page is loaded again, or its code was wrong."""
    kept = request.session.get(_SECRET)
    if kept is None:
        kept = request.session[_SECRET] = FactorAdapter().encrypt(enrolling.new_app_secret())
    return FactorAdapter().decrypt(kept)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
def passkey_add(request: SignedInRequest) -> HttpResponse:
    """Make a passkey, and name it."""
    require_fresh_proof(Actor.of(request))
    form = PasskeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            added = enrolling.add_passkey(
                actor=Actor.of(request), name=said["name"], credential=check_new(said["credential"])
            )
        except Refused as refused:
            form.add_error(refused.field or None, refused.message)
        else:
            return _added(request, added)
    context = {"form": form, "options": creation_options(request.user)}
    return render(request, "personal/passkey_add.html", context)


def _added(request: SignedInRequest, added: Added) -> HttpResponse:
    # Its first code, or making it, has shown it in this session too.
    note_factor(request, request.user, added.row)
    messages.success(
        request, _("Added: %(name)s. From now on it is asked for when you sign in.") % {"name": added.name}
    )
    if added.recovery_codes:
        return shown_once.show(request, reverse("recovery_codes"), {"codes": added.recovery_codes})
    return redirect("second_factor")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def passkey_rename(request: SignedInRequest, factor_id: int) -> HttpResponse:
    """Call a passkey something else."""
    row = factors_of(request.user).filter(pk=factor_id, type="webauthn").first()
    if row is None:
        raise Http404
    passkey = StoredFactor(row)
    form = NameForm(request.POST or None, initial={"name": passkey.name})
    if request.method == "POST" and form.is_valid():
        try:
            enrolling.rename_passkey(actor=Actor.of(request), factor_id=factor_id, name=form.cleaned_data["name"])
        except Refused as refused:
            form.add_error(refused.field or None, refused.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("second_factor")
    return render(request, "personal/passkey_rename.html", {"form": form, "passkey": passkey})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def factor_remove(request: SignedInRequest, factor_id: int) -> HttpResponse:
    """Remove a passkey or the authenticator app."""
    if not factors_of(request.user).filter(pk=factor_id).exists():
        raise Http404
    if request.method == "POST":
        enrolling.remove_factor(actor=Actor.of(request), factor_id=factor_id)
        messages.success(request, _("Removed. It opens nothing any more."))
    return redirect("second_factor")


@require_POST
@signed_in
def factor_reset_cancel(request: SignedInRequest) -> HttpResponse:
    """Cancel the reset of one's own second factor: it is not lost."""
    cancel(request, request.user)
    return redirect("second_factor")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
def recovery_codes(request: SignedInRequest) -> HttpResponse:
    """Show new recovery codes once; POST makes them."""
    if request.method == "POST":
        try:
            codes = enrolling.make_recovery_codes(actor=Actor.of(request))
        except Refused as refused:
            messages.error(request, refused.message)
            return redirect("second_factor")
        return shown_once.show(request, reverse("recovery_codes"), {"codes": codes})
    shown = shown_once.shown(request) or {}
    context = {"codes": shown.get("codes", []), "left": unused_recovery_codes(request.user)}
    return render(request, "personal/recovery_codes.html", context)
