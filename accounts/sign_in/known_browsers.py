"""Browsers in which a person has signed in before: who guesses passwords elsewhere does not lock those out (P14).

A signed cookie names the person. It opens nothing: it only says by which counter a wrong password is counted.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.domains import canonical_email
from accounts.models import User

LIFETIME: Final = timedelta(days=180)
# People of one browser who are remembered: a shared computer, or someone with several accounts.
PEOPLE_AT_MOST: Final = 5
_BETWEEN: Final = "|"
# How the names of browsers begin that know a person by a link alone.
_BY_LINK: Final = "link-"


def remember(request: HttpRequest, response: HttpResponseBase, person: User, *, by_link: bool = False) -> None:
    """Let this browser count as one of this person's from now on. Part of an answer after a full sign-in.

    by_link: after a link for a password was used in it; then it has shown no second factor.
    """
    browser = _browser(request, person)
    if browser is None or (browser.startswith(_BY_LINK) and not by_link):
        browser = (_BY_LINK if by_link else "") + secrets.token_urlsafe(12)
    others = [entry for entry in _entries(request) if _opened(entry, person) is None]
    newest = _signer(person).sign(f"{person.pk}.{browser}")
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        _BETWEEN.join([newest, *others][:PEOPLE_AT_MOST]),
        max_age=LIFETIME,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def counter_at(request: HttpRequest, typed: str) -> str | None:
    """Name the counter of this browser for the person with an address; None where it does not know them.

    An address that nobody has costs the same work.
    """
    if not _entries(request):
        return None
    try:
        person = User.objects.filter(addresses__email=canonical_email(typed)).first()
    except ValidationError:
        return None
    browser = _browser(request, person or User())
    return f"{person.pk}.{browser}" if person and browser else None


def counter_of_codes_at(request: HttpRequest, person: User) -> str | None:
    """Name the counter of this browser for codes; None where it does not know the person, or by a link alone.

    Each link makes a browser known: with a counter for each, the codes of a second factor could be guessed.
    """
    counter = counter_at(request, person.email)
    return None if counter is None or counter.startswith(f"{person.pk}.{_BY_LINK}") else counter


def _browser(request: HttpRequest, person: User) -> str | None:
    found = (_opened(entry, person) for entry in _entries(request))
    return next((browser for browser in found if browser is not None), None)


def _entries(request: HttpRequest) -> list[str]:
    cookie = request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, "")
    return [entry for entry in cookie.split(_BETWEEN)[:PEOPLE_AT_MOST] if entry]


def _opened(entry: str, person: User) -> str | None:
    """Return the name of the browser in an entry that is about this person as they are now; None otherwise."""
    try:
        pk, _dot, browser = _signer(person).unsign(entry, max_age=LIFETIME).partition(".")
    except BadSignature:
        return None
    return browser if pk == str(person.pk) else None


def _signer(person: User) -> TimestampSigner:
    """Sign for one person and one password of theirs: another password ends every entry."""
    return TimestampSigner(salt=f"known browser {person.pk} {person.password}")
