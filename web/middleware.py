"""What holds for every page: nobody keeps it; for anyone who has signed in: time-outs, language, time zone."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _

from accounts import proof
from accounts.actor import Actor
from accounts.console_sessions.inside import LAST_SEEN_PRECISION
from accounts.factors import Duty, Factor, duty_of
from accounts.identity_providers import needs_provider
from accounts.sign_in.events import record_sign_out
from accounts.sign_in.grace import begin_grace
from accounts.sign_in.own_sessions import note_session
from accounts.sign_in.second_step import factor_shown
from accounts.time_zones import zone_of
from web import unsaved

GetResponse = Callable[[HttpRequest], HttpResponse]
SIGNED_IN_AT = proof.SIGNED_IN_AT
LAST_SEEN_AT = "last_seen_at"


def private_pages(get_response: GetResponse) -> GetResponse:
    """Let nobody keep a page: after sign-out the back button asks again, and no proxy answers for us.

    A page that answers a form is the exception: it cannot be asked for again, and with no-store the back button shows
    the browser's own error in its place. It may be shown once more to the same cookies, which sign-out ends
    (docs/decisions/0017-a-refused-form-can-be-gone-back-to.md).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "POST" and _is_page(response):
            response.headers["Cache-Control"] = "private, no-cache"
            patch_vary_headers(response, ["Cookie"])
        else:
            patch_cache_control(response, private=True, no_store=True)
        if request.path == _sign_out_path() and request.method == "POST":
            response.headers["Clear-Site-Data"] = '"cache"'
        return response

    return middleware


def _is_page(response: HttpResponse) -> bool:
    is_html = response.headers.get("Content-Type", "").startswith("text/html")
    return is_html and "Location" not in response.headers and "Content-Disposition" not in response.headers


@cache
def _sign_out_path() -> str:
    return resolve_url("account_logout")


def session_timeouts(get_response: GetResponse) -> GetResponse:
    """Sign out anyone who was idle for SESSION_IDLE_TIMEOUT or signed in for SESSION_ABSOLUTE_TIMEOUT seconds.

    What a page asks for by itself (htmx, GET) keeps no session alive: an open tab is not a person at work.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        now = time.time()
        signed_in_at = request.session.setdefault(SIGNED_IN_AT, now)
        last_seen_at = request.session.setdefault(LAST_SEEN_AT, now)
        if now - signed_in_at > settings.SESSION_ABSOLUTE_TIMEOUT:
            return _end(request, _("You were signed out because you had been signed in for a long time."), get_response)
        if now - last_seen_at > settings.SESSION_IDLE_TIMEOUT:
            return _end(
                request, _("You were signed out because you had not used the console for a while."), get_response
            )
        if now - last_seen_at > LAST_SEEN_PRECISION and not is_background(request):
            request.session[LAST_SEEN_AT] = now
        response = get_response(request)
        unsaved.remember_person(request, response)
        return response

    return middleware


def sessions_seen(get_response: GetResponse) -> GetResponse:
    """Note for the list of a person's sessions which browser asks, from where, and when, to the minute.

    In place of allauth's own middleware, which writes that down again for every request.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.session.session_key:
            note_session(request)
        return get_response(request)

    return middleware


# What is open to people with a temporary password: choosing their own, and leaving. Also the language of the page.
_OPEN_WITH_TEMPORARY_PASSWORD = ("account_change_password", "account_logout", "preferences")


def own_password_first(get_response: GetResponse) -> GetResponse:
    """Keep everything closed to anyone who signed in with a temporary password, until it has chosen its own.

    Whom a provider signed in has used none (P15).

    Asked for every request, from the person that is loaded anyway: no query, and no way around it by an address.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        is_asked = user.is_authenticated and user.must_change_password and proof.BY_PROVIDER not in request.session
        if not is_asked or request.path in _paths_of(_OPEN_WITH_TEMPORARY_PASSWORD):
            return get_response(request)
        return _lead_to("account_change_password", request)

    return middleware


# What is open to people whose grace is over: adding a factor, with the proof that this asks for, and leaving.
_OPEN_WITHOUT_FACTOR: tuple[str, ...] = ("second_factor", "second_factor_app", "passkey_add", "fresh_proof")
_OPEN_WITHOUT_FACTOR += ("account_logout", "preferences")


def second_factor_first(get_response: GetResponse) -> GetResponse:
    """Keep everything closed to people of whom a second factor is required, and whose grace is over (P12).

    Asked for every request, from what the statement says that loads its person: no query, and no way around it by a
    URL. Behind the one above: who has a temporary password chooses their own first.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        duty = _duty(request)
        if duty is None or not duty.is_over or request.path in _paths_of(_OPEN_WITHOUT_FACTOR) or _comes_back(request):
            return get_response(request)
        return _lead_to("second_factor", request)

    return middleware


def _duty(request: HttpRequest) -> Duty | None:
    """Return what the person of a request still has to add, for the page too; with the first one their grace begins."""
    user = request.user
    duty = None
    if user.is_authenticated and (not user.must_change_password or proof.BY_PROVIDER in request.session):
        duty = duty_of(user)
        if duty is not None and factor_shown(request) is Factor.PROVIDER and needs_provider(user):
            duty = None
        if duty is not None and duty.until is None and not duty.is_over:
            begin_grace(actor=None, person=user)
            duty = duty_of(user)
    request.factor_duty = duty  # type: ignore[attr-defined]  # for web/context_processors.py
    return duty


def _comes_back(request: HttpRequest) -> bool:
    """Tell whether a provider sends its answer, which may be the proof that adding a factor asks for (P13)."""
    try:
        return resolve(request.path_info).url_name == "provider_callback"
    except Resolver404:
        return False


def _lead_to(page: str, request: HttpRequest) -> HttpResponse:
    url = resolve_url(page)
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


@cache
def _paths_of(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(resolve_url(name) for name in names)


def _end(request: HttpRequest, reason: str, get_response: GetResponse) -> HttpResponse:
    """Sign out, and lead to the sign-in page, which says why and comes back to where the person was."""
    with transaction.atomic():
        record_sign_out(actor=Actor.of(request))
        logout(request)
    if request.path == resolve_url(settings.LOGIN_URL):
        return get_response(request)
    messages.info(request, reason)
    if "HX-Request" in request.headers and request.method in ("GET", "HEAD"):
        # The whole page, not a piece of it, goes to the sign-in page.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    # A form meets the check of its token and then the guard, which keeps it (web/unsaved.py).
    return get_response(request)


def is_over(session: SessionBase) -> bool:
    """Tell whether the next request of this session would end it."""
    now = time.time()
    signed_in, idle = now - session.get(SIGNED_IN_AT, now), now - session.get(LAST_SEEN_AT, now)
    return bool(signed_in > settings.SESSION_ABSOLUTE_TIMEOUT or idle > settings.SESSION_IDLE_TIMEOUT)


def is_background(request: HttpRequest) -> bool:
    """Tell whether a page asks by itself, as it does while it follows what is under way."""
    return request.method == "GET" and "HX-Request" in request.headers


def preferences(get_response: GetResponse) -> GetResponse:
    """Answer in the person's language and time zone; signed out, in the language of the cookie or the browser."""

    def middleware(request: HttpRequest) -> HttpResponse:
        # The person, in place of Django's stand-in for them, through which a page would look seventy times.
        request.user = user = get_user(request)
        language = (user.language if user.is_authenticated else "") or translation.get_language_from_request(request)
        zone = user.time_zone if user.is_authenticated else settings.TIME_ZONE
        with translation.override(language), timezone.override(zone_of(zone)):
            request.LANGUAGE_CODE = language
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware
