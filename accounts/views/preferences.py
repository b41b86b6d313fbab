from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.forms import PreferencesForm
from accounts.guards import everybody
from accounts.people import save_preferences

LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60  # seconds


@require_POST
@everybody
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep language, theme and time zone of anyone who has signed in; signed out, the language in a cookie."""
    response = HttpResponseRedirect(_back(request))
    form = PreferencesForm(request.POST, stored_zone=getattr(request.user, "time_zone", ""))
    if not form.is_valid():
        messages.error(request, _("This preference does not exist. Nothing was changed."))
        return response
    chosen = {name: value for name, value in form.cleaned_data.items() if value}
    if request.user.is_authenticated:
        save_preferences(person=request.user, **chosen)
    elif "language" in chosen:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen["language"],
            max_age=LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    return response


def _back(request: HttpRequest) -> str:
    url = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    # A path only: Django takes any other text for the name of a page.
    return url if safe and url.startswith("/") else resolve_url(settings.LOGIN_REDIRECT_URL)
