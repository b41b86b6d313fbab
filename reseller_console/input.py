"""What may arrive at all: one place refuses what nobody can have typed, before anything reads it.

A NUL cannot be stored, and text in another encoding than that of our pages is not what was typed. No browser that
shows our pages sends either, and each would be an error of the server further in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.http import parse_header_parameters

GetResponse = Callable[[HttpRequest], HttpResponse]
FORM = "application/x-www-form-urlencoded"


class Request(WSGIRequest):
    """A request that is read as UTF-8, whatever character set it claims to be in.

    Django reads the query with that one, before any middleware is asked: `charset=hex` was an error of the server.
    What claims another one is refused by who reads it: below, and in the stacks of what programs call.
    """

    def _set_content_type_params(self, meta: Mapping[str, Any]) -> None:
        """Set content_type and content_params, and leave the encoding as it is."""
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


def readable(handler: WSGIHandler) -> WSGIHandler:
    """Let a handler read its requests as UTF-8."""
    handler.request_class = Request
    return handler


def refuse_unreadable_lines(get_response: GetResponse) -> GetResponse:
    """Answer 400 to a URL, a header or a cookie with NUL or with bytes that are no text, before anything reads it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.content_params and request.content_params.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
            raise BadRequest("The character set is not UTF-8.")
        headers = [value for name, value in request.META.items() if name.startswith("HTTP_")]
        _require_readable_query(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"))
        _require_no_nul([request.path_info, *headers, *request.COOKIES, *request.COOKIES.values()])
        return get_response(request)

    return middleware


def refuse_unreadable_forms(get_response: GetResponse) -> GetResponse:
    """Answer 400 to a form with NUL or with bytes that are no text. Behind the session, for which uploads ask."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            try:
                if request.content_type == FORM:
                    _require_readable_query(request.body)
                _require_no_nul(_typed(request))
            except UnreadablePostError as error:
                raise BadRequest("The request ended before its form did.") from error
        return get_response(request)

    return middleware


def _typed(request: HttpRequest) -> Iterator[str]:
    for name, values in request.POST.lists():
        yield from [name, *map(str, values)]
    # Names of fields; of the name of a file itself Django has taken out what cannot be printed.
    yield from request.FILES


def _require_readable_query(raw: bytes) -> None:
    """raw: names and values as they arrive, percent-encoded."""
    typed = unquote_to_bytes(raw)
    _require_utf8(typed)
    if b"\0" in typed:
        raise BadRequest("NUL cannot be typed.")


def _require_utf8(raw: bytes) -> None:
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("This is no text in UTF-8.") from error


def _require_no_nul(texts: Iterable[Any]) -> None:
    if any("\0" in str(text) for text in texts):
        raise BadRequest("NUL cannot be typed.")
