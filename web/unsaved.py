"""What a person sent when their session was over: kept until they have signed in again, then shown, never saved.

The POST passes the check of its CSRF token before the guard sees it, so no other site can put words into a form. It
is kept for the person who signed in at this browser last, encrypted (accounts/keeping.py). Shown again, the view gets
it as a POST in a transaction that is rolled back, and no verb can run: there is no actor (accounts.actor.Actor.of).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts import keeping
from accounts.errors import Refused
from web.requests import SignedInRequest

V = TypeVar("V", bound=Callable[..., HttpResponseBase])
# In the address a person comes back to: something may wait for it. It says neither what nor for whom.
PARAMETER: Final = "unsaved"
_SALT: Final = "accounts.unsaved"  # from where this stood before: cookies were signed with it
# Long enough to find the password, short enough for a browser that was left alone.
_LASTS: Final = timedelta(minutes=30)
# Characters of a form, encoded: ten times the longest text a form takes.
_LONGEST: Final = 200_000
_PAGE: Final = frozenset({200, 409, 422, 429})
_SECRETS: Final = ("password", "secret")


def is_secret(field: str) -> bool:
    """Tell whether what is typed into this field is kept nowhere, and shown by no other page.

    Every field for a password or a secret has the word in its name (tests/reseller_console/test_busy.py).
    """
    return any(word in field.lower() for word in _SECRETS)


def comes_back(view: V) -> V:
    """Mark a view that only takes a form from another page: GET leads there, and what came too late is shown here."""
    cast("Any", view).comes_back = True
    return view


def remember_person(request: HttpRequest, response: HttpResponse) -> None:
    """Leave at this browser who has signed in: a session that is gone does not say whose it was."""
    if not request.user.is_authenticated or _last_person(request) == request.user.pk:
        return
    response.set_signed_cookie(
        settings.LAST_PERSON_COOKIE_NAME,
        str(request.user.pk),
        salt=_SALT,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _last_person(request: HttpRequest) -> int | None:
    said = request.get_signed_cookie(settings.LAST_PERSON_COOKIE_NAME, default="", salt=_SALT)
    return int(said) if said else None


def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Keep a form that came too late, and lead to the sign-in page, which says so and comes back to the form."""
    url, person = page_before(request), _last_person(request)
    match = request.resolver_match
    if urlsplit(url).path != request.path and match and getattr(match.func, "comes_back", False):
        url = request.get_full_path()
    typed = _typed(request)
    is_kept = person is not None and urlsplit(url).path == request.path and 0 < len(typed) <= _LONGEST
    if is_kept:
        url += f"{'&' if '?' in url else '?'}{PARAMETER}=1"
        text = _("Your session has ended, so nothing was saved. Sign in: what you typed will be shown again.")
    else:
        text = _("Your session has ended, so nothing was saved. Sign in and do it again.")
    messages.warning(request, text, fail_silently=True)
    response: HttpResponse = redirect_to_login(url)
    if "HX-Request" in request.headers:
        # The whole page, not a piece of it, goes to the sign-in page.
        response = HttpResponse(status=204, headers={"HX-Redirect": response["Location"]})
    if person is not None and is_kept:
        keeping.keep(request, response, person_id=person, place=_place(request), text=typed, lasts=_LASTS)
    return response


def page_before(request: HttpRequest) -> str:
    """Return the page a form was on: where it was sent to may be no page."""
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
        return request.get_full_path()
    parts = urlsplit(referer)
    return parts._replace(scheme="", netloc="", fragment="").geturl() or "/"


def _typed(request: HttpRequest) -> str:
    typed = request.POST.copy()
    for name in list(typed):
        if name == "csrfmiddlewaretoken" or is_secret(name):
            del typed[name]
    return typed.urlencode()


def _place(request: HttpRequest) -> str:
    return f"unsaved {request.path}"


def may_wait(request: HttpRequest) -> bool:
    """Tell whether the address says that something may wait for its page."""
    return request.method == "GET" and PARAMETER in request.GET


def is_shown_again(request: HttpRequest) -> bool:
    """Tell a view that what it gets came too late: it shows the form as it was left, and does nothing."""
    return bool(getattr(request, "shows_unsaved", False))


def shown_again(request: SignedInRequest, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Answer with the page as it was sent and not saved; with the plain page where nothing waits for it."""
    text = keeping.take(request, person=request.user, place=_place(request))
    if text is None:
        return view()
    response = _tried(request, text, view)
    if response is None:
        return view()  # a button: it is pressed again, or not
    if response.status_code in _PAGE:
        response.status_code = 200
    elif isinstance(response, HttpResponse):
        # Another page comes first, such as entering the console: it waits on.
        keeping.keep(request, response, person_id=request.user.pk, place=_place(request), text=text, lasts=_LASTS)
    return response


def _tried(request: SignedInRequest, text: str, view: Callable[[], HttpResponseBase]) -> HttpResponseBase | None:
    """Let the view answer as to a POST, in a transaction that leaves nothing behind."""
    told = _("Your session had ended, and nothing is saved yet. Look at the page as you left it, then save it again.")
    request.shows_unsaved, request.method, request.POST = True, "POST", QueryDict(text)
    try:
        with transaction.atomic():
            messages.warning(request, told)
            response = view()
            transaction.set_rollback(True)
    except Refused:
        response = None
    finally:
        request.shows_unsaved, request.method, request.POST = False, "GET", QueryDict()
    return response
