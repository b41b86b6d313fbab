"""To the identity provider of an organisation, and back: to sign in, to prove oneself again, to test it (P13, P15)."""

from __future__ import annotations

from typing import Final, cast
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from accounts.console_sessions.browser_sessions import renew_key
from accounts.errors import Refused
from accounts.factors import has_factor
from accounts.models import User
from accounts.proof import note_proof
from accounts.sign_in import events
from accounts.sign_in.second_step import note_provider
from accounts.single_sign_on.client import SKEW, Over, Return, come_back
from accounts.single_sign_on.recognising import linked_with, recognise
from accounts.single_sign_on.setting_up import record_test
from web.fresh_proof import onward_to
from web.guards import everybody
from web.refusals import told
from web.requests import SignedInRequest
from web.single_sign_on.leading import SIGN_IN, TEST, failed

_COUNTED: Final = "provider_came_back"  # how settings.py calls the limit


@require_safe
@everybody
@never_cache
def provider_callback(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Take the answer of the provider whose URL this is."""
    refused: HttpResponse | None = ratelimit.consume_or_429(
        request, app="allauth.account", action=_COUNTED, limit_get=True
    )
    if refused is not None:
        return refused
    try:
        came = come_back(request, str(key))
        if came.errand == SIGN_IN:
            return _signed_in(request, came)
        if not request.user.is_authenticated or request.user.pk != came.said["person"]:
            raise Over
        known = cast("SignedInRequest", request)
        return _tested(known, came) if came.errand == TEST else _proved(known, came)
    except Over as over:
        messages.error(request, over.message)
        return redirect("home" if request.user.is_authenticated else "account_login")
    except Refused as wrong:
        return failed(request, wrong)


def _signed_in(request: HttpRequest, came: Return) -> HttpResponseBase:
    """Begin a session of the person, unless their own second factor is still to come (P12)."""
    adapter, identity = get_adapter(), came.identity
    ip_address = adapter.get_client_ip(request)
    try:
        person = recognise(actor=None, provider=came.provider, identity=identity, ip_address=ip_address)
    except Refused:
        if identity.address:
            events.count_failed_sign_in(identity.address, ip_address)
        raise
    if request.user.is_authenticated:
        adapter.logout(request)
    note_provider(
        request,
        person,
        provider=came.provider.key,
        showed_factor=identity.showed_factor,
        at=identity.authenticated_at,
    )
    answer: HttpResponseBase = perform_login(request, Login(user=person, redirect_url=came.said["next"]))
    return answer


def _proved(request: SignedInRequest, came: Return) -> HttpResponse:
    """Take that the provider asked the person just now who they are (P13), and go on with what waits for it."""
    waiting = came.said["waiting"]
    with told(request):
        asked_at = _proof(request.user, came)
        renew_key(request.session)
        note_proof(request.session, asked_at)
        return redirect(onward_to(request, waiting) or "home")
    return redirect(f"{reverse('fresh_proof')}?{urlencode({'for': waiting})}")


def _proof(person: User, came: Return) -> float:
    """Return when the provider asked this very person who they are: after they were sent there. Raises Refused."""
    identity, linked = came.identity, linked_with(came.provider, came.identity)
    if not came.provider.is_on or linked is None or linked.pk != person.pk:
        raise Refused(_("The provider signed in another person. Confirm there as yourself."))
    if identity.authenticated_at is None or identity.authenticated_at < came.said["began_at"] - SKEW:
        raise Refused(_("The provider did not ask you who you are, or does not say when it did."))
    if has_factor(person) and not identity.showed_factor:
        raise Refused(_("The provider did not ask you for a second factor. Use your own here."))
    return identity.authenticated_at


def _tested(request: SignedInRequest, came: Return) -> HttpResponse:
    """Write that the test of an admin succeeded, or say why not, on the page where it began."""
    with told(request):
        record_test(actor=Actor.of(request), provider=came.provider, identity=came.identity)
        messages.success(request, _("The test succeeded. Single sign-on can be switched on now."))
    return redirect(came.said["next"] or "home")
