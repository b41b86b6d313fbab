"""The page *Single sign-on* of a customer and of a reseller, and what is done there, behind its guard (P15)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.identity_providers import provider_of
from accounts.models import IdentityProvider
from accounts.models.identity_providers import key_of
from accounts.single_sign_on.client import callback_url, discover
from accounts.single_sign_on.recognising import unlink
from accounts.single_sign_on.rules import GONE
from accounts.single_sign_on.setting_up import remove, set_up, switch_off, switch_on
from web.refusals import shown_on, told
from web.requests import SignedInRequest
from web.single_sign_on.area import Area
from web.single_sign_on.forms import ProviderForm, UnlinkForm
from web.single_sign_on.leading import TEST, led_to_provider, too_often


def shown(request: SignedInRequest, area: Area) -> HttpResponseBase:
    """Show whether and how the organisation signs its people in; POST saves a provider whose configuration was found.

    What was typed stays where something is wrong.
    """
    sent = request.POST if request.method == "POST" else None
    form = ProviderForm(sent, provider=provider_of(area.owner))
    if form.is_valid():
        if refused := too_often(request):
            return refused
        with shown_on(form):
            issuer = discover(form.cleaned_data["issuer"])
            set_up(actor=Actor.of(request), organisation=area.owner, **form.cleaned_data | {"issuer": issuer})
            messages.success(request, _("The provider is saved. Now test the sign-in."))
            return redirect(area.list_url)
    return _page(request, area, form, UnlinkForm())


def tested(request: SignedInRequest, area: Area) -> HttpResponseBase:
    """Lead to the provider, from where the admin comes back and can switch it on."""
    if refused := too_often(request):
        return refused
    with told(request):
        address = request.user.email
        return led_to_provider(request, _set_up(area), errand=TEST, address=address, next_url=area.list_url)
    return redirect(area.list_url)


def switched_on(request: SignedInRequest, area: Area) -> HttpResponse:
    """Let the provider sign people in."""
    with told(request):
        if switch_on(actor=Actor.of(request), provider=_set_up(area), seen=request.POST.get("seen", "")):
            messages.success(request, _("Single sign-on is on. People sign in with your provider from now on."))
    return redirect(area.list_url)


def switched_off(request: SignedInRequest, area: Area) -> HttpResponse:
    """Let people sign in by password."""
    with told(request):
        if switch_off(actor=Actor.of(request), provider=_set_up(area)):
            messages.success(request, _("Single sign-on is off. People sign in with a password."))
    return redirect(area.list_url)


def removed(request: SignedInRequest, area: Area) -> HttpResponse:
    """Forget the provider."""
    with told(request):
        remove(actor=Actor.of(request), provider=_set_up(area))
        messages.success(request, _("The provider was removed. People sign in with a password."))
    return redirect(area.list_url)


def unlinked(request: SignedInRequest, area: Area) -> HttpResponse:
    """End the link of one person."""
    form, provider = UnlinkForm(request.POST), provider_of(area.owner)
    if provider is None:
        messages.error(request, GONE)
        return redirect(area.list_url)
    if form.is_valid():
        with shown_on(form):
            unlink(actor=Actor.of(request), provider=provider, address=form.cleaned_data["address"])
            messages.success(request, _("The link was ended. The next sign-in links the person again."))
            return redirect(area.list_url)
    return _page(request, area, ProviderForm(provider=provider), form)


def _set_up(area: Area) -> IdentityProvider:
    provider = provider_of(area.owner)
    if provider is None:
        raise Refused(GONE)
    return provider


def _page(request: SignedInRequest, area: Area, form: ProviderForm, unlink_form: UnlinkForm) -> HttpResponse:
    provider = provider_of(area.owner)
    is_customer = area.is_console
    key = key_of(area.owner.pk if is_customer else None, None if is_customer else area.owner.pk)
    context: dict[str, Any] = {
        "area": area,
        "provider": provider,
        "form": form,
        "unlink_form": unlink_form,
        "wrong": form if form.errors else unlink_form,
        "callback_url": callback_url(request, key),
    }
    return render(
        request, "single_sign_on/single_sign_on.html", context, status=422 if context["wrong"].errors else 200
    )
