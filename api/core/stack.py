"""The small stack in which programs are answered: no session, no cookie, no page, no redirect; every answer is JSON.

A middleware that answers what programs call and lets everything else through to the pages. It stands behind what counts
answers and puts headers on them, and in front of whatever knows people. SCIM has its own (api/scim/stack.py), and so
has the door where tokens are had (api/door/stack.py).
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from api.core.answers import refused, without_body
from api.core.batch import batch, is_batch
from api.core.discovery import discovery, is_discovery
from api.core.dispatcher import answer
from api.core.entrance import require_secure
from api.core.lines import require_readable_lines
from api.core.prefixes import CALLS
from api.core.refusals import error_of


def programs(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer programs here, and everybody else as before."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(CALLS):
            return get_response(request)
        with translation.override("en"):
            return without_body(request, _answered(request))

    return middleware


def _answered(request: HttpRequest) -> HttpResponseBase:
    try:
        require_readable_lines(request)
        request.get_host()
        require_secure(request)
        if is_batch(request.path_info):
            return batch(request)
        if is_discovery(request.path_info):
            return discovery(request)
    except Exception as error:  # noqa: BLE001  nothing gets past here but as an answer in JSON
        return refused(request, error_of(error))
    return answer(request)
