"""The pages *Provisioning* of a customer and of a reseller: what each of them does, behind its guard (P15)."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.debug import sensitive_variables

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.models import ScimToken
from accounts.names import isolated
from accounts.provisioning.tokens import make_scim_token, revoke_scim_token, rotate_scim_token, tokens_of
from web import shown_once
from web.lists.pages import page_of
from web.provisioning.area import Area
from web.provisioning.forms import NewTokenForm
from web.refusals import shown_on, told
from web.requests import SignedInRequest


class Row(NamedTuple):
    """A token, what becomes of it as a chip and in words, and where it is replaced and revoked."""

    token: ScimToken
    state: str
    label: Promise
    replace_url: str
    revoke_url: str


def listed(request: SignedInRequest, area: Area) -> HttpResponse:
    """List the tokens of an organisation, the newest first, and say what the provider is told."""
    found = page_of(request, tokens_of(area.owner).select_related("made_by"), "scim tokens")
    now = database_now()
    rows = []
    for token in found.rows:
        if token.revoked_at:
            state, label = "closed", pgettext_lazy("token", "Revoked")
        elif token.expires_at <= now:
            state, label = "closed", pgettext_lazy("token", "Expired")
        else:
            state, label = "open", pgettext_lazy("token", "Active")
        rows.append(Row(token, state, label, area.url(token, "replace"), area.url(token, "revoke")))
    return render(request, "provisioning/tokens.html", {"area": area, "rows": rows, "pager": found.pager})


def made(request: SignedInRequest, area: Area) -> HttpResponse:
    """Make a token; the page it leads to shows it once."""
    form = NewTokenForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        with shown_on(form):
            code = make_scim_token(actor=Actor.of(request), organisation=area.owner, **form.cleaned_data)
            return _show(request, area, code, form.cleaned_data["name"])
    return render(request, "provisioning/new.html", {"area": area, "form": form}, status=422 if form.errors else 200)


@sensitive_variables("shown")
def shown(request: SignedInRequest, area: Area) -> HttpResponse:
    """Show the token that was just made, once."""
    return render(request, "provisioning/token.html", {"area": area, "shown": shown_once.shown(request)})


def replaced(request: SignedInRequest, area: Area, token_id: int) -> HttpResponse:
    """Replace a token; the page it leads to shows the new one once."""
    token = _token(area, token_id)
    with told(request):
        code = rotate_scim_token(actor=Actor.of(request), token=token)
        return _show(request, area, code, token.name)
    return redirect(area.list_url)


def revoked(request: SignedInRequest, area: Area, token_id: int) -> HttpResponse:
    """Revoke a token."""
    token = _token(area, token_id)
    with told(request):
        if revoke_scim_token(actor=Actor.of(request), token=token):
            done = _("%(token)s is revoked. What uses it changes nothing any more.")
            messages.success(request, done % {"token": isolated(token.name)})
        else:
            messages.info(request, _("This token was revoked already."))
    return redirect(area.list_url)


@sensitive_variables("code")
def _show(request: SignedInRequest, area: Area, code: str, name: str) -> HttpResponse:
    return shown_once.show(request, area.shown_url, {"code": code, "name": name})


def _token(area: Area, token_id: int) -> ScimToken:
    """Return a token of this organisation; 404 for any other."""
    token = tokens_of(area.owner).select_related("customer", "reseller").filter(pk=token_id).first()
    if token is None:
        raise Http404
    return token
