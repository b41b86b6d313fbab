"""A secret that a page shows once, such as a temporary password: reloading the page shows and repeats nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect

from accounts.keeping import keep, take
from web.requests import SignedInRequest

# How long a secret waits for the page that shows it: the browser goes there at once.
_SHOWN_WITHIN: Final = timedelta(minutes=5)


class SeeOther(HttpResponseRedirect):
    """The answer to a POST that leads to a page of its own."""

    status_code = 303


def show(request: SignedInRequest, url: str, secret: dict[str, Any], *, at: str = "") -> HttpResponse:
    """Lead to the page at `url`, which shows a secret once: reloading it repeats nothing and shows nothing.

    at: the URL that shows it in the place of that page, which leads there.
    """
    response = SeeOther(url)
    keep(request, response, person_id=request.user.pk, place=at or url, text=json.dumps(secret), lasts=_SHOWN_WITHIN)
    return response


def shown(request: SignedInRequest) -> dict[str, Any] | None:
    """Return the secret that this page shows; None where it was shown, or waited for too long."""
    if request.method == "HEAD":
        return None
    text = take(request, person=request.user, place=request.path)
    return None if text is None else json.loads(text)
