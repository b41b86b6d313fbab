"""What no line of the log may hold: what opens something, and what the database says of a row.

Two ways. What looks like a secret is cut off; and so is what this request has brought along that opens something,
however it looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, QueryDict

from reseller_console.requests import answering

CUT: Final = "-"
# Fields of forms and arguments of URLs that hold a secret. A part of the name is enough.
_SECRET_NAME: Final = re.compile(r"password|token|secret|^key$|^code$", re.IGNORECASE)
# Shorter ones are no secrets, and every line would be full of gaps.
_SHORTEST: Final = 4
# Characters of a line that are looked through; what is longer is cut off.
_LONGEST: Final = 50_000

_LOOKS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # deploy/nginx.conf leaves the same out of the front's lines.
        (r"(/accounts/password/reset/key/|/support/verify/)[^/\s'\"]+", rf"\1{CUT}"),
        (r"\b((?:proxy-)?authorization|set-cookie|cookie)(['\"]?\s*[:=]\s*)[^\r\n]+", rf"\1\2{CUT}"),
        (r"\b(bearer|basic)\s+[\w.~+/=-]+", rf"\1 {CUT}"),
        # Nothing is tried twice (`*+`, `++`): a long text that repeats a word must not keep the web server busy.
        (r"((?:password|passwd|token|secret|sessionid)\w*+['\"]?+\s*+[:=]\s*+)['\"]?[^\s'\",;&)}\]]+", rf"\1{CUT}"),
        (r"(://[^\s:/@]*+:)[^\s/@]++@", rf"\1{CUT}@"),
        (r"\bargon2\$[^\s'\"]+", CUT),
        # The values of a row that PostgreSQL refused.
        (r"(DETAIL: +)[^\n]+", rf"\1{CUT}"),
    )
)


def without_secrets(text: str) -> str:
    """Return a text of the log without what opens something."""
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    found = answering()
    for secret in sorted(set(_brought(found.request)), key=len, reverse=True) if found else ():
        text = text.replace(secret, CUT)
    for looks, replacement in _LOOKS:
        text = looks.sub(replacement, text)
    return text


def _our_cookies() -> tuple[str, ...]:
    names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
    return (*names, settings.KNOWN_BROWSER_COOKIE_NAME, settings.LAST_PERSON_COOKIE_NAME, settings.KEPT_COOKIE_NAME)


def _brought(request: HttpRequest) -> Iterator[str]:
    return (value for value in map(str, _values(request)) if len(value) >= _SHORTEST)


def _values(request: HttpRequest) -> Iterator[Any]:
    """Yield what a request has brought along; a form only where it has been read: a line in the log reads nothing."""
    # Ours alone: others could name words that are then missing in the line.
    yield from (request.COOKIES.get(name, "") for name in _our_cookies())
    authorization = request.headers.get("Authorization", "")
    yield from (authorization, authorization.partition(" ")[2])
    session = getattr(request, "session", None)
    if session is not None:
        yield session.session_key or ""
    posted = request.__dict__.get("_post")
    for form in (request.GET, posted) if isinstance(posted, QueryDict) else (request.GET,):
        yield from (value for name in form if _SECRET_NAME.search(name) for value in form.getlist(name))
    if request.resolver_match:
        yield from (value for name, value in request.resolver_match.kwargs.items() if _SECRET_NAME.search(name))
