"""The small stack in which programs are answered: no session, no cookie, no redirect, every answer JSON (RFC 7644).

A middleware that answers what begins with /scim/ and lets everything else through to the pages. It stands behind what
counts answers and puts headers on them, and in front of whatever knows people.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import translation
from scim2_models import NotFoundException

from api.scim.answers import refused
from api.scim.guard import require_secure
from api.scim.reading import require_readable_lines

_PREFIX: Final = "/scim/"


def programs(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer programs here, and everybody else as before."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(_PREFIX):
            return get_response(request)
        with translation.override("en"):
            return _answered(request)

    return middleware


def _answered(request: HttpRequest) -> HttpResponse:
    try:
        require_readable_lines(request)
        request.get_host()
        require_secure(request)
        try:
            match = resolve(request.path_info)
        except Resolver404 as error:
            raise NotFoundException(detail="There is no such endpoint") from error
        request.resolver_match = match
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except Exception as error:  # noqa: BLE001  nothing gets past here but as an answer in SCIM's form
        return refused(error)
    return response
