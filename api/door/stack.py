"""The small stack in which the door answers: no session, no cookie, no redirect, every answer JSON.

It stands where api/core/stack.py does: behind what counts answers, in front of whatever knows people.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import translation

from api.core.prefixes import DOOR
from api.door.answers import OAuthError, refused
from api.door.reading import require_readable


def door(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer machines at the door here, and everybody else as before."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(DOOR):
            return get_response(request)
        with translation.override("en"):
            return _answered(request)

    return middleware


def _answered(request: HttpRequest) -> HttpResponse:
    try:
        request.get_host()
        require_readable(request)
        try:
            match = resolve(request.path_info)
        except Resolver404 as error:
            raise OAuthError(404, "not_found", "There is no such endpoint.") from error
        request.resolver_match = match
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except Exception as error:  # noqa: BLE001  nothing gets past here but as an answer in the door's form
        return refused(error)
    return response
