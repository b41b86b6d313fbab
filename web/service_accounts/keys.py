"""One service account with its keys, and the file of a new one, which is downloaded once (X2)."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.debug import sensitive_variables

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.machines.key_file import key_file
from accounts.machines.keys import NewKey, keys_of, make_key, revoke_key, rotate_key
from accounts.models import ServiceAccountKey
from web import shown_once
from web.refusals import shown_on, told
from web.requests import SignedInRequest
from web.service_accounts.area import Area
from web.service_accounts.forms import NewKeyForm, RotateKeyForm
from web.service_accounts.pages import account_in, state_of, words_of


class Row(NamedTuple):
    """A key, what becomes of it as a chip and in words, and where it is rotated and revoked."""

    key: ServiceAccountKey
    state: str
    label: Promise
    rotate_url: str
    revoke_url: str


def account_page(request: SignedInRequest, area: Area, account_id: int) -> HttpResponse:
    """Show one account: what it may do, its keys, and what becomes of both."""
    account = account_in(area, account_id)
    now = database_now()
    rows = []
    # At most ten work at a time; those that are over are shown for as long as a year.
    for key in keys_of(account).select_related("made_by").order_by("-pk")[:50]:
        if key.revoked_at:
            state, label = "closed", pgettext_lazy("key", "Revoked")
        elif key.expires_at <= now:
            state, label = "closed", pgettext_lazy("key", "Expired")
        else:
            state, label = "open", pgettext_lazy("key", "Active")
        rows.append(Row(key, state, label, area.key_url(key, "rotate"), area.key_url(key, "revoke")))
    becomes = state_of(account)
    deeds = ("scopes", "key_new", "suspend", "restore", "delete")
    context = {
        "area": area,
        "account": account,
        "state": becomes[0],
        "label": becomes[1],
        "rows": rows,
        "scopes": words_of(account),
        "urls": {deed: area.url(account, deed) for deed in deeds},
    }
    return render(request, "service_accounts/account.html", context)


def made(request: SignedInRequest, area: Area, account_id: int) -> HttpResponse:
    """Make a key; the page it leads to offers its file."""
    account = account_in(area, account_id, living=True)
    form = NewKeyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        with shown_on(form):
            return _offer(request, area, make_key(actor=Actor.of(request), account=account, **form.cleaned_data))
    context = {"area": area, "account": account, "url": area.url(account), "form": form}
    return render(request, "service_accounts/key_new.html", context, status=422 if form.errors else 200)


def rotated(request: SignedInRequest, area: Area, account_id: int, key_id: int) -> HttpResponse:
    """Make a key in the place of another."""
    key = _key(area, account_id, key_id)
    form = RotateKeyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        with shown_on(form):
            return _offer(request, area, rotate_key(actor=Actor.of(request), key=key, **form.cleaned_data))
    context = {"area": area, "account": key.account, "url": area.url(key.account), "key": key, "form": form}
    return render(request, "service_accounts/key_rotate.html", context, status=422 if form.errors else 200)


def ready(request: SignedInRequest, area: Area, account_id: int) -> HttpResponse:
    """Offer the file of the key that was just made."""
    account = account_in(area, account_id)
    context = {"area": area, "account": account, "url": area.url(account), "file_url": area.url(account, "key_file")}
    return render(request, "service_accounts/key_ready.html", context)


@sensitive_variables("shown", "response")
def downloaded(request: SignedInRequest, area: Area, account_id: int) -> HttpResponse:
    """Give the file, once."""
    account = account_in(area, account_id)
    shown = shown_once.shown(request)
    if shown is None:
        if request.method != "HEAD":  # which takes nothing
            messages.warning(request, _("There is no key to download: it was downloaded, or too much time has passed."))
        return redirect(area.url(account))
    response = HttpResponse(shown["file"], content_type="application/json")
    name = f"{account.email.partition('@')[0]}-{shown['kid'][:8]}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def revoked(request: SignedInRequest, area: Area, account_id: int, key_id: int) -> HttpResponse:
    """Revoke a key."""
    key = _key(area, account_id, key_id)
    with told(request):
        if revoke_key(actor=Actor.of(request), key=key):
            messages.success(request, _("The key is revoked. What was done with it ends with the next call."))
        else:
            messages.info(request, _("This key was revoked already."))
    return redirect(area.url(key.account))


@sensitive_variables("new")
def _offer(request: SignedInRequest, area: Area, new: NewKey) -> HttpResponse:
    account = new.key.account
    secret = {"file": key_file(new, settings.CONSOLE_URL), "kid": new.key.kid}
    return shown_once.show(request, area.url(account, "key_ready"), secret, at=area.url(account, "key_file"))


def _key(area: Area, account_id: int, key_id: int) -> ServiceAccountKey:
    """Return a key of an account of this organisation; 404 for any other."""
    account = account_in(area, account_id, living=True)
    key = keys_of(account).filter(pk=key_id).first()
    if key is None:
        raise Http404
    key.account = account
    return key
