from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.directory.people import save_list_choice, save_preferences
from web.guards import everybody, sign_in_first, signed_in
from web.lists.choices import LISTS, ListChoiceForm
from web.personal.forms import PreferencesForm
from web.requests import SignedInRequest
from web.unsaved import comes_back, is_shown_again

LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60  # seconds
# What only the menu of a person who has signed in sends: the sign-in page has buttons for the language alone.
OF_A_PERSON = {"theme", "time_zone"}


@comes_back
@require_http_methods(["GET", "HEAD", "POST"])
@everybody
def preferences(request: HttpRequest) -> HttpResponseBase:
    """Keep language, theme and time zone of anyone who has signed in; signed out, the language in a cookie."""
    if request.method == "POST" and not request.user.is_authenticated and not OF_A_PERSON & set(request.POST):
        return _keep_language(request)
    return _of_person(request)


def _save(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("home")
    form = PreferencesForm(request.POST, stored_zone=request.user.time_zone)
    if is_shown_again(request):
        return render(request, "personal/preferences.html", {"form": form})
    if form.is_valid():
        save_preferences(person=request.user, **form.chosen())
    else:
        _say_that_it_does_not_exist(request)
    return HttpResponseRedirect(_back(request))


_of_person = sign_in_first(_save)


@require_POST
@signed_in
def list_choice(request: SignedInRequest, list_name: str) -> HttpResponse:
    """Keep which columns and how many rows a person wants to see in a list."""
    if list_name not in LISTS:
        raise Http404
    form = ListChoiceForm(request.POST)
    if form.is_valid():
        chosen = form.cleaned_data
        save_list_choice(person=request.user, list_name=list_name, size=chosen["size"], columns=chosen["column"])
    else:
        _say_that_it_does_not_exist(request)
    return HttpResponseRedirect(_back(request))


def _keep_language(request: HttpRequest) -> HttpResponse:
    response = HttpResponseRedirect(_back(request))
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        _say_that_it_does_not_exist(request)
    elif language := form.chosen().get("language"):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    return response


def _say_that_it_does_not_exist(request: HttpRequest) -> None:
    messages.error(request, _("This preference does not exist. Nothing was changed."))


def _back(request: HttpRequest) -> str:
    url = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    # A path only: Django takes any other text for the name of a page.
    return url if safe and url.startswith("/") else resolve_url(settings.LOGIN_REDIRECT_URL)
